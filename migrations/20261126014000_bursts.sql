-- What somebody took away in Matrix is not put there again behind their back.
alter table projection add column taken_away boolean not null default false;
comment on column projection.taken_away is 'Whether somebody else took the message away: then it is neither edited nor sent again';

-- How much came of somebody lately, and of people who take no part.
create index article_lately on article (customer_id, created_at) where kind = 'mail' and customer_id is not null;
create index article_held_lately on article (created_at) where visibility = 'held';

create table unknown_message (
    message_id text not null,
    ticket_id bigint not null references ticket,
    primary key (message_id, ticket_id)
);
comment on table unknown_message is 'Mails that the desk does not have, and that a ticket''s mails answer: what answers the same one belongs there, too';
comment on column unknown_message.message_id is 'Its Message-ID, without angle brackets';
comment on column unknown_message.ticket_id is 'The ticket';
create index unknown_message_by_ticket on unknown_message (ticket_id);
