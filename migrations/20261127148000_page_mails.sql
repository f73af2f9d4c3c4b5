-- Mails that lead customers to a list of their tickets.

create table page_mail (
    page_mail_id bigint generated always as identity primary key,
    customer_id bigint not null references customer,
    queue_id bigint not null references queue,
    bytes bytea,
    dot_at timestamptz,
    outcome text constraint page_mail_outcome_known check (outcome in ('sent', 'unknown', 'failed')),
    created_at timestamptz not null,
    -- Its bytes are needed until it is done.
    constraint page_mail_bytes check ((bytes is null) = (outcome is not null))
);
create index page_mail_by_age on page_mail (created_at);
create index page_mail_by_customer on page_mail (customer_id);
comment on table page_mail is 'Mails with a link to the list of a customer''s tickets; kept for two days';
comment on column page_mail.page_mail_id is 'Row id; the signed link names it';
comment on column page_mail.customer_id is 'Who gets it, and whose tickets the link lists';
comment on column page_mail.queue_id is 'The queue whose account sends it, and in whose language the list is';
comment on column page_mail.bytes is 'The frozen mail; null once it is done';
comment on column page_mail.dot_at is 'When the final dot was about to be written: then it is not sent again';
comment on column page_mail.outcome is 'What became of it; null: it waits';
comment on column page_mail.created_at is 'When it was written; its link is good for an hour';
