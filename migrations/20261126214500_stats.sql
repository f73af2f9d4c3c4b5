-- What is counted: by when it happened.
create index ticket_created on ticket (queue_id, created_at);
create index ticket_closed on ticket (queue_id, closed_at) where closed_at is not null;
create index article_answers on article (created_at) where kind = 'answer';
create index ticket_event_turns on ticket_event (at) where kind = 'state_changed';
