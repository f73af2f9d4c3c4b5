-- When an article came to stand in its thread: who wrote a command before that had not read it.

alter table article add column shown_at timestamptz;
comment on column article.shown_at is 'When its event was recorded; null: not yet, or before this was kept';
