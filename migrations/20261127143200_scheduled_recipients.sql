-- Who gets an answer that waits is who its writer was shown.
alter table scheduled_answer add column shown text[];
comment on column scheduled_answer.shown is 'Who else was to get it when it was written, or changed last: others, by who takes part then, stop it; null: it was written before that was kept';
