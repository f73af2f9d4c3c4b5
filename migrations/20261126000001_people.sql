-- Who and where: the desk, its queues, rooms, agents and customers.
-- States and kinds are text with a check, never enum types: a new value is one migration, not three.

create table desk (
    only_row boolean default true primary key check (only_row),
    created_at timestamptz not null default now()
);
comment on table desk is 'The desk itself: one row';
comment on column desk.only_row is 'Keeps the table at one row';
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
-- Two random UUIDs hold 244 random bits, from PostgreSQL's strong source.
insert into signing_key (version, key)
values (1, uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));

create table queue (
    queue_id bigint generated always as identity primary key,
    name text not null constraint queue_name_unique unique constraint queue_name_form check (name ~
        '^[a-z0-9][a-z0-9_-]{0,62}$'),
    title text not null,
    address text not null,
    address_key text not null generated always as (lower(address)) stored constraint queue_address_unique unique,
    intake text not null default 'lmtp' check (intake in ('lmtp', 'imap', 'none')),
    signature text not null default '',
    acknowledge boolean not null default true,
    notify_new text not null default 'room' check (notify_new in ('none', 'room', 'list')),
    notify_list text[] not null default '{}',
    posting text not null default 'agents' check (posting in ('agents', 'members')),
    encrypted boolean not null default false,
    archived boolean not null default false,
    created_at timestamptz not null default now(),
    closed_follow_up text not null default 'reopen' check (closed_follow_up in ('reopen', 'reject', 'new')),
    grace interval not null default '3 days' check (grace >= '0'),
    salutation text not null default '',
    quotes boolean not null default false,
    acknowledgement text not null default '',
    rejection text not null default '',
    language text not null default 'en' check (language in ('en', 'de', 'fr', 'es', 'it', 'nl', 'pt', 'pl', 'cs',
        'sv', 'da', 'fi')),
    machines text not null default 'quarantine' constraint queue_machines_known check (machines in ('quarantine',
        'ticket'))
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
comment on column queue.created_at is 'When it was added';
comment on column queue.closed_follow_up is 'A customer''s mail to a closed ticket: reopen it; reject (it is filed, the ticket stays closed, the customer is told); or new (a linked ticket)';
comment on column queue.grace is 'For so long after a closing, a mere thank-you is filed without opening the ticket again; zero: never';
comment on column queue.salutation is 'Stands above every answer; {name} is the customer''s name; empty for none';
comment on column queue.quotes is 'Whether an answer quotes below itself the customer''s newest mail';
comment on column queue.acknowledgement is 'The acknowledgement in the queue''s own words, its first line the subject; {number} and {queue} are filled in; empty: the desk''s own';
comment on column queue.rejection is 'Likewise what a customer gets to read who writes to a closed ticket that stays closed';
comment on column queue.language is 'The language (ISO 639-1) of what the desk itself writes to the queue''s customers: automatic mail, and the line above a quote';
comment on column queue.machines is 'What becomes of a machine''s mail that belongs to no ticket (monitoring, orders, web forms): quarantine, or ticket, which is never acknowledged';

create table agent (
    agent_id bigint generated always as identity primary key,
    user_id text not null constraint agent_user_unique unique,
    role text not null default 'agent' check (role in ('admin', 'agent', 'observer')),
    active boolean not null default true,
    created_at timestamptz not null default now()
);
comment on table agent is 'People of the house. Rights come from here, never from being in a room';
comment on column agent.agent_id is 'Row id';
comment on column agent.user_id is 'Full Matrix id';
comment on column agent.role is 'admin: everything; agent: works on tickets; observer: reads, may do nothing';
comment on column agent.active is 'False once removed; the row stays for the history''s sake';
comment on column agent.created_at is 'When added';

create table agent_queue (
    agent_id bigint references agent on delete cascade,
    queue_id bigint references queue on delete cascade,
    primary key (agent_id, queue_id)
);
comment on table agent_queue is 'Queues that an agent is confined to; an agent without a row works in all of them';
comment on column agent_queue.agent_id is 'The agent';
comment on column agent_queue.queue_id is 'A queue of theirs';

create table room (
    room_id text primary key,
    purpose text not null check (purpose in ('space', 'queue', 'home')),
    queue_id bigint constraint room_queue_unique unique references queue,
    agent_id bigint constraint room_agent_unique unique references agent,
    since timestamptz not null default now(),
    constraint room_is_of_its_purpose check (((purpose = 'queue') = (queue_id is not null)) and ((purpose = 'home') =
        (agent_id is not null)))
);
comment on table room is 'The rooms that are the desk''s own, and what each is for. What is said elsewhere is nothing to it';
comment on column room.room_id is 'The room';
comment on column room.purpose is 'space (holds all queues), queue (its tickets), home (an agent and the bot alone)';
comment on column room.queue_id is 'The queue whose room it is';
comment on column room.agent_id is 'The agent whose home it is';
comment on column room.since is 'Since when';
create unique index room_space_unique on room (purpose) where purpose = 'space';

create table customer (
    customer_id bigint generated always as identity primary key,
    address text not null,
    address_key text not null generated always as (lower(address)) stored constraint customer_address_unique unique,
    name text not null default '',
    created_at timestamptz not null default now()
);
comment on table customer is 'People who write mails';
comment on column customer.customer_id is 'Row id';
comment on column customer.address is 'Mailbox address, as first seen';
comment on column customer.address_key is 'The address for comparing';
comment on column customer.name is 'Display name of the newest mail that had one';
comment on column customer.created_at is 'When first seen';
