-- The list that an agent saw last in a room, for `!more`.
create table last_list (
    agent_id bigint not null references agent,
    room_id text not null,
    queue_id bigint references queue,
    command text not null,
    behind jsonb,
    primary key (agent_id, room_id)
);
comment on table last_list is 'The list that an agent saw last in a room, if it goes on';
comment on column last_list.agent_id is 'The agent';
comment on column last_list.room_id is 'The room';
comment on column last_list.queue_id is 'The queue where it was asked for; null: in a direct room';
comment on column last_list.command is 'What shows its next page, as it is typed behind the prefix';
comment on column last_list.behind is 'The last line that was seen: {"ticket": {"priority": 3, "ticket": 7}} or {"entry": 5}; null: its pages go by their number alone';
