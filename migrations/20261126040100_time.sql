-- When a queue works and what it has promised, and when that is due of a ticket.

alter table queue
    add column hours text not null default '',
    add column holidays text not null default '',
    add column first_within integer check (first_within > 0),
    add column first_warn smallint not null default 75 check (first_warn between 1 and 99),
    add column update_within integer check (update_within > 0),
    add column update_warn smallint not null default 75 check (update_warn between 1 and 99),
    add column solution_within integer check (solution_within > 0),
    add column solution_warn smallint not null default 75 check (solution_warn between 1 and 99),
    add column solution_restarts boolean not null default false,
    add column unlock_after integer check (unlock_after > 0),
    add column is_timed boolean not null generated always as (first_within is not null or update_within is not null
        or solution_within is not null or unlock_after is not null) stored;
comment on column queue.hours is 'Its working hours, as mo-fr 09:00-12:30,13:30-17:00; sa 10:00-12:00, by its time zone; empty: always';
comment on column queue.holidays is 'Days on which nobody works, a line each, as 2026-12-25 Christmas';
comment on column queue.first_within is 'Within how many minutes of working time the first answer is promised; null: not';
comment on column queue.first_warn is 'At what share of that the desk warns, in percent';
comment on column queue.update_within is 'Likewise an answer to a customer who has written again';
comment on column queue.update_warn is 'At what share of that the desk warns, in percent';
comment on column queue.solution_within is 'Likewise the closing';
comment on column queue.solution_warn is 'At what share of that the desk warns, in percent';
comment on column queue.solution_restarts is 'Whether a ticket that is opened again has all the time for its solution once more';
comment on column queue.unlock_after is 'After how many minutes of working time a lock is taken back whose owner does nothing; null: never';
comment on column queue.is_timed is 'Whether its tickets have times at all';

alter table ticket
    add column due_first timestamptz,
    add column due_update timestamptz,
    add column due_solution timestamptz,
    add column breached_at timestamptz,
    add column timer_at timestamptz;
comment on column ticket.due_first is 'When its first answer is due, computed from what happened; null: it is not, or is given';
comment on column ticket.due_update is 'When an answer is due to a customer who has written again';
comment on column ticket.due_solution is 'When it is to be closed';
comment on column ticket.breached_at is 'The earliest of these that is past; null: nothing is overdue';
comment on column ticket.timer_at is 'For when a job waits that looks at its times; null: none does';
-- What is overdue in a queue, the longest first: boards and lists.
create index ticket_breached on ticket (queue_id, breached_at) where breached_at is not null;
