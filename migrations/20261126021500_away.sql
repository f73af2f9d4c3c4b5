-- Who is away, and until when.

alter table agent add column away_until timestamptz;
comment on column agent.away_until is 'Until when they said that they are away: then a customer''s mail opens the lock that they hold. Null or past: they are here';
