-- A queue's room is made anew from the record.

create table former_room (
    room_id text primary key,
    queue_id bigint not null references queue,
    left_at timestamptz not null
);
comment on table former_room is 'Rooms that a queue had before its present one';
comment on column former_room.room_id is 'The room';
comment on column former_room.queue_id is 'Whose it was';
comment on column former_room.left_at is 'Since when it is not any more';

create table remirror (
    queue_id bigint primary key references queue,
    upto bigint not null,
    step text not null constraint remirror_step_known check (step in ('open', 'over', 'done')),
    place bigint not null default 0,
    uploads boolean not null,
    begun_at timestamptz not null,
    ended_at timestamptz,
    constraint remirror_end check ((step = 'done') = (ended_at is not null))
);
comment on table remirror is 'The newest making anew of each queue''s room';
comment on column remirror.queue_id is 'The queue';
comment on column remirror.upto is 'The newest ticket of the desk when it began: it and those before are shown anew, and call nobody';
comment on column remirror.step is 'What is shown next: open tickets, those that are over, none any more';
comment on column remirror.place is 'The ticket up to which this step is done';
comment on column remirror.uploads is 'Whether files are uploaded again, since the homeserver that had them is lost';
comment on column remirror.begun_at is 'When it was asked for';
comment on column remirror.ended_at is 'When all was on its way';
