-- Mails that came in, as they arrived, once each, and what became of them. Nothing is answered 250 before its row here is committed.

create table mail_in (
    mail_id bigint generated always as identity primary key,
    queue_id bigint not null references queue,
    route text not null check (route in ('lmtp', 'imap', 'pipe', 'import')),
    recipient text not null,
    envelope_from text,
    delivery_key bytea not null constraint mail_in_delivery_unique unique,
    raw bytea not null,
    fate text not null default 'waiting' check (fate in ('waiting', 'article', 'duplicate', 'quarantined')),
    received_at timestamptz not null default now(),
    quarantine_id bigint,
    verdict text check (verdict in ('ticket', 'attach')),
    verdict_ticket bigint references ticket,
    rule text,
    authenticated text check (authenticated in ('pass', 'fail')),
    left_behind bigint check (left_behind > 0),
    is_too_expensive boolean not null default false,
    copy_of bigint references mail_in
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
comment on column mail_in.quarantine_id is 'The quarantine entry behind which it stands or stood';
comment on column mail_in.verdict is 'What an agent decided about it in quarantine: ticket (one of its own) or attach (to verdict_ticket)';
comment on column mail_in.verdict_ticket is 'The ticket that it was attached to';
comment on column mail_in.rule is 'Why it became what it became, one sentence, for !why';
comment on column mail_in.authenticated is 'What the mail server of the house found of the sender''s domain (Authentication-Results); null: nothing, or nobody to believe';
comment on column mail_in.left_behind is 'Size in bytes of a mail that was too large to be taken and is still in its mailbox: raw is its header only; null: raw is the whole mail';
comment on column mail_in.is_too_expensive is 'Whether reading it went over the bounds of time or memory: it is not read again';
comment on column mail_in.copy_of is 'Of a duplicate: the mail that it repeats; null: it repeats none';
create index mail_in_copies on mail_in (copy_of) where copy_of is not null;
-- The mails behind an entry come in pages, in their order.
create index mail_in_quarantine on mail_in (quarantine_id, mail_id) where quarantine_id is not null;
alter table article add foreign key (mail_id) references mail_in;

create table mail_seen (
    queue_id bigint references queue,
    content_key bytea,
    mail_id bigint not null references mail_in,
    primary key (queue_id, content_key)
);
comment on table mail_seen is 'Second key of a mail: the same mail by two routes, or after a mailbox was renumbered, is one article';
comment on column mail_seen.queue_id is 'The queue';
comment on column mail_seen.content_key is 'SHA-256 over Message-ID, From, Date, Subject and text; and, in a row of its own, over that with HTML and files';
comment on column mail_seen.mail_id is 'The mail that came first';

create table mailbox (
    account text,
    folder text,
    uid_validity bigint not null,
    last_uid bigint not null,
    primary key (account, folder)
);
comment on table mailbox is 'How far an IMAP folder was read';
comment on column mailbox.account is 'user@host:port';
comment on column mailbox.folder is 'The folder';
comment on column mailbox.uid_validity is 'Its UIDVALIDITY when last selected; another one means that all UIDs are new';
comment on column mailbox.last_uid is 'Everything up to here is committed';

create table quarantine (
    quarantine_id bigint generated always as identity primary key,
    queue_id bigint not null references queue,
    mail_id bigint not null references mail_in,
    reason text not null,
    count bigint not null default 1 check (count > 0),
    media jsonb,
    created_at timestamptz not null default now(),
    collapse_key text not null default '',
    sender text,
    outcome text,
    day date not null default (now() at time zone 'utc')::date,
    subject text not null default ''
);
comment on table quarantine is 'Mails that became no article, kept and shown';
comment on column quarantine.quarantine_id is 'Row id, shown to programs';
comment on column quarantine.queue_id is 'The queue';
comment on column quarantine.mail_id is 'The first mail behind the entry';
comment on column quarantine.reason is 'Why, one sentence';
comment on column quarantine.count is 'How many mails stand behind the entry';
comment on column quarantine.media is 'The uploaded raw mail, once uploaded';
comment on column quarantine.created_at is 'When';
comment on column quarantine.collapse_key is 'Mails with the same one that come soon after stand behind one entry';
comment on column quarantine.sender is 'Who the first mail says it is from, else its envelope; null: nobody';
comment on column quarantine.outcome is 'What an agent decided, in words; null: nothing yet. Shown as long as no mail behind it is in a ticket';
comment on column quarantine.day is 'UTC day: the entry stands in that day''s thread';
comment on column quarantine.subject is 'The subject of the first mail behind the entry; empty if it has none';
-- Open entries: the list of a queue, and the one that takes in more of its kind.
create index quarantine_open on quarantine (queue_id, quarantine_id) where outcome is null;
create index quarantine_collapse on quarantine (queue_id, collapse_key, quarantine_id) where outcome is null;
alter table mail_in add foreign key (quarantine_id) references quarantine;

create table quarantine_ticket (
    quarantine_id bigint references quarantine,
    ticket_id bigint references ticket,
    primary key (quarantine_id, ticket_id)
);
comment on table quarantine_ticket is 'The tickets that the mails behind a quarantine entry are in since an agent decided';
comment on column quarantine_ticket.quarantine_id is 'The entry';
comment on column quarantine_ticket.ticket_id is 'A ticket';
create index quarantine_ticket_by_ticket on quarantine_ticket (ticket_id);

create table quarantine_day (
    queue_id bigint references queue,
    day date,
    key uuid not null default gen_random_uuid(),
    quarantine_day_id bigint generated always as identity constraint quarantine_day_id_unique unique,
    primary key (queue_id, day)
);
comment on table quarantine_day is 'One thread a day and queue for what was quarantined';
comment on column quarantine_day.queue_id is 'The queue';
comment on column quarantine_day.day is 'UTC day';
comment on column quarantine_day.key is 'The root''s Matrix transaction id: whoever posts it, it is one event';
comment on column quarantine_day.quarantine_day_id is 'Row id';

create table blocked_sender (
    address_key text primary key,
    agent_id bigint references agent,
    blocked_at timestamptz not null default now()
);
comment on table blocked_sender is 'Senders whose mail goes straight into quarantine';
comment on column blocked_sender.address_key is 'Lower-cased address';
comment on column blocked_sender.agent_id is 'Who blocked it';
comment on column blocked_sender.blocked_at is 'When';
