-- What agents decide about quarantined mail, and why each mail is where it is.

alter table mail_in add column quarantine_id bigint references quarantine;
comment on column mail_in.quarantine_id is 'The quarantine entry behind which it stands or stood';
update mail_in set quarantine_id = quarantine.quarantine_id from quarantine where quarantine.mail_id = mail_in.mail_id;
create index mail_in_quarantine on mail_in (quarantine_id) where quarantine_id is not null;

alter table mail_in add column verdict text check (verdict in ('ticket', 'attach'));
comment on column mail_in.verdict is 'What an agent decided about it in quarantine: ticket (one of its own) or attach (to verdict_ticket)';
alter table mail_in add column verdict_ticket bigint references ticket;
comment on column mail_in.verdict_ticket is 'The ticket that it was attached to';
alter table mail_in add column rule text;
comment on column mail_in.rule is 'Why it became what it became, one sentence, for !why';

alter table quarantine add column collapse_key text not null default '';
comment on column quarantine.collapse_key is 'Mails with the same one that come soon after stand behind one entry';
alter table quarantine add column sender text;
comment on column quarantine.sender is 'Who the first mail says it is from, else its envelope; null: nobody';
alter table quarantine add column outcome text;
comment on column quarantine.outcome is 'What an agent made of it, in words; null: nothing yet';
alter table quarantine add column day date not null default (now() at time zone 'utc')::date;
comment on column quarantine.day is 'UTC day: the entry stands in that day''s thread';
create unique index quarantine_event on quarantine (event_id) where event_id is not null;

create table quarantine_day (
    queue_id bigint not null references queue,
    day date not null,
    key uuid not null default gen_random_uuid(),
    root_event text,
    last_event text,
    primary key (queue_id, day)
);
comment on table quarantine_day is 'One thread a day and queue for what was quarantined';
comment on column quarantine_day.queue_id is 'The queue';
comment on column quarantine_day.day is 'UTC day';
comment on column quarantine_day.key is 'The root''s Matrix transaction id: whoever posts it, it is one event';
comment on column quarantine_day.root_event is 'The thread''s root, once posted';
comment on column quarantine_day.last_event is 'The newest entry in it';
insert into quarantine_day (queue_id, day, root_event, last_event)
select queue_id, day, min(event_id), max(event_id) from quarantine where event_id is not null group by 1, 2;

create table blocked_sender (
    address_key text primary key,
    agent_id bigint references agent,
    blocked_at timestamptz not null default now()
);
comment on table blocked_sender is 'Senders whose mail goes straight into quarantine';
comment on column blocked_sender.address_key is 'Lower-cased address';
comment on column blocked_sender.agent_id is 'Who blocked it';
comment on column blocked_sender.blocked_at is 'When';

create table letter_reply (
    letter_reply_id bigint generated always as identity primary key,
    letter_id bigint not null references letter,
    at timestamptz not null default now(),
    became text not null,
    reply text not null
);
comment on table letter_reply is 'What the mail server said to each attempt at a letter';
comment on column letter_reply.letter_reply_id is 'Row id';
comment on column letter_reply.letter_id is 'The letter';
comment on column letter_reply.at is 'When';
comment on column letter_reply.became is 'The letter''s state after it';
comment on column letter_reply.reply is 'The server''s words';
create index letter_reply_by_letter on letter_reply (letter_id);
