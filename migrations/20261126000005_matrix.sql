-- What came in from Matrix, and what stands there.

create table sync_cursor (
    device text primary key,
    since text not null,
    moved_at timestamptz not null default now()
);
comment on table sync_cursor is 'How far the homeserver''s sync was read; moved in the transaction that stores its events';
comment on column sync_cursor.device is 'user id and device id';
comment on column sync_cursor.since is 'The next_batch token';
comment on column sync_cursor.moved_at is 'When';

create table event_in (
    event_row_id bigint generated always as identity primary key,
    event_id text not null constraint event_in_unique unique,
    room_id text not null,
    sender text not null,
    body text not null,
    received_at timestamptz not null default now()
);
comment on table event_in is 'A Matrix event of somebody else in one of our rooms, as received';
comment on column event_in.event_row_id is 'Row id; grows in the order of the homeserver''s timeline within a room';
comment on column event_in.event_id is 'The event';
comment on column event_in.room_id is 'Its room';
comment on column event_in.sender is 'Its sender';
comment on column event_in.body is 'The event''s JSON, decrypted if it was encrypted. Text, since jsonb refuses U+0000';
comment on column event_in.received_at is 'When it was committed';

create table event_ref (
    event_id text primary key,
    room_id text not null,
    ticket_id bigint not null references ticket,
    article_id bigint references article
);
comment on table event_ref is 'Which ticket an event belongs to: cards, articles, commands, notices';
comment on column event_ref.event_id is 'The event';
comment on column event_ref.room_id is 'Its room';
comment on column event_ref.ticket_id is 'The ticket';
comment on column event_ref.article_id is 'The article, if it shows one';
create index event_ref_by_ticket on event_ref (ticket_id);
create index event_ref_by_article on event_ref (article_id) where article_id is not null;

create table file_in (
    event_id text primary key,
    bytes bytea,
    trouble text,
    since timestamptz not null default now(),
    check (bytes is null or trouble is null)
);
comment on table file_in is 'A file of an agent''s message: asked for (both null), fetched, or not to be had';
comment on column file_in.event_id is 'The message';
comment on column file_in.bytes is 'The file, once fetched and decrypted';
comment on column file_in.trouble is 'Why it can''t be had';
comment on column file_in.since is 'When it was asked for';

create table projection (
    purpose text check (purpose in ('card', 'article', 'file', 'quarantine day', 'quarantine entry')),
    subject_id bigint,
    room_id text,
    event_id text not null,
    root_event text,
    last_event text not null,
    digest bytea,
    pinned boolean not null default false,
    shown_at timestamptz not null default now(),
    taken_away boolean not null default false,
    primary key (purpose, subject_id, room_id)
);
comment on table projection is 'What stands in Matrix: each message of the bot that shows something of the record';
comment on column projection.purpose is 'What it shows, and so which table subject_id is of: card (ticket), article, file (attachment), quarantine day (quarantine_day), quarantine entry (quarantine)';
comment on column projection.subject_id is 'The row that it shows';
comment on column projection.room_id is 'The room';
comment on column projection.event_id is 'The message; a picture that stands in its article''s message has the same one';
comment on column projection.root_event is 'The root of the thread that it stands in; null: it is in none, but may be a root';
comment on column projection.last_event is 'The newest message we know in the thread below it, for clients without threads; itself if there is none';
comment on column projection.digest is 'SHA-256 of what it showed last; null: that is not certain, so it is sent again when the record changes';
comment on column projection.pinned is 'Whether it is pinned in its room';
comment on column projection.shown_at is 'When it was last sent';
comment on column projection.taken_away is 'Whether somebody else took the message away: then it is neither edited nor sent again';
create index projection_by_event on projection (event_id);
create index projection_pinned on projection (room_id) where pinned;
