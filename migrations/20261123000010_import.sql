-- Archives are read like any mail and go out to nobody; bursts and reports become one entry with a count.

alter table article add column written_at timestamptz;
comment on column article.written_at is 'When the mail says that it was written; null if it does not say, and for what is no mail';
comment on column article.customer_id is 'The customer who wrote it; of an imported answer the desk''s own address';

alter table job add column rank smallint not null default 0;
comment on column job.rank is '0: somebody waits for it; 1: it comes after all that, such as what an archive brings';
drop index job_due;
create index job_due on job (class, rank, job_id) where state = 'ready';

-- Many changes of a ticket or of a quarantine entry, one edit.
delete from job using job as earlier
where job.kind = 'Quarantine' and job.state = 'ready' and job.attempts = 0 and earlier.lane = job.lane
    and earlier.kind = 'Quarantine' and earlier.state = 'ready' and earlier.attempts = 0 and earlier.job_id < job.job_id;
drop index job_one_card;
create unique index job_one_edit on job (lane)
    where kind in ('Card', 'Quarantine') and state = 'ready' and attempts = 0;
