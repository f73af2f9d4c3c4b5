-- Every file is kept once: where it came in, in the raw mail that has it; else under its digest.

create table blob (
    digest bytea primary key check (length(digest) = 32),
    bytes bytea not null,
    created_at timestamptz not null default now()
);
comment on table blob is 'Bytes that are kept once each: files of agents, files that only reading a mail makes, mails to several queues';
comment on column blob.digest is 'Their SHA-256';
comment on column blob.bytes is 'The bytes; never changed';
comment on column blob.created_at is 'When they were first brought';
-- Files hardly get smaller, and what is not compressed can be read piece by piece.
alter table blob alter column bytes set storage external;

-- Files of articles.
insert into blob (digest, bytes) select digest, bytes from attachment on conflict do nothing;
alter table attachment drop column digest;
alter table attachment add column digest bytea;
alter table attachment add column size bigint;
update attachment set digest = sha256(bytes), size = length(bytes);
alter table attachment alter column digest set not null, alter column size set not null;
alter table attachment drop column bytes;
comment on column attachment.digest is 'SHA-256 of the file';
comment on column attachment.size is 'Its size in bytes';
alter table attachment add column mail_id bigint references mail_in;
alter table attachment add column place bigint check (place >= 0);
alter table attachment add column length bigint check (length >= 0);
alter table attachment add column encoding text check (encoding in ('identity', 'base64'));
alter table attachment add column blob bytea references blob
    generated always as (case when mail_id is null then digest end) stored;
alter table attachment add constraint attachment_place_whole
    check (num_nonnulls(mail_id, place, length, encoding) in (0, 4));
comment on column attachment.mail_id is 'The mail whose raw bytes have it; null: it is a blob';
comment on column attachment.place is 'Where it begins there, in bytes from 0';
comment on column attachment.length is 'How many bytes it is there';
comment on column attachment.encoding is 'How it stands there: identity, or base64 without fault';
comment on column attachment.blob is 'The blob, where it stands in no mail';
create index attachment_by_mail on attachment (mail_id) where mail_id is not null;
create index attachment_by_blob on attachment (blob) where blob is not null;

-- Files of agents' messages.
insert into blob (digest, bytes) select sha256(bytes), bytes from file_in where bytes is not null on conflict do nothing;
alter table file_in add column digest bytea references blob;
alter table file_in add column size bigint;
update file_in set digest = sha256(bytes), size = length(bytes) where bytes is not null;
alter table file_in drop column bytes;
alter table file_in add constraint file_in_or_trouble check (digest is null or trouble is null);
alter table file_in add constraint file_in_size check ((digest is null) = (size is null));
comment on column file_in.digest is 'The file, once fetched and decrypted: a blob';
comment on column file_in.size is 'Its size in bytes';
create index file_in_by_digest on file_in (digest) where digest is not null;

-- Files of letters. What was printed before has them in its bytes.
create table letter_file (
    letter_id bigint not null references letter,
    place integer not null check (place >= 0),
    digest bytea not null references blob,
    primary key (letter_id, place)
);
comment on table letter_file is 'A file of an outgoing mail: it stands in no letter''s bytes, so that it is kept once for all of them';
comment on column letter_file.letter_id is 'The letter';
comment on column letter_file.place is 'Where in the letter''s bytes it is put in when the letter is sent, as base64 in lines of 76 with CRLF between them';
comment on column letter_file.digest is 'The file: a blob';
create index letter_file_by_digest on letter_file (digest);
comment on column letter.bytes is 'The mail without its files (letter_file); with them it is the same at every attempt';

-- A mail to several queues.
alter table mail_in alter column raw drop not null;
alter table mail_in add column digest bytea references blob;
alter table mail_in add constraint mail_in_raw check (num_nonnulls(raw, digest) = 1);
comment on column mail_in.raw is 'The bytes; null: they are a blob';
comment on column mail_in.digest is 'Of a mail that came to several queues at once: its bytes, a blob; null: they are in raw';
create index mail_in_by_digest on mail_in (digest) where digest is not null;
