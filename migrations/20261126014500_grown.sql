-- What a record of a million articles showed.

-- Lists count the unlocked tickets without looking at the tickets themselves.
drop index ticket_open;
create index ticket_open on ticket (queue_id, priority desc, ticket_id) include (owner_id)
    where state not in ('closed successful', 'closed unsuccessful', 'merged', 'removed');

-- What was begun and is not done: few of the jobs, and asked for whenever somebody answers what nobody knows.
create index job_begun on job (kind) where attempts > 0;

-- No statement asked for it, and every mail paid for it.
drop index mail_in_received;

-- The mails behind an entry come in pages, in their order.
drop index mail_in_quarantine;
create index mail_in_quarantine on mail_in (quarantine_id, mail_id) where quarantine_id is not null;

comment on table ticket is 'A ticket as it is now; how it came to be so is in ticket_event';
