-- Boards: one message in each queue's room, and one in each agent's home, that say what there is to do.

alter table projection
    drop constraint projection_purpose_check,
    add constraint projection_purpose_check check (purpose in ('card', 'article', 'file', 'quarantine day', 'quarantine entry',
        'queue board', 'home board')),
    add column sent_at timestamptz not null default now();
comment on column projection.purpose is 'What it shows, and so which table subject_id is of: card (ticket), article, file (attachment), quarantine day (quarantine_day), quarantine entry (quarantine), queue board (queue), home board (agent)';
comment on column projection.sent_at is 'When the message itself was sent, whatever was edited since: a board is sent anew on another day';

-- How many of a queue's tickets wait for a time, without a look at the others.
create index ticket_pending on ticket (queue_id) where state in ('pending reminder', 'pending auto close+', 'pending auto close-');
