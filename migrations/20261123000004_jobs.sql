-- Everything that is still to be done: read what came in, deliver what goes out, act when it is time.

create table job (
    job_id bigint generated always as identity primary key,
    key uuid not null default gen_random_uuid(),
    class text not null check (class in ('desk', 'chat', 'mail')),
    kind text not null,
    payload jsonb not null,
    lane text not null,
    run_at timestamptz not null default now(),
    attempts integer not null default 0,
    lease uuid,
    leased_until timestamptz,
    state text not null default 'ready' check (state in ('ready', 'dead')),
    last_error text,
    created_at timestamptz not null default now()
);
comment on table job is 'Work to do. Eligible: ready, due, not leased (or the lease ran out), and first of its lane; done jobs are deleted';
comment on column job.job_id is 'Row id; the order within a lane';
comment on column job.key is 'The Matrix transaction id: the same at every attempt';
comment on column job.class is 'desk (PostgreSQL only), chat (Matrix), mail (SMTP): each has workers of its own, so that a stuck server holds up only its own kind';
comment on column job.kind is 'What to do';
comment on column job.payload is 'With what: ids only';
comment on column job.lane is 'Jobs of one lane run one after the other, in order of their ids';
comment on column job.run_at is 'Not before';
comment on column job.attempts is 'How often it was leased';
comment on column job.lease is 'Who has it: a random token, checked by every later write';
comment on column job.leased_until is 'Until when';
comment on column job.state is 'ready, or dead: given up, shown, and retried by hand';
comment on column job.last_error is 'Why the last attempt failed';
comment on column job.created_at is 'When';
create index job_due on job (class, job_id) where state = 'ready';
create index job_lane on job (lane, job_id) where state = 'ready';
-- Many changes of a ticket, one edit of its card.
create unique index job_one_card on job (lane) where kind = 'Card' and state = 'ready' and attempts = 0;
