-- What the desk has pinned, so that it can take that back without touching what people pinned.
create table pin (
    room_id  text not null,
    event_id text not null,
    primary key (room_id, event_id)
);
comment on table pin is 'A message that the desk has pinned in a room. What people have pinned there is not among these, and stays pinned';
comment on column pin.room_id is 'The room';
comment on column pin.event_id is 'The message of ours';

-- What was pinned before this was recorded.
insert into pin (room_id, event_id) select room_id, event_id from projection where pinned;
