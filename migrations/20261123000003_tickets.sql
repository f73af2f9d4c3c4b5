-- Tickets, what stands in them, and what left the house for them.

create table ticket_counter (
    day date primary key,
    last bigint not null
);
comment on table ticket_counter is 'The counter in ticket numbers, one row a day. Gaps are allowed, repeats are not';
comment on column ticket_counter.day is 'UTC day';
comment on column ticket_counter.last is 'Last number given out';

create table ticket (
    ticket_id bigint generated always as identity primary key,
    number text not null constraint ticket_number_unique unique check (number ~ '^[0-9]{14,40}$'),
    queue_id bigint not null references queue,
    customer_id bigint not null references customer,
    subject text not null,
    state text not null default 'new' check (state in (
        'new', 'open', 'pending reminder', 'pending auto close+', 'pending auto close-',
        'closed successful', 'closed unsuccessful', 'merged', 'removed')),
    owner_id bigint references agent,
    last_owner_id bigint references agent,
    priority smallint not null default 3 check (priority between 1 and 5),
    informed boolean,
    articles integer not null default 0,
    created_at timestamptz not null default now(),
    changed_at timestamptz not null default now(),
    closed_at timestamptz,
    constraint ticket_closed_is_unlocked check (
        owner_id is null
        or state not in ('closed successful', 'closed unsuccessful', 'merged', 'removed'))
);
comment on table ticket is 'A ticket as it is now; how it came to be so is in change';
comment on column ticket.ticket_id is 'Row id, never shown';
comment on column ticket.number is 'What people call it';
comment on column ticket.queue_id is 'Its queue';
comment on column ticket.customer_id is 'Who it is for: answers go there';
comment on column ticket.subject is 'The first mail''s subject, cleaned';
comment on column ticket.state is 'OTRS'' states';
comment on column ticket.owner_id is 'The agent who holds the lock; null: unlocked. So a locked ticket has exactly one owner';
comment on column ticket.last_owner_id is 'The agent who held it before';
comment on column ticket.priority is '1 very low to 5 very high';
comment on column ticket.informed is 'Of a closed ticket: whether the closing was mailed to the customer';
comment on column ticket.articles is 'How many articles it has: the next one''s seq less one';
comment on column ticket.created_at is 'When';
comment on column ticket.changed_at is 'When last changed';
comment on column ticket.closed_at is 'When last closed; null while it is open';
create index ticket_by_queue on ticket (queue_id, ticket_id)
    where state not in ('closed successful', 'closed unsuccessful', 'merged', 'removed');
create index ticket_by_owner on ticket (owner_id) where owner_id is not null;
create index ticket_by_customer on ticket (customer_id);

create table participant (
    ticket_id bigint not null references ticket,
    customer_id bigint not null references customer,
    primary key (ticket_id, customer_id)
);
comment on table participant is 'Who takes part in a ticket by mail: its customer, and who wrote to a signed address of it';
comment on column participant.ticket_id is 'The ticket';
comment on column participant.customer_id is 'Who';

create table thread (
    ticket_id bigint not null references ticket,
    room_id text not null,
    root_event text not null constraint thread_root_unique unique,
    last_event text not null,
    created_at timestamptz not null default now(),
    primary key (ticket_id, room_id)
);
comment on table thread is 'Where a ticket stands in Matrix: its card and the newest event below it';
comment on column thread.ticket_id is 'The ticket';
comment on column thread.room_id is 'The room';
comment on column thread.root_event is 'The card';
comment on column thread.last_event is 'The newest event we know in the thread, for clients without threads';
comment on column thread.created_at is 'When the card was posted';

