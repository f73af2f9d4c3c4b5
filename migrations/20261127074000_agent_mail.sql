-- Agents who want mail: where to, about what, and each mail as it was written.

alter table agent
    add column mail text,
    add column notify_new boolean not null default false,
    add column notify_follow_ups text not null default 'none'
        constraint agent_notify_follow_ups_known check (notify_follow_ups in ('none', 'mine', 'queues'));
comment on column agent.mail is 'Where mail goes that they want; an admin set it';
comment on column agent.notify_new is 'Whether they get mail about new tickets of their queues';
comment on column agent.notify_follow_ups is 'About whose tickets'' follow-ups they get mail';

create table agent_mail (
    agent_mail_id bigint generated always as identity primary key,
    agent_id bigint not null references agent,
    ticket_id bigint not null references ticket,
    article_id bigint not null references article,
    queue_id bigint not null references queue,
    recipient text not null,
    bytes bytea,
    dot_at timestamptz,
    outcome text constraint agent_mail_outcome_known check (outcome in ('sent', 'unknown', 'failed')),
    created_at timestamptz not null,
    constraint agent_mail_once unique (article_id, agent_id),
    -- Its bytes are needed until it is done.
    constraint agent_mail_bytes check ((bytes is null) = (outcome is not null))
);
create index agent_mail_by_agent on agent_mail (agent_id, created_at);
create index agent_mail_by_ticket on agent_mail (ticket_id);
comment on table agent_mail is 'Mails that tell agents of customers'' mails; what comes back to one is an internal note';
comment on column agent_mail.agent_mail_id is 'Row id; the signed reply address names it';
comment on column agent_mail.agent_id is 'Who gets it';
comment on column agent_mail.ticket_id is 'What it is about';
comment on column agent_mail.article_id is 'The article that it tells of';
comment on column agent_mail.queue_id is 'The queue whose account sends it';
comment on column agent_mail.recipient is 'Where it goes';
comment on column agent_mail.bytes is 'The frozen mail; null once it is done';
comment on column agent_mail.dot_at is 'When the final dot was about to be written: then it is not sent again';
comment on column agent_mail.outcome is 'What became of it; null: it waits';
comment on column agent_mail.created_at is 'When it was written';
