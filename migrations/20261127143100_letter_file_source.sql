-- A forwarded file stays where it came in, in the raw mail, until the letter is sent.
alter table letter_file add column attachment_id bigint references attachment on delete cascade;
alter table letter_file add column blob bytea references blob
    generated always as (case when attachment_id is null then digest end) stored;
alter table letter_file drop constraint letter_file_digest_fkey;
drop index letter_file_by_digest;
create index letter_file_by_blob on letter_file (blob) where blob is not null;
create index letter_file_by_attachment on letter_file (attachment_id) where attachment_id is not null;
comment on column letter_file.digest is 'The file''s SHA-256';
comment on column letter_file.attachment_id is 'The file of an article that it is; null: it is a blob';
comment on column letter_file.blob is 'The blob, where it is no file of an article';
