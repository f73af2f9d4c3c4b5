-- Mails that go out, and how many of them nobody asked for.

create table letter (
    letter_id bigint generated always as identity primary key,
    article_id bigint not null,
    visibility text not null default 'customer' check (visibility = 'customer'),
    ticket_id bigint not null references ticket,
    recipient text not null,
    automatic boolean not null,
    envelope_from text,
    message_id text not null,
    bytes bytea not null,
    state text not null check (state in ('held', 'queued', 'sending', 'unknown', 'sent', 'failed', 'cancelled')),
    attempts integer not null default 0,
    dot_at timestamptz,
    uncertain integer not null default 0,
    reply text,
    room_id text,
    command_event text,
    created_at timestamptz not null default now(),
    finished_at timestamptz,
    delayed_at timestamptz,
    queue_id bigint not null references queue,
    cause_id bigint references article,
    -- A mail can stand only on an article that the customer may see: PostgreSQL itself says so.
    constraint letter_only_of_visible_articles foreign key (article_id, visibility) references article (article_id,
        visibility)
);
comment on table letter is 'One outgoing mail to one recipient, its bytes frozen';
comment on column letter.letter_id is 'Row id; signed into its reply and bounce addresses';
comment on column letter.article_id is 'The article that it carries';
comment on column letter.visibility is 'Always customer: half of the foreign key that keeps notes inside';
comment on column letter.ticket_id is 'The ticket';
comment on column letter.recipient is 'Envelope recipient';
comment on column letter.automatic is 'Whether the desk wrote it by itself';
comment on column letter.envelope_from is 'Envelope sender; null: the null sender';
comment on column letter.message_id is 'Its Message-ID, the same at every attempt';
comment on column letter.bytes is 'The mail, the same at every attempt';
comment on column letter.state is 'held (can be undone), queued, sending (the final dot may have been written), unknown (it was, and no answer came), sent, failed, cancelled';
comment on column letter.attempts is 'How often it was tried';
comment on column letter.dot_at is 'Committed before the final dot is written; null again when the server said no';
comment on column letter.uncertain is 'How many attempts ended with nobody knowing: so many further copies are possible';
comment on column letter.reply is 'The server''s last answer';
comment on column letter.room_id is 'The room of the command';
comment on column letter.command_event is 'The agent''s message that asked for it; null for automatic mail';
comment on column letter.created_at is 'When';
comment on column letter.finished_at is 'When sent, failed or cancelled';
comment on column letter.delayed_at is 'When the agent was told that it is delayed; null: not yet';
comment on column letter.queue_id is 'The queue whose address it bears, and through whose account it goes out';
comment on column letter.cause_id is 'The article whose mail made the desk write it by itself; null for answers';
create index letter_by_article on letter (article_id);
create index letter_by_ticket on letter (ticket_id);
-- How many went out in the last hour is counted here. A counter in a row of its own would make every
-- new ticket wait for the commit of the one before it.
create index letter_automatic on letter (created_at) where automatic;
create index letter_by_cause on letter (cause_id) where cause_id is not null;

create table letter_reply (
    letter_reply_id bigint generated always as identity primary key,
    letter_id bigint not null references letter,
    at timestamptz not null default now(),
    became text not null,
    reply text not null
);
comment on table letter_reply is 'What the mail server said to each attempt at a letter';
comment on column letter_reply.letter_reply_id is 'Row id';
comment on column letter_reply.letter_id is 'The letter';
comment on column letter_reply.at is 'When';
comment on column letter_reply.became is 'The letter''s state after it';
comment on column letter_reply.reply is 'The server''s words';
create index letter_reply_by_letter on letter_reply (letter_id);

create table automatic_mail (
    address_key text,
    day date,
    sent integer not null check (sent > 0),
    primary key (address_key, day)
);
comment on table automatic_mail is 'How many automatic mails an address got on a day: the cap that ends loops';
comment on column automatic_mail.address_key is 'Lower-cased recipient';
comment on column automatic_mail.day is 'UTC day';
comment on column automatic_mail.sent is 'How many';

create table automatic_pause (
    hour timestamptz primary key
);
comment on table automatic_pause is 'Hours in which automatic mail was withheld because the desk had written its share: one row an hour, so that a flood is told of once';
comment on column automatic_pause.hour is 'When the hour began';
