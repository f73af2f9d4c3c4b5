-- What came again, and who takes part.

alter table mail_in add column copy_of bigint references mail_in;
comment on column mail_in.copy_of is 'Of a duplicate: the mail that it repeats; null: it repeats none';
create index mail_in_copies on mail_in (copy_of) where copy_of is not null;

comment on column mail_seen.content_key is 'SHA-256 over Message-ID, From, Date, Subject and text; and, in a row of its own, over that with HTML and files';

comment on table participant is 'Who takes part in a ticket by mail: its customer, whom an agent wrote to and who answered, and whom an agent let in';
