-- The raw mail behind a quarantine entry is a message of its own, on which the same can be decided.
alter table projection drop constraint projection_purpose_check;
alter table projection add constraint projection_purpose_check check (purpose in ('card', 'article', 'file', 'quarantine day',
    'quarantine entry', 'quarantine file', 'queue board', 'home board'));
comment on column projection.purpose is 'What it shows, and so which table subject_id is of: card (ticket), article, file (attachment), quarantine day (quarantine_day), quarantine entry and quarantine file (quarantine), queue board (queue), home board (agent)';
