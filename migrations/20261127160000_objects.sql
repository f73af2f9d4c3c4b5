-- Bytes may be kept in an object store; then the row stays, and everything refers to it as before.

alter table blob add column size bigint;
update blob set size = length(bytes);
alter table blob alter column bytes drop not null;
alter table blob add column is_away boolean not null default false;
alter table blob add constraint blob_is_somewhere check (is_away = (bytes is null));
comment on column blob.size is 'How many bytes they are; null: a program of before brought them, and they are in bytes';
comment on column blob.bytes is 'The bytes; never changed; null: they are in the object store';
comment on column blob.is_away is 'They are in the object store, under their digest in hexadecimal';
comment on column mail_in.digest is 'Of a mail that came to several queues at once, or a large one where there is an object store: its bytes, a blob; null: they are in raw';
-- What is still to be moved there.
create index blob_here on blob (digest) where not is_away;

create table blob_gone (
    digest bytea primary key check (length(digest) = 32),
    gone_at timestamptz not null
);
comment on table blob_gone is 'Objects in the store that no blob needs any more; deleted there an hour later';
comment on column blob_gone.digest is 'Its digest';
comment on column blob_gone.gone_at is 'Since when; who brings the same bytes again takes the row away first';
create index blob_gone_by_age on blob_gone (gone_at);
