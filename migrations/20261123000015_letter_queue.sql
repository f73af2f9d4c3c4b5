-- A letter goes out through the account of the queue whose address it bears, wherever its ticket is by then.
alter table letter add column queue_id bigint references queue;
update letter set queue_id = ticket.queue_id from ticket where ticket.ticket_id = letter.ticket_id;
alter table letter alter column queue_id set not null;
comment on column letter.queue_id is 'The queue whose address it bears, and through whose account it goes out';
