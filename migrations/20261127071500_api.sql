-- Programs that act for an agent.
create table api_token (
    api_token_id bigint generated always as identity primary key,
    agent_id bigint not null references agent,
    scopes text[] not null check (scopes <> '{}' and scopes <@ array['read', 'note', 'write', 'mail']),
    digest bytea not null check (length(digest) = 32),
    created_at timestamptz not null default now(),
    last_used_at timestamptz,
    revoked_at timestamptz
);
comment on table api_token is 'A token with which a program does what its agent may do (ticketloom token)';
comment on column api_token.api_token_id is 'Row id; stands in the token';
comment on column api_token.agent_id is 'The agent in whose name it acts: what they may no more, it may no more';
comment on column api_token.scopes is 'read, note, write, mail: nothing leaves the house without the last';
comment on column api_token.digest is 'SHA-256 of its secret part, which stands nowhere';
comment on column api_token.created_at is 'When';
comment on column api_token.last_used_at is 'When it was used last, to the hour; null: never';
comment on column api_token.revoked_at is 'When it was revoked; null while it is good';

create table api_token_queue (
    api_token_id bigint references api_token,
    queue_id bigint references queue,
    primary key (api_token_id, queue_id)
);
comment on table api_token_queue is 'The queues that a token is confined to; none: all of its agent';
comment on column api_token_queue.api_token_id is 'The token';
comment on column api_token_queue.queue_id is 'A queue';

create table api_answer (
    api_token_id bigint references api_token,
    key text check (length(key) between 1 and 255),
    request bytea not null check (length(request) = 32),
    status smallint not null,
    location text,
    etag text,
    body text not null,
    answered_at timestamptz not null default now(),
    primary key (api_token_id, key)
);
comment on table api_answer is 'What a request with an Idempotency-Key was answered, for a day: the same request again is the same answer, and nothing else';
comment on column api_answer.api_token_id is 'Whose request';
comment on column api_answer.key is 'Its Idempotency-Key';
comment on column api_answer.request is 'SHA-256 of the request: another one under the same key is refused';
comment on column api_answer.status is 'HTTP status';
comment on column api_answer.location is 'Location, if there was one';
comment on column api_answer.etag is 'ETag, if there was one';
comment on column api_answer.body is 'JSON';
comment on column api_answer.answered_at is 'When; after a day the row is removed';
create index api_answer_by_age on api_answer (answered_at);
