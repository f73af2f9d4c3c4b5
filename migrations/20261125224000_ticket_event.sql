-- The audit trail is of typed events: what people read of it is made when it is shown, and an answer is undone by what it
-- caused, not by a copy of what was before.
drop table change;
drop function change_is_append_only;
alter table letter drop column undo;

create table ticket_event (
    ticket_event_id bigint generated always as identity primary key,
    ticket_id bigint not null references ticket,
    at timestamptz not null default now(),
    actor text not null check (actor in ('agent', 'customer', 'system')),
    agent_id bigint references agent,
    kind text not null,
    data jsonb not null,
    matrix_event text,
    check ((actor = 'agent') = (agent_id is not null))
);
comment on table ticket_event is 'What happened to tickets, the audit trail: written with every change, in its transaction, and never changed';
comment on column ticket_event.ticket_event_id is 'Row id';
comment on column ticket_event.ticket_id is 'The ticket';
comment on column ticket_event.at is 'When, by PostgreSQL''s clock';
comment on column ticket_event.actor is 'agent, customer or system';
comment on column ticket_event.agent_id is 'The agent';
comment on column ticket_event.kind is 'created, owner_changed, state_changed, mail_received, answer_written, …';
comment on column ticket_event.data is 'What the kind says of it';
comment on column ticket_event.matrix_event is 'The Matrix event that asked for it';
create index ticket_event_by_ticket on ticket_event (ticket_id, ticket_event_id);

create function ticket_event_is_append_only() returns trigger language plpgsql as $$
begin
    raise exception 'the audit trail is append-only';
end
$$;
create trigger ticket_event_is_append_only before update or delete or truncate on ticket_event
    for each statement execute function ticket_event_is_append_only();
