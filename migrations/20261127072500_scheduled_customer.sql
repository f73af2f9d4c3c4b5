-- An answer that waits is for whom its ticket was for when it was written.
alter table scheduled_answer add column customer_id bigint references customer;
update scheduled_answer set customer_id = ticket.customer_id from ticket where ticket.ticket_id = scheduled_answer.ticket_id;
alter table scheduled_answer alter column customer_id set not null;
comment on column scheduled_answer.customer_id is 'Whom the ticket was for when it was written, or changed last: another customer stops it';
