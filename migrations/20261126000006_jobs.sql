-- Everything that is still to be done: read what came in, deliver what goes out, act when it is time.
-- A lane is a row: at most one lease each, by its one column; only lanes are searched for work, never the jobs behind their heads.

create table lane (
    lane_id bigint generated always as identity primary key,
    name text not null unique,
    class text not null check (class in ('intake', 'command', 'chat', 'mail')),
    rank smallint not null default 0 check (rank in (0, 1)),
    due timestamptz not null default now(),
    lease uuid,
    version bigint not null default 1
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);
comment on table lane is 'Jobs that are done one after the other, in the order of their commits. A row stands here as long as its lane has jobs';
comment on column lane.lane_id is 'Row id';
comment on column lane.name is 'What it is the lane of, such as ticket:17';
comment on column lane.class is 'Who works on it: intake (mails that came in), command (events that came in), chat (Matrix), mail (SMTP). Each class has workers of its own, so that a stuck server holds up only its own kind';
comment on column lane.rank is '0: somebody waits for it; 1: it comes after all that, such as what an archive brings';
comment on column lane.due is 'When a worker may take it: when its first job is to be done or tried again; of a leased lane, when the lease ends';
comment on column lane.lease is 'Who has it: the instance''s number and a random rest, checked by every later write; null if nobody has';
comment on column lane.version is 'How often jobs were put into it, so that whoever found it empty removes it only if it still is';
create index lane_due on lane (class, rank, due, lane_id);
create index lane_leased on lane (lane_id) where lease is not null;

create table job (
    job_id bigint generated always as identity primary key,
    lane_id bigint not null references lane,
    key uuid not null default gen_random_uuid(),
    kind text not null,
    payload jsonb not null,
    merges boolean not null default false,
    run_at timestamptz not null default now(),
    attempts integer not null default 0,
    failures integer not null default 0,
    last_error text,
    created_at timestamptz not null default now()
);
comment on table job is 'Work to do; what is done is deleted, what is given up moves to dead_job';
comment on column job.job_id is 'Row id; the order within a lane';
comment on column job.lane_id is 'The lane it waits in';
comment on column job.key is 'The Matrix transaction id: the same at every attempt';
comment on column job.kind is 'What to do';
comment on column job.payload is 'With what: ids only';
comment on column job.merges is 'Whether it stands for a later one of its kind in its lane as long as nobody has begun it, such as a card''s edit';
comment on column job.run_at is 'When it was first to be done';
comment on column job.attempts is 'How often it was begun';
comment on column job.failures is 'How many of these attempts failed while others of its class went well; at its kind''s limit it is given up';
comment on column job.last_error is 'Why the last attempt failed';
comment on column job.created_at is 'When it was put here';
create index job_lane on job (lane_id, job_id);
-- Many changes of a ticket or of a quarantine entry, one edit.
create unique index job_merges on job (lane_id, kind) where merges and attempts = 0;
-- What was begun and is not done: few of the jobs, and asked for whenever somebody answers what nobody knows.
create index job_begun on job (kind) where attempts > 0;

create table dead_job (
    job_id bigint primary key,
    key uuid not null,
    kind text not null,
    payload jsonb not null,
    lane text not null,
    class text not null,
    attempts integer not null,
    error text,
    created_at timestamptz not null,
    buried_at timestamptz not null default now()
);
comment on table dead_job is 'Jobs that were given up: shown, counted, and tried again by hand';
comment on column dead_job.job_id is 'The job''s id as it was';
comment on column dead_job.key is 'The Matrix transaction id, kept for another try';
comment on column dead_job.kind is 'What was to be done';
comment on column dead_job.payload is 'With what';
comment on column dead_job.lane is 'The name of the lane it was in';
comment on column dead_job.class is 'The class of that lane';
comment on column dead_job.attempts is 'How often it was begun';
comment on column dead_job.error is 'Why it was given up';
comment on column dead_job.created_at is 'When it was enqueued';
comment on column dead_job.buried_at is 'When it was given up';
