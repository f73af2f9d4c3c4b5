-- When an article came to stand in its thread: who wrote a command before that had not read it.

alter table article add column shown_at timestamptz;
comment on column article.shown_at is 'Since when its event is in the room, as the homeserver says, or until that is heard when it was sent; null: nobody knows';
