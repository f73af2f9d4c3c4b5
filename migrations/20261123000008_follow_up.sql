-- What becomes of a customer's mail to a closed ticket, whom to believe, and in what words a queue writes.

alter table queue add column closed_follow_up text not null default 'reopen'
    check (closed_follow_up in ('reopen', 'reject', 'new'));
comment on column queue.closed_follow_up is 'A customer''s mail to a closed ticket: reopen it; reject (it is filed, the ticket stays closed, the customer is told); or new (a linked ticket)';
alter table queue add column grace interval not null default '3 days' check (grace >= '0');
comment on column queue.grace is 'For so long after a closing, a mere thank-you is filed without opening the ticket again; zero: never';
alter table queue add column salutation text not null default '';
comment on column queue.salutation is 'Stands above every answer; {name} is the customer''s name; empty for none';

alter table mail_in add column authenticated text check (authenticated in ('pass', 'fail'));
comment on column mail_in.authenticated is 'What the mail server of the house found of the sender''s domain (Authentication-Results); null: nothing, or nobody to believe';

create table ticket_link (
    ticket_id bigint not null references ticket,
    other_id bigint not null references ticket,
    primary key (ticket_id, other_id),
    check (ticket_id <> other_id)
);
comment on table ticket_link is 'Tickets that have to do with each other';
comment on column ticket_link.ticket_id is 'The younger one';
comment on column ticket_link.other_id is 'The older one';
create index ticket_link_other on ticket_link (other_id);
alter table queue add column quotes boolean not null default false;
comment on column queue.quotes is 'Whether an answer quotes below itself the customer''s newest mail';
alter table queue add column acknowledgement text not null default '';
comment on column queue.acknowledgement is 'The acknowledgement in the queue''s own words, its first line the subject; {number} and {queue} are filled in; empty: the desk''s own';
alter table queue add column rejection text not null default '';
comment on column queue.rejection is 'Likewise what a customer gets to read who writes to a closed ticket that stays closed';
