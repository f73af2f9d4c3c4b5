-- A record that comes from a backup sends nothing until somebody says so.

alter table desk add column place text;
alter table desk add column paused_at timestamptz;
comment on column desk.place is 'Which PostgreSQL and which database of it this is (system identifier and oid); another one than before: it comes from a backup';
comment on column desk.paused_at is 'Since when nothing is sent by mail or told to webhooks; null: it is sent';
