-- Files that agents put into threads, kept so that they can be mailed, and so that the record has them.

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
