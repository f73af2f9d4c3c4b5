-- One table of what stands in Matrix, in place of a column or table for each kind.

create table projection (
    purpose text not null check (purpose in ('card', 'article', 'file', 'quarantine day', 'quarantine entry')),
    subject_id bigint not null,
    room_id text not null,
    event_id text not null,
    root_event text,
    last_event text not null,
    digest bytea,
    pinned boolean not null default false,
    shown_at timestamptz not null default now(),
    primary key (purpose, subject_id, room_id)
);
comment on table projection is 'What stands in Matrix: each message of the bot that shows something of the record';
comment on column projection.purpose is 'What it shows, and so which table subject_id is of: card (ticket), article, file (attachment), quarantine day (quarantine_day), quarantine entry (quarantine)';
comment on column projection.subject_id is 'The row that it shows';
comment on column projection.room_id is 'The room';
comment on column projection.event_id is 'The message; a picture that stands in its article''s message has the same one';
comment on column projection.root_event is 'The root of the thread that it stands in; null: it is in none, but may be a root';
comment on column projection.last_event is 'The newest message we know in the thread below it, for clients without threads; itself if there is none';
comment on column projection.digest is 'SHA-256 of what it showed last; null: that is not certain, so it is sent again when the record changes';
comment on column projection.pinned is 'Whether it is pinned in its room';
comment on column projection.shown_at is 'When it was last sent';
create index projection_by_event on projection (event_id);
create index projection_pinned on projection (room_id) where pinned;

insert into projection (purpose, subject_id, room_id, event_id, last_event, shown_at)
select 'card', ticket_id, room_id, root_event, last_event, created_at from thread;
insert into projection (purpose, subject_id, room_id, event_id, root_event, last_event)
select 'article', article_id, room_id, article.event_id, root_event, article.event_id
from article join thread using (ticket_id) where kind in ('mail', 'bounce') and not on_card and article.event_id is not null;
insert into projection (purpose, subject_id, room_id, event_id, root_event, last_event)
select 'file', attachment_id, room_id, attachment.event_id, root_event, attachment.event_id
from attachment join article using (article_id) join thread using (ticket_id) where attachment.event_id is not null;
drop table thread;
alter table attachment drop column event_id;

alter table quarantine_day add column quarantine_day_id bigint generated always as identity constraint quarantine_day_id_unique unique;
comment on column quarantine_day.quarantine_day_id is 'Row id';
insert into projection (purpose, subject_id, room_id, event_id, last_event)
select 'quarantine day', quarantine_day_id, room_id, root_event, last_event
from quarantine_day join queue using (queue_id) where room_id is not null and root_event is not null;
insert into projection (purpose, subject_id, room_id, event_id, root_event, last_event)
select 'quarantine entry', quarantine_id, room_id, event_id, root_event, event_id
from quarantine join quarantine_day using (queue_id, day) join queue using (queue_id)
where room_id is not null and event_id is not null;
alter table quarantine_day drop column root_event, drop column last_event;
alter table quarantine drop column event_id;
