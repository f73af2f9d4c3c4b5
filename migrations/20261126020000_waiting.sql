-- Until when a ticket waits, what it is tagged with, who watches it, and by whose clock.

-- Nothing has called for tickets that were pending before there was a moment.
update ticket set state = 'open' where state in ('pending reminder', 'pending auto close+', 'pending auto close-');
alter table ticket
    add column pending_until timestamptz,
    add column tags text[] not null default '{}',
    add constraint ticket_pending_has_its_moment check (
        (state in ('pending reminder', 'pending auto close+', 'pending auto close-')) = (pending_until is not null));
comment on column ticket.pending_until is 'Of a pending ticket: until when; then its owner is called, or it closes by itself. Null for all others';
comment on column ticket.tags is 'By what it is found again, in the order of the alphabet';
create index ticket_tagged on ticket using gin (tags) where tags <> '{}';

create table ticket_watch (
    ticket_id bigint not null references ticket,
    agent_id bigint not null references agent,
    since timestamptz not null,
    primary key (ticket_id, agent_id)
);
comment on table ticket_watch is 'Who wants to be called for a ticket''s mail though it is not theirs';
comment on column ticket_watch.ticket_id is 'The ticket';
comment on column ticket_watch.agent_id is 'The agent';
comment on column ticket_watch.since is 'Since when';
create index ticket_watch_by_agent on ticket_watch (agent_id);

alter table queue add column time_zone text not null default 'UTC';
comment on column queue.time_zone is 'IANA time zone in which its agents name moments, such as Europe/Berlin';
