-- Who and where: queues, agents, customers, and what the desk knows of itself.
-- States and kinds are text with a check, never enum types: a new value is one migration, not three.

create table desk (
    only_row boolean primary key default true check (only_row),
    space_room_id text,
    created_at timestamptz not null default now()
);
comment on table desk is 'The desk itself: one row';
comment on column desk.only_row is 'Keeps the table at one row';
comment on column desk.space_room_id is 'The Space that holds all queues; null until it is made';
comment on column desk.created_at is 'When this database became a desk';
insert into desk default values;

create table signing_key (
    version smallint primary key check (version between 0 and 9),
    key bytea not null check (length(key) >= 16),
    created_at timestamptz not null default now()
);
comment on table signing_key is 'Keys for signed reply and bounce addresses; the newest signs, all are recognised';
comment on column signing_key.version is 'One digit, part of the address';
comment on column signing_key.key is 'The HMAC-SHA-256 key';
comment on column signing_key.created_at is 'When it was made';
-- Two random UUIDs hold 244 random bits, from PostgreSQL''s strong source.
insert into signing_key (version, key)
values (1, uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));

create table queue (
    queue_id bigint generated always as identity primary key,
    name text not null constraint queue_name_unique unique
        constraint queue_name_form check (name ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),
    title text not null,
    address text not null,
    address_key text not null generated always as (lower(address)) stored
        constraint queue_address_unique unique,
    intake text not null default 'lmtp' check (intake in ('lmtp', 'imap', 'none')),
    signature text not null default '',
    acknowledge boolean not null default true,
    notify_new text not null default 'room' check (notify_new in ('none', 'room', 'list')),
    notify_list text[] not null default '{}',
    posting text not null default 'agents' check (posting in ('agents', 'members')),
    encrypted boolean not null default false,
    archived boolean not null default false,
    room_id text constraint queue_room_unique unique,
    created_at timestamptz not null default now()
);
comment on table queue is 'A queue: a room of tickets with an address of its own';
comment on column queue.queue_id is 'Row id';
comment on column queue.name is 'Short name, part of the room''s alias and of commands';
comment on column queue.title is 'What people read: the room''s name and the sender''s name in mails';
comment on column queue.address is 'The mailbox address that customers write to and that answers come from';
comment on column queue.address_key is 'The address for comparing';
comment on column queue.intake is 'How its mail comes in: lmtp, imap or none';
comment on column queue.signature is 'Stands below every answer, without the "-- " line; empty for none';
comment on column queue.acknowledge is 'Whether a new ticket is acknowledged by mail';
comment on column queue.notify_new is 'Whom a new ticket calls: none (a notice), room (the room''s own setting decides) or list';
comment on column queue.notify_list is 'The Matrix ids that a new ticket mentions, with notify_new = list';
comment on column queue.posting is 'Who may write in the room: agents, or all members (who still have no rights)';
comment on column queue.encrypted is 'Whether the room is end-to-end encrypted';
comment on column queue.archived is 'No new mail is taken for it';
comment on column queue.room_id is 'Its room; null until it is made';
comment on column queue.created_at is 'When it was added';

create table agent (
    agent_id bigint generated always as identity primary key,
    user_id text not null constraint agent_user_unique unique,
    role text not null default 'agent' check (role in ('admin', 'agent', 'observer')),
    active boolean not null default true,
    dm_room_id text constraint agent_dm_unique unique,
    created_at timestamptz not null default now()
);
comment on table agent is 'People of the house. Rights come from here, never from being in a room';
comment on column agent.agent_id is 'Row id';
comment on column agent.user_id is 'Full Matrix id';
comment on column agent.role is 'admin: everything; agent: works on tickets; observer: reads, may do nothing';
comment on column agent.active is 'False once removed; the row stays for the history''s sake';
comment on column agent.dm_room_id is 'The direct room with the bot, if there is one';
comment on column agent.created_at is 'When added';

create table agent_queue (
    agent_id bigint not null references agent on delete cascade,
    queue_id bigint not null references queue on delete cascade,
    primary key (agent_id, queue_id)
);
comment on table agent_queue is 'Queues that an agent is confined to; an agent without a row works in all of them';
comment on column agent_queue.agent_id is 'The agent';
comment on column agent_queue.queue_id is 'A queue of theirs';

create table customer (
    customer_id bigint generated always as identity primary key,
    address text not null,
    address_key text not null generated always as (lower(address)) stored
        constraint customer_address_unique unique,
    name text not null default '',
    created_at timestamptz not null default now()
);
comment on table customer is 'People who write mails';
comment on column customer.customer_id is 'Row id';
comment on column customer.address is 'Mailbox address, as first seen';
comment on column customer.address_key is 'The address for comparing';
comment on column customer.name is 'Display name of the newest mail that had one';
comment on column customer.created_at is 'When first seen';

create table automatic_mail (
    address_key text not null,
    day date not null,
    sent integer not null check (sent > 0),
    primary key (address_key, day)
);
comment on table automatic_mail is 'How many automatic mails an address got on a day: the cap that ends loops';
comment on column automatic_mail.address_key is 'Lower-cased recipient';
comment on column automatic_mail.day is 'UTC day';
comment on column automatic_mail.sent is 'How many';
