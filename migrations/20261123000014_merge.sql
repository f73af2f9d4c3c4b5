-- Tickets that became part of another one.

alter table ticket add column merged_into bigint references ticket check (merged_into <> ticket_id);
alter table ticket add constraint ticket_merged_is_over check (merged_into is null or state = 'merged');
comment on column ticket.merged_into is 'The ticket that this one is part of now: mail to it goes there; null unless it is merged';
create index ticket_merged on ticket (merged_into) where merged_into is not null;
