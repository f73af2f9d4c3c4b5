-- Answers that wait for a moment.
create table scheduled_answer (
    scheduled_answer_id bigint generated always as identity primary key,
    ticket_id bigint not null references ticket,
    agent_id bigint not null references agent,
    room_id text,
    event_id text constraint scheduled_answer_event_unique unique,
    send_at timestamptz not null,
    seen integer not null,
    state text not null default 'waiting' check (state in ('waiting', 'stopped', 'sent', 'cancelled')),
    next text not null,
    until timestamptz,
    cc text[] not null,
    to_all boolean not null,
    attached smallint,
    is_sure boolean not null,
    text text not null
);
comment on table scheduled_answer is 'An answer that goes out at a moment, if its ticket still is as it was then. It is no article before';
comment on column scheduled_answer.scheduled_answer_id is 'Row id';
comment on column scheduled_answer.ticket_id is 'The ticket';
comment on column scheduled_answer.agent_id is 'Who wrote it';
comment on column scheduled_answer.room_id is 'The room of the message that asked for it';
comment on column scheduled_answer.event_id is 'That message';
comment on column scheduled_answer.send_at is 'When it goes out';
comment on column scheduled_answer.seen is 'How many articles the ticket had when it was written, or changed last: what the customer has written since stops it';
comment on column scheduled_answer.state is 'waiting, stopped (its moment was there, and something spoke against it: its writer decides), sent, cancelled';
comment on column scheduled_answer.next is 'The ticket''s state with it';
comment on column scheduled_answer.until is 'Until when the ticket is pending then';
comment on column scheduled_answer.cc is 'Who else gets it';
comment on column scheduled_answer.to_all is 'Whether everybody who takes part gets it';
comment on column scheduled_answer.attached is 'How many of the files were taken from the thread; null: none was asked for';
comment on column scheduled_answer.is_sure is 'Whether its writer has said that it is meant so';
comment on column scheduled_answer.text is 'The text, in Markdown';
create index scheduled_answer_open on scheduled_answer (ticket_id) where state in ('waiting', 'stopped');

create table scheduled_file (
    scheduled_answer_id bigint not null references scheduled_answer,
    position smallint not null check (position > 0),
    name text not null,
    mime text not null,
    digest bytea not null references blob,
    size bigint not null check (size >= 0),
    primary key (scheduled_answer_id, position)
);
comment on table scheduled_file is 'A file that goes with a scheduled answer';
comment on column scheduled_file.scheduled_answer_id is 'The answer';
comment on column scheduled_file.position is 'Its place, from 1';
comment on column scheduled_file.name is 'Its name';
comment on column scheduled_file.mime is 'Its media type';
comment on column scheduled_file.digest is 'Its bytes';
comment on column scheduled_file.size is 'How many they are';
create index scheduled_file_by_digest on scheduled_file (digest);