create table article (
    article_id bigint generated always as identity primary key,
    ticket_id bigint not null references ticket,
    seq integer not null check (seq > 0),
    kind text not null check (kind in ('mail', 'answer', 'note', 'automatic', 'bounce')),
    sender text not null check (sender in ('customer', 'agent', 'system')),
    visibility text not null check (visibility in ('customer', 'internal', 'held')),
    agent_id bigint references agent,
    customer_id bigint references customer,
    mail_id bigint references mail_in constraint article_mail_unique unique,
    text text not null,
    html text,
    whole_text text,
    folded integer not null default 0,
    on_card boolean not null default false,
    event_id text,
    cancelled_at timestamptz,
    created_at timestamptz not null default now(),
    constraint article_seq_unique unique (ticket_id, seq),
    -- What letter''s foreign key points at.
    constraint article_visibility_unique unique (article_id, visibility),
    constraint article_note_is_internal check (kind <> 'note' or visibility = 'internal')
);
comment on table article is 'One mail, answer or note of a ticket';
comment on column article.article_id is 'Row id, shown to programs';
comment on column article.ticket_id is 'The ticket';
comment on column article.seq is 'Its place in the ticket, from 1';
comment on column article.kind is 'mail (came in), answer, note, automatic (acknowledgement and the like), bounce';
comment on column article.sender is 'customer, agent or system';
comment on column article.visibility is 'customer, internal, or held (a stranger''s mail, until an agent decides)';
comment on column article.agent_id is 'The agent who wrote it';
comment on column article.customer_id is 'The customer who wrote it';
comment on column article.mail_id is 'The mail it came in';
comment on column article.text is 'What is new, as text';
comment on column article.html is 'The same as safe HTML, if that says more';
comment on column article.whole_text is 'The mail''s whole text, if something was folded away';
comment on column article.folded is 'How many lines were folded away';
comment on column article.on_card is 'It stands on the card and is not written again into the thread';
comment on column article.event_id is 'Its event: the bot''s post, or the agent''s own message';
comment on column article.cancelled_at is 'An answer taken back while it was held; it never left the house';
comment on column article.created_at is 'When';

create table attachment (
    attachment_id bigint generated always as identity primary key,
    article_id bigint not null references article,
    position integer not null,
    name text not null,
    mime text not null,
    content_id text,
    bytes bytea not null,
    media jsonb,
    event_id text,
    constraint attachment_position_unique unique (article_id, position)
);
comment on table attachment is 'A file of an article';
comment on column attachment.attachment_id is 'Row id';
comment on column attachment.article_id is 'The article';
comment on column attachment.position is 'Its place in the mail, from 1';
comment on column attachment.name is 'File name, cleaned';
comment on column attachment.mime is 'Media type';
comment on column attachment.content_id is 'Content-ID of an inline part';
comment on column attachment.bytes is 'The file';
comment on column attachment.media is 'Where the homeserver keeps it, once uploaded';
comment on column attachment.event_id is 'Its event, once posted';

create table message_ref (
    message_id text not null,
    ticket_id bigint not null references ticket,
    article_id bigint not null references article,
    primary key (message_id, article_id)
);
comment on table message_ref is 'Message-IDs of mails in and out, for matching References';
comment on column message_ref.message_id is 'Without angle brackets';
comment on column message_ref.ticket_id is 'The ticket';
comment on column message_ref.article_id is 'The article';

create table event_ref (
    event_id text primary key,
    room_id text not null,
    ticket_id bigint not null references ticket,
    article_id bigint references article
);
comment on table event_ref is 'Which ticket an event belongs to: cards, articles, commands, notices';
comment on column event_ref.event_id is 'The event';
comment on column event_ref.event_id is 'The event';
comment on column event_ref.room_id is 'Its room';
comment on column event_ref.ticket_id is 'The ticket';
comment on column event_ref.article_id is 'The article, if it shows one';

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
    undo jsonb,
    created_at timestamptz not null default now(),
    finished_at timestamptz,
    -- A mail can stand only on an article that the customer may see: PostgreSQL itself says so.
    constraint letter_only_of_visible_articles foreign key (article_id, visibility)
        references article (article_id, visibility)
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
comment on column letter.undo is 'What the ticket was before, for undoing';
comment on column letter.created_at is 'When';
comment on column letter.finished_at is 'When sent, failed or cancelled';
create index letter_by_article on letter (article_id);
create index letter_by_ticket on letter (ticket_id);

create table change (
    change_id bigint generated always as identity primary key,
    ticket_id bigint not null references ticket,
    at timestamptz not null default now(),
    actor text not null check (actor in ('agent', 'customer', 'system')),
    agent_id bigint references agent,
    what text not null,
    old text,
    new text,
    event_id text
);
comment on table change is 'The audit trail: written with every change, in its transaction, and never changed';
comment on column change.change_id is 'Row id';
comment on column change.ticket_id is 'The ticket';
comment on column change.at is 'When, by PostgreSQL''s clock';
comment on column change.actor is 'agent, customer or system';
comment on column change.agent_id is 'The agent';
comment on column change.what is 'created, locked, unlocked, owner, state, article, mail, …';
comment on column change.old is 'Before';
comment on column change.new is 'After';
comment on column change.event_id is 'The Matrix event that asked for it';
create index change_by_ticket on change (ticket_id, change_id);

create function change_is_append_only() returns trigger language plpgsql as $$
begin
    raise exception 'the audit trail is append-only';
end
$$;
create trigger change_is_append_only before update or delete or truncate on change
    for each statement execute function change_is_append_only();
