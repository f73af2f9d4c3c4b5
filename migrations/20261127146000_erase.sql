-- People who are erased: what of them is gone, and how far that has come.

create table erasure (
    erasure_id bigint generated always as identity primary key,
    customer_id bigint not null constraint erasure_customer_unique unique references customer,
    address text,
    name text,
    step text not null default 'tickets' check (step in ('tickets', 'elsewhere', 'mails', 'events', 'rest', 'rooms', 'done')),
    place bigint not null default 0,
    rooms_left integer not null default 0 check (rooms_left >= 0),
    since timestamptz not null,
    last_event bigint not null,
    last_letter bigint not null,
    last_mail bigint not null,
    done_at timestamptz,
    constraint erasure_done_is_nameless check ((step = 'done') = (address is null) and (step = 'done') = (done_at is not null))
);
create unique index erasure_address_unique on erasure (lower(address)) where address is not null;
comment on table erasure is 'People who were erased, or are being erased: what of them stood in the record is gone, numbers and history stay';
comment on column erasure.erasure_id is 'Row id; part of the address that stands in their place';
comment on column erasure.customer_id is 'Their row, which bears another address now';
comment on column erasure.address is 'The address, as long as it is looked for; null once all is gone';
comment on column erasure.name is 'The name that they had, as long as it is looked for';
comment on column erasure.step is 'What is gone through: tickets (theirs), elsewhere (what they wrote and got in others'' tickets), mails (that became no article), events (what agents wrote in rooms), rest, rooms (in Matrix); done';
comment on column erasure.place is 'How far in that: the last row that is done';
comment on column erasure.rooms_left is 'How many rooms the running desk has still to go through';
comment on column erasure.since is 'When it was asked for';
comment on column erasure.last_event is 'The last row of event_in then: what came later is not looked for a name in';
comment on column erasure.last_letter is 'The last letter then: later ones may be to the same person, who has come back';
comment on column erasure.last_mail is 'The last mail then';
comment on column erasure.done_at is 'When all was gone; null: not yet';

alter table ticket add column erased_at timestamptz;
comment on column ticket.erased_at is 'When its content was erased, with its customer; null: it was not';
alter table article add column erased_at timestamptz;
comment on column article.erased_at is 'When its content was erased; null: it was not';
alter table mail_in add column erased_at timestamptz;
comment on column mail_in.erased_at is 'When its bytes were erased: raw is empty then; null: they were not';

-- What is looked for by an address.
create index letter_by_recipient on letter (lower(recipient));
create index mail_in_by_sender on mail_in (lower(envelope_from));
create index quarantine_by_sender on quarantine (lower(sender));
create index dead_job_by_lane on dead_job (lane);
drop index scheduled_answer_open;
create index scheduled_answer_by_ticket on scheduled_answer (ticket_id);

-- The history is never changed, but for the words in it of somebody who is erased: what happened, when and by whom stays.
create or replace function ticket_event_is_append_only() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and current_setting('ticketloom.erases', true) = 'on' then
        return null;
    end if;
    raise exception 'the audit trail is append-only';
end
$$;
create function ticket_event_keeps_what_happened() returns trigger language plpgsql as $$
begin
    if (new.ticket_event_id, new.ticket_id, new.at, new.actor, new.agent_id, new.kind, new.matrix_event)
       is distinct from (old.ticket_event_id, old.ticket_id, old.at, old.actor, old.agent_id, old.kind, old.matrix_event) then
        raise exception 'of the audit trail only words are erased';
    end if;
    return new;
end
$$;
create trigger ticket_event_keeps_what_happened before update on ticket_event
    for each row execute function ticket_event_keeps_what_happened();
