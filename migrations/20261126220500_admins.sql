-- A room for who sets the desk up, and what they look at.
create index letter_uncertain on letter (letter_id) where state = 'unknown' or (state = 'queued' and attempts > 0);
alter table room
    drop constraint room_purpose_check,
    add constraint room_purpose_check check (purpose in ('space', 'queue', 'home', 'admins'));
comment on column room.purpose is 'space (holds all queues), queue (its tickets), home (an agent and the bot alone), admins (who sets the desk up)';
create unique index room_admins_unique on room (purpose) where purpose = 'admins';
