create table mark (
    message_event text not null,
    mark          text not null,
    room_id       text not null,
    event_id      text not null,
    set_at        timestamptz not null,
    primary key (message_event, mark)
);
comment on table mark is 'The bot''s reactions that stand on messages, so that one that is over can be taken back';
comment on column mark.message_event is 'The message';
comment on column mark.mark is 'The reaction''s key, an emoji';
comment on column mark.room_id is 'The room of both';
comment on column mark.event_id is 'The reaction''s own event';
comment on column mark.set_at is 'When it was put there';
