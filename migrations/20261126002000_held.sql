-- Held mails are asked for by lists and cards, and are few.
create index article_held on article (ticket_id) where visibility = 'held' and cancelled_at is null;
