-- What arrived, as it arrived, once each. Nothing is answered 250 before its row here is committed.

create table mail_in (
    mail_id bigint generated always as identity primary key,
    queue_id bigint not null references queue,
    route text not null check (route in ('lmtp', 'imap', 'pipe', 'import')),
    recipient text not null,
    envelope_from text,
    delivery_key bytea not null constraint mail_in_delivery_unique unique,
    raw bytea not null,
    fate text not null default 'waiting'
        check (fate in ('waiting', 'article', 'duplicate', 'quarantined')),
    received_at timestamptz not null default now()
);
comment on table mail_in is 'A mail as it was received, for one recipient';
comment on column mail_in.mail_id is 'Row id';
comment on column mail_in.queue_id is 'The queue whose address (with or without a +part) it came to';
comment on column mail_in.route is 'lmtp, imap, pipe (ticketloom deliver) or import';
comment on column mail_in.recipient is 'Envelope recipient with its +part; for IMAP what the delivering server noted';
comment on column mail_in.envelope_from is 'Envelope sender; empty: the null sender; null: unknown';
comment on column mail_in.delivery_key is 'Makes a redelivery the same row: SHA-256 over recipient and bytes, or over mailbox, UIDVALIDITY and UID';
comment on column mail_in.raw is 'The bytes';
comment on column mail_in.fate is 'What it became';
comment on column mail_in.received_at is 'When it was committed';
create index mail_in_received on mail_in (received_at);

create table mail_seen (
    queue_id bigint not null references queue,
    content_key bytea not null,
    mail_id bigint not null references mail_in,
    primary key (queue_id, content_key)
);
comment on table mail_seen is 'Second key of a mail: the same mail by two routes, or after a mailbox was renumbered, is one article';
comment on column mail_seen.queue_id is 'The queue';
comment on column mail_seen.content_key is 'SHA-256 over Message-ID, From, Date, Subject and text';
comment on column mail_seen.mail_id is 'The mail that came first';

create table mailbox (
    account text not null,
    folder text not null,
    uid_validity bigint not null,
    last_uid bigint not null,
    primary key (account, folder)
);
comment on table mailbox is 'How far an IMAP folder was read';
comment on column mailbox.account is 'user@host:port';
comment on column mailbox.folder is 'The folder';
comment on column mailbox.uid_validity is 'Its UIDVALIDITY when last selected; another one means that all UIDs are new';
comment on column mailbox.last_uid is 'Everything up to here is committed';

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

create table sync_cursor (
    device text primary key,
    since text not null,
    moved_at timestamptz not null default now()
);
comment on table sync_cursor is 'How far the homeserver''s sync was read; moved in the transaction that stores its events';
comment on column sync_cursor.device is 'user id and device id';
comment on column sync_cursor.since is 'The next_batch token';
comment on column sync_cursor.moved_at is 'When';

create table quarantine (
    quarantine_id bigint generated always as identity primary key,
    queue_id bigint not null references queue,
    mail_id bigint not null references mail_in,
    reason text not null,
    count bigint not null default 1 check (count > 0),
    event_id text,
    media jsonb,
    created_at timestamptz not null default now()
);
comment on table quarantine is 'Mails that became no article, kept and shown';
comment on column quarantine.quarantine_id is 'Row id, shown to programs';
comment on column quarantine.queue_id is 'The queue';
comment on column quarantine.mail_id is 'The first mail behind the entry';
comment on column quarantine.reason is 'Why, one sentence';
comment on column quarantine.count is 'How many mails stand behind the entry';
comment on column quarantine.event_id is 'The entry in the room, once posted';
comment on column quarantine.media is 'The uploaded raw mail, once uploaded';
comment on column quarantine.created_at is 'When';
