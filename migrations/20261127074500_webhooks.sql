-- Events in an order that can be followed, and the programs that are told of them.

create table unnumbered_event (
    ticket_event_id bigint primary key,
    is_quiet boolean not null
) with (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);
comment on table unnumbered_event is 'What happened to tickets and has no number yet: written with the event, in its transaction, and taken out about a second after the commit. Without a foreign key, since every mail writes here';
comment on column unnumbered_event.ticket_event_id is 'The event';
comment on column unnumbered_event.is_quiet is 'Whether no webhook is told: an archive brought it';

create table feed_event (
    feed_event_id bigint primary key,
    ticket_event_id bigint not null constraint feed_event_once unique references ticket_event
);
comment on table feed_event is 'What happened to tickets, numbered after the commit, one by one and without gaps: whoever has read up to a number has missed nothing before it, which ids that are given before the commit can''t promise';
comment on column feed_event.feed_event_id is 'The number, as programs see it';
comment on column feed_event.ticket_event_id is 'The event';

create table webhook (
    webhook_id bigint generated always as identity primary key,
    url text not null,
    secret text not null,
    events text[] not null,
    queues bigint[] not null,
    has_bodies boolean not null,
    owner_id bigint references agent,
    created_at timestamptz not null,
    last_result text,
    last_at timestamptz,
    failing_since timestamptz,
    disabled_at timestamptz,
    disabled_why text,
    check ((disabled_at is null) = (disabled_why is null))
);
comment on table webhook is 'Programs that are called when something happens to a ticket';
comment on column webhook.webhook_id is 'Row id, by which admins name it';
comment on column webhook.url is 'What is called';
comment on column webhook.secret is 'What its signatures are made with, as its receiver has it: whsec_…';
comment on column webhook.events is 'The types of events, such as ticket.created; empty: all';
comment on column webhook.queues is 'The queues; empty: all';
comment on column webhook.has_bodies is 'Whether it is told what customers wrote and got';
comment on column webhook.owner_id is 'Whom the desk calls when it is disabled';
comment on column webhook.created_at is 'When it was added';
comment on column webhook.last_result is 'How its last call ended: a status, or why there was none; never what was answered';
comment on column webhook.last_at is 'When that was';
comment on column webhook.failing_since is 'Since when no call went well';
comment on column webhook.disabled_at is 'Since when it is not called any more';
comment on column webhook.disabled_why is 'Why not';

create table webhook_delivery (
    webhook_delivery_id bigint generated always as identity primary key,
    webhook_id bigint not null references webhook on delete cascade,
    feed_event_id bigint not null references feed_event,
    message_id text not null,
    body text not null,
    failures smallint not null default 0,
    constraint webhook_delivery_once unique (webhook_id, feed_event_id)
);
comment on table webhook_delivery is 'What is still to be told to a webhook: frozen when the event was numbered, deleted when it is told';
comment on column webhook_delivery.webhook_delivery_id is 'Row id';
comment on column webhook_delivery.webhook_id is 'The webhook';
comment on column webhook_delivery.feed_event_id is 'The event';
comment on column webhook_delivery.message_id is 'The webhook-id: the same at every attempt, and no other message''s, also after a backup was restored';
comment on column webhook_delivery.body is 'The bytes that are sent';
comment on column webhook_delivery.failures is 'How many attempts failed';

alter table lane
    drop constraint lane_class_check,
    add constraint lane_class_check check (class in ('intake', 'command', 'chat', 'mail', 'webhook'));
comment on column lane.class is 'Who works on it: intake (mails that came in), command (events that came in), chat (Matrix), mail (SMTP), webhook (HTTP). Each class has workers of its own, so that a stuck server holds up only its own kind';
