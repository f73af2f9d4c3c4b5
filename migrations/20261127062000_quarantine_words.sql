-- A quarantine entry shows how its mail begins, and lists go by what kind it is.
alter table quarantine
    add column kind text not null default 'other' check (kind in ('spam', 'automatic', 'blocked', 'report', 'excess', 'other')),
    add column beginning text;
comment on column quarantine.kind is 'What its reason is of: spam, automatic (a machine''s), blocked (its sender is), report (of a delivery), excess (one too many), other';
comment on column quarantine.beginning is 'How the first mail behind the entry begins; null: its message is from before that was kept, and is the file itself';
drop index quarantine_open;
create index quarantine_open on quarantine (queue_id, quarantine_id) include (kind) where outcome is null;
create index quarantine_open_days on quarantine (queue_id, day, kind) where outcome is null;
