-- Tickets, what stands in them, and what happened to them.

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
    state text not null default 'new' check (state in ('new', 'open', 'pending reminder', 'pending auto close+',
        'pending auto close-', 'closed successful', 'closed unsuccessful', 'merged', 'removed')),
    owner_id bigint references agent,
    last_owner_id bigint references agent,
    priority smallint not null default 3 check (priority between 1 and 5),
    informed boolean,
    articles integer not null default 0,
    created_at timestamptz not null default now(),
    changed_at timestamptz not null default now(),
    closed_at timestamptz,
    merged_into bigint references ticket,
    constraint ticket_closed_is_unlocked check (owner_id is null or state not in ('closed successful',
        'closed unsuccessful', 'merged', 'removed')),
    check (merged_into <> ticket_id),
    constraint ticket_merged_is_over check (merged_into is null or state = 'merged')
);
comment on table ticket is 'A ticket as it is now; how it came to be so is in ticket_event';
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
comment on column ticket.merged_into is 'The ticket that this one is part of now: mail to it goes there; null unless it is merged';
create index ticket_by_owner on ticket (owner_id) where owner_id is not null;
create index ticket_merged on ticket (merged_into) where merged_into is not null;
create index ticket_by_customer on ticket (customer_id, created_at);
-- Lists: by queue in the order in which they are shown; the owner, so that counting the unlocked looks at no ticket.
create index ticket_open on ticket (queue_id, priority desc, ticket_id) include (owner_id) where state not in
    ('closed successful', 'closed unsuccessful', 'merged', 'removed');

create table ticket_link (
    ticket_id bigint references ticket,
    other_id bigint references ticket,
    primary key (ticket_id, other_id),
    check (ticket_id <> other_id)
);
comment on table ticket_link is 'Tickets that have to do with each other';
comment on column ticket_link.ticket_id is 'The younger one';
comment on column ticket_link.other_id is 'The older one';
create index ticket_link_other on ticket_link (other_id);

create table participant (
    ticket_id bigint references ticket,
    customer_id bigint references customer,
    primary key (ticket_id, customer_id)
);
comment on table participant is 'Who takes part in a ticket by mail: its customer, whom an agent wrote to and who answered, and whom an agent let in';
comment on column participant.ticket_id is 'The ticket';
comment on column participant.customer_id is 'Who';
create index participant_by_customer on participant (customer_id);

create table article (
    article_id bigint generated always as identity primary key,
    ticket_id bigint not null references ticket,
    seq integer not null check (seq > 0),
    kind text not null check (kind in ('mail', 'answer', 'note', 'automatic', 'bounce')),
    sender text not null check (sender in ('customer', 'agent', 'system')),
    visibility text not null check (visibility in ('customer', 'internal', 'held')),
    agent_id bigint references agent,
    customer_id bigint references customer,
    mail_id bigint constraint article_mail_unique unique,
    text text not null,
    html text,
    whole_text text,
    folded integer not null default 0,
    on_card boolean not null default false,
    event_id text,
    cancelled_at timestamptz,
    created_at timestamptz not null default now(),
    subject text,
    written_at timestamptz,
    reply_to text,
    copies text,
    response text constraint article_response_known check (response in ('absence', 'automatic', 'receipt', 'accepted',
        'declined', 'tentative', 'delegated', 'counter')),
    constraint article_seq_unique unique (ticket_id, seq),
    -- What letter's foreign key points at.
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
comment on column article.customer_id is 'The customer who wrote it; of an imported answer the desk''s own address';
comment on column article.mail_id is 'The mail it came in';
comment on column article.text is 'What is new, as text';
comment on column article.html is 'The same as safe HTML, if that says more';
comment on column article.whole_text is 'The mail''s whole text, if something was folded away';
comment on column article.folded is 'How many lines were folded away';
comment on column article.on_card is 'It stands on the card and is not written again into the thread';
comment on column article.event_id is 'Its event: the bot''s post, or the agent''s own message';
comment on column article.cancelled_at is 'An answer taken back while it was held; it never left the house';
comment on column article.created_at is 'When';
comment on column article.subject is 'The subject of the mail, cleaned; null for what is no mail and for mails of before';
comment on column article.written_at is 'When the mail says that it was written; null if it does not say, and for what is no mail';
comment on column article.reply_to is 'Reply-To of a customer''s mail, if that is somebody else than who wrote it: shown, and heeded only when an agent says so; null: none';
comment on column article.copies is 'Who else a customer''s mail went to, as it says: addresses with commas, without the desk''s own; null: nobody. Shown; nobody takes part by it';
comment on column article.response is 'Of a mail that only answers another one: what it says (absence, automatic, receipt; accepted, declined, tentative, delegated, counter of an invitation); null: somebody wrote it for its own sake';
-- The way of edits and redactions.
create index article_by_event on article (event_id) where event_id is not null;
-- Held mails are asked for by lists and cards, and are few.
create index article_held on article (ticket_id) where visibility = 'held' and cancelled_at is null;
create index article_lately on article (customer_id, created_at) where kind = 'mail' and customer_id is not null;
create index article_held_lately on article (created_at) where visibility = 'held';

create table attachment (
    attachment_id bigint generated always as identity primary key,
    article_id bigint not null references article,
    position integer not null,
    name text not null,
    mime text not null,
    content_id text,
    bytes bytea not null,
    media jsonb,
    digest bytea not null generated always as (sha256(bytes)) stored,
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
comment on column attachment.digest is 'SHA-256 of the file';

create table message_ref (
    message_id text,
    ticket_id bigint not null references ticket,
    article_id bigint references article,
    primary key (message_id, article_id)
);
comment on table message_ref is 'Message-IDs of mails in and out, for matching References';
comment on column message_ref.message_id is 'Without angle brackets';
comment on column message_ref.ticket_id is 'The ticket';
comment on column message_ref.article_id is 'The article';
create index message_ref_by_ticket on message_ref (ticket_id, article_id);
create index message_ref_by_article on message_ref (article_id);

create table unknown_message (
    message_id text,
    ticket_id bigint references ticket,
    primary key (message_id, ticket_id)
);
comment on table unknown_message is 'Mails that the desk does not have, and that a ticket''s mails answer: what answers the same one belongs there, too';
comment on column unknown_message.message_id is 'Its Message-ID, without angle brackets';
comment on column unknown_message.ticket_id is 'The ticket';
create index unknown_message_by_ticket on unknown_message (ticket_id);

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
comment on column ticket_event.at is 'When: the instant of the transaction, by the clock of the instance that wrote it';
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
create trigger ticket_event_is_append_only before delete or update or truncate on ticket_event for each statement execute function ticket_event_is_append_only();
