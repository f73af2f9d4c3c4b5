alter table mail_in add column is_too_expensive boolean not null default false;
comment on column mail_in.is_too_expensive is 'Whether reading it went over the bounds of time or memory: it is not read again';
