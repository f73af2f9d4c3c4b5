-- One table of the desk's rooms, in place of a column for each kind.

create table room (
    room_id text primary key,
    purpose text not null check (purpose in ('space', 'queue', 'home')),
    queue_id bigint constraint room_queue_unique unique references queue,
    agent_id bigint constraint room_agent_unique unique references agent,
    since timestamptz not null default now(),
    constraint room_is_of_its_purpose check (
        (purpose = 'queue') = (queue_id is not null) and (purpose = 'home') = (agent_id is not null))
);
comment on table room is 'The rooms that are the desk''s own, and what each is for. What is said elsewhere is nothing to it';
comment on column room.room_id is 'The room';
comment on column room.purpose is 'space (holds all queues), queue (its tickets), home (an agent and the bot alone)';
comment on column room.queue_id is 'The queue whose room it is';
comment on column room.agent_id is 'The agent whose home it is';
comment on column room.since is 'Since when';
create unique index room_space_unique on room (purpose) where purpose = 'space';

insert into room (room_id, purpose) select space_room_id, 'space' from desk where space_room_id is not null;
insert into room (room_id, purpose, queue_id) select room_id, 'queue', queue_id from queue where room_id is not null;
insert into room (room_id, purpose, agent_id) select dm_room_id, 'home', agent_id from agent where dm_room_id is not null;
alter table desk drop column space_room_id;
alter table queue drop column room_id;
alter table agent drop column dm_room_id;
