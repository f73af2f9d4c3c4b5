-- Rules, and what they wrote down, go by the clock of their transaction.

comment on column ticket_event.at is 'When: the instant of the transaction, by the clock of the instance that wrote it';
