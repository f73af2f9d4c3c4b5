-- What a record of a million articles needs, and what was read back from sentences.

-- The ways of edits, redactions, references and answers.
create index article_by_event on article (event_id) where event_id is not null;
create index message_ref_by_ticket on message_ref (ticket_id, article_id);
create index message_ref_by_article on message_ref (article_id);
create index event_ref_by_ticket on event_ref (ticket_id);
create index event_ref_by_article on event_ref (article_id) where article_id is not null;
create index participant_by_customer on participant (customer_id);

-- Lists: by queue in the order in which they are shown.
drop index ticket_by_queue;
create index ticket_open on ticket (queue_id, priority desc, ticket_id)
    where state not in ('closed successful', 'closed unsuccessful', 'merged', 'removed');
drop index ticket_by_customer;
create index ticket_by_customer on ticket (customer_id, created_at);

-- Open quarantine entries: the list of a queue, and the one that takes in more of its kind.
create index quarantine_open on quarantine (queue_id, quarantine_id) where outcome is null;
create index quarantine_collapse on quarantine (queue_id, collapse_key, quarantine_id) where outcome is null;

create table quarantine_ticket (
    quarantine_id bigint not null references quarantine,
    ticket_id bigint not null references ticket,
    primary key (quarantine_id, ticket_id)
);
comment on table quarantine_ticket is 'The tickets that the mails behind a quarantine entry are in since an agent decided';
comment on column quarantine_ticket.quarantine_id is 'The entry';
comment on column quarantine_ticket.ticket_id is 'A ticket';
create index quarantine_ticket_by_ticket on quarantine_ticket (ticket_id);
comment on column quarantine.outcome is 'What an agent decided, in words; null: nothing yet. Shown as long as no mail behind it is in a ticket';

-- Hashed once, when it is written: the same file of a ticket is uploaded once.
alter table attachment add column digest bytea not null generated always as (sha256(bytes)) stored;
comment on column attachment.digest is 'SHA-256 of the file';

alter table letter add column cause_id bigint references article;
comment on column letter.cause_id is 'The article whose mail made the desk write it by itself; null for answers';
create index letter_by_cause on letter (cause_id) where cause_id is not null;
