//! Work to do: enqueue in the transaction that decides it, lease, finish, put back, bury.
//!
//! A job is eligible when it is ready, due, not leased (or its lease ran out), and the first of its
//! lane. So there is no "running" to be stuck in: what a dead process held is free again when it is
//! missed ([`presence`](super::presence)) or at the latest when its lease ends. Every later write names
//! the lease, so a late one changes nothing.

mod kinds;

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

pub use self::kinds::{Class, Job, NoticeText};
use self::kinds::{decode, encode};
use super::{Result, Store, Tx, exactly_one};

/// A job in our hands, until its lease runs out.
#[derive(Clone, Debug)]
pub struct Leased {
    /// The row.
    pub id: i64,
    /// The Matrix transaction id: the same at every attempt.
    pub key: Uuid,
    /// What to do.
    pub job: Job,
    /// The lane it is first of.
    pub lane: String,
    /// Which attempt this is, from 1.
    pub attempt: i32,
    /// When it was enqueued.
    pub since: DateTime<Utc>,
    /// Ours as long as the row says so.
    pub lease: Uuid,
}

/// What is waiting, for metrics and `/ready`.
#[derive(Clone, Debug, Default)]
pub struct Backlog {
    /// Class, ready jobs, dead jobs, age of the oldest ready and due job in seconds.
    pub classes: Vec<(String, i64, i64, f64)>,
}

/// A job that was given up.
#[derive(Clone, Debug, Serialize)]
pub struct DeadJob {
    /// The row.
    pub id: i64,
    /// What it was.
    pub kind: String,
    /// Its ids.
    pub payload: serde_json::Value,
    /// How often it was tried.
    pub attempts: i32,
    /// Why it failed last.
    pub error: Option<String>,
    /// When it was enqueued.
    pub since: DateTime<Utc>,
}

/// How long a leased job is ours. Longer than any single call to a server may take (an SMTP server
/// has ten minutes for the final dot, RFC 5321 §4.5.3.2.6).
const LEASE_SECONDS: f64 = 60.0;
/// The same for mail.
const MAIL_LEASE_SECONDS: f64 = 900.0;
/// The rank of what nobody waits for.
pub(super) const LAST: i16 = 1;

impl Tx {
    /// Puts a job at the end of a lane, due now. A lane's jobs are all of one class.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked.
    pub async fn enqueue(&mut self, lane: &str, job: &Job) -> Result<()> {
        self.enqueue_after(lane, job, Duration::ZERO).await
    }

    /// Puts a job at the end of a lane, due in a while by PostgreSQL's clock.
    ///
    /// A card or a quarantine entry that already waits in the lane, untouched, is not put there twice:
    /// it will show what is so when it is sent. Its row is locked until this transaction ends, so that
    /// nobody sends it in between and leaves out what this transaction does.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked.
    pub async fn enqueue_after(&mut self, lane: &str, job: &Job, wait: Duration) -> Result<()> {
        let (kind, payload) = encode(job);
        let class = job.class();
        sqlx::query!(
            "insert into job (class, kind, payload, lane, run_at, rank)
             values ($1, $2, $3, $4, now() + make_interval(secs => $5), $6)
             on conflict (lane) where kind in ('Card', 'Quarantine') and state = 'ready' and attempts = 0
             do update set rank = least(job.rank, excluded.rank)",
            class.name(),
            kind,
            payload,
            lane,
            wait.as_secs_f64(),
            self.rank,
        )
        .execute(self.connection())
        .await?;
        self.mark_enqueued(class);
        Ok(())
    }

    /// Ends a job in the transaction that did its work: the work and its end are one.
    ///
    /// # Errors
    /// [`StoreError::Lost`] if the lease is not ours any more: then the work must not be committed.
    pub async fn finish(&mut self, leased: &Leased) -> Result<()> {
        let done = sqlx::query!("delete from job where job_id = $1 and lease = $2", leased.id, leased.lease)
            .execute(self.connection())
            .await?;
        exactly_one(&done, "a job's lease")
    }

    /// Lets a job that was given up be tried again; `false` if there is none.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked.
    pub async fn retry_dead(&mut self, id: i64) -> Result<bool> {
        let done = sqlx::query!(
            "update job set state = 'ready', run_at = now(), lease = null where job_id = $1 and state = 'dead'",
            id
        )
        .execute(self.connection())
        .await?;
        for class in Class::ALL {
            self.mark_enqueued(class);
        }
        Ok(done.rows_affected() == 1)
    }
}

impl Store {
    /// Leases up to `most` eligible jobs of a class, by rank, oldest first.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked.
    pub async fn lease(&self, class: Class, most: i64) -> Result<Vec<Leased>> {
        let lease = self.lease_token();
        let seconds = if class == Class::Mail { MAIL_LEASE_SECONDS } else { LEASE_SECONDS };
        let rows = sqlx::query!(
            r#"with picked as (
                   select job_id from job as candidate
                   where class = $1 and state = 'ready' and run_at <= now()
                     and (leased_until is null or leased_until < now())
                     -- First of its lane: nothing older is still to be done.
                     and not exists (
                         select from job as earlier
                         where earlier.lane = candidate.lane and earlier.state = 'ready' and earlier.job_id < candidate.job_id)
                   order by rank, job_id
                   limit $2
                   for update skip locked)
               update job set lease = $3, leased_until = now() + make_interval(secs => $4), attempts = attempts + 1
               from picked where job.job_id = picked.job_id
               returning job.job_id, key, kind, payload, lane, attempts, created_at"#,
            class.name(),
            most,
            lease,
            seconds,
        )
        .fetch_all(self.quick())
        .await?;
        let mut leased = Vec::with_capacity(rows.len());
        for row in rows {
            match decode(&row.kind, &row.payload) {
                Ok(job) => leased.push(Leased {
                    id: row.job_id,
                    key: row.key,
                    job,
                    lane: row.lane,
                    attempt: row.attempts,
                    since: row.created_at,
                    lease,
                }),
                Err(why) => self.bury_row(row.job_id, lease, &why).await?,
            }
        }
        leased.sort_by_key(|leased| leased.id);
        Ok(leased)
    }

    /// Leases the job behind a finished one in its lane, if it is due: a busy lane is followed
    /// without looking through all the others again.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked.
    pub async fn lease_next(&self, class: Class, lane: &str) -> Result<Option<Leased>> {
        let lease = self.lease_token();
        let seconds = if class == Class::Mail { MAIL_LEASE_SECONDS } else { LEASE_SECONDS };
        let row = sqlx::query!(
            r#"update job set lease = $2, leased_until = now() + make_interval(secs => $3), attempts = attempts + 1
               where job_id = (select min(job_id) from job where lane = $1 and state = 'ready')
                 and class = $4 and run_at <= now() and (leased_until is null or leased_until < now())
               returning job_id, key, kind, payload, attempts, created_at"#,
            lane,
            lease,
            seconds,
            class.name(),
        )
        .fetch_optional(self.quick())
        .await?;
        let Some(row) = row else { return Ok(None) };
        match decode(&row.kind, &row.payload) {
            Ok(job) => Ok(Some(Leased {
                id: row.job_id,
                key: row.key,
                job,
                lane: lane.to_owned(),
                attempt: row.attempts,
                since: row.created_at,
                lease,
            })),
            Err(why) => {
                self.bury_row(row.job_id, lease, &why).await?;
                Ok(None)
            }
        }
    }

    /// Puts a job back to be tried again in a while. What was not begun was not an attempt.
    ///
    /// # Errors
    /// [`StoreError::Lost`] if the lease is not ours any more.
    pub async fn put_back(&self, leased: &Leased, wait: Duration, why: &str, begun: bool) -> Result<()> {
        let done = sqlx::query!(
            "update job set lease = null, leased_until = null, last_error = $3, attempts = attempts - case when exists (
                        select from job as other
                        where other.lane = job.lane and other.job_id <> job.job_id and other.state = 'ready' and other.attempts = 0)
                    then 0 else $5 end,
                            run_at = now() + make_interval(secs => $4)
             where job_id = $1 and lease = $2",
            leased.id,
            leased.lease,
            clean(why),
            wait.as_secs_f64(),
            i32::from(!begun),
        )
        .execute(self.quick())
        .await?;
        exactly_one(&done, "a job's lease")
    }

    /// Gives a job up. It stays, is counted and shown, and can be retried by hand.
    ///
    /// # Errors
    /// [`StoreError::Lost`] if the lease is not ours any more.
    pub async fn bury(&self, leased: &Leased, why: &str) -> Result<()> {
        self.bury_row(leased.id, leased.lease, why).await
    }

    async fn bury_row(&self, id: i64, lease: Uuid, why: &str) -> Result<()> {
        let done = sqlx::query!(
            "update job set state = 'dead', lease = null, leased_until = null, last_error = $3 where job_id = $1 and lease = $2",
            id,
            lease,
            clean(why),
        )
        .execute(self.pool())
        .await?;
        exactly_one(&done, "a job's lease")
    }

    /// In how long the next job of a class is due; `None` if nothing waits.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked.
    pub async fn next_due(&self, class: Class) -> Result<Option<Duration>> {
        let seconds = sqlx::query_scalar!(
            "select extract(epoch from min(greatest(run_at, coalesce(leased_until, run_at))) - now())::float8
             from job where class = $1 and state = 'ready'",
            class.name(),
        )
        .fetch_one(self.pool())
        .await?;
        Ok(seconds.map(|seconds| Duration::from_secs_f64(seconds.max(0.0))))
    }

    /// What waits and what was given up, by class.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked.
    pub async fn backlog(&self) -> Result<Backlog> {
        let rows = sqlx::query!(
            r#"select class, count(*) filter (where state = 'ready') as "ready!", count(*) filter (where state = 'dead') as "dead!",
                      coalesce(extract(epoch from now() - min(run_at) filter (where state = 'ready' and run_at <= now())), 0)::float8 as "age!"
               from job group by class"#,
        )
        .fetch_all(self.pool())
        .await?;
        let classes = Class::ALL.iter().map(|class| {
            rows.iter()
                .find(|row| row.class == class.name())
                .map_or((class.name().to_owned(), 0, 0, 0.0), |row| (row.class.clone(), row.ready, row.dead, row.age))
        });
        Ok(Backlog { classes: classes.collect() })
    }

    /// Whether something of a lane is still to be done, by whomever.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked.
    pub async fn is_busy(&self, lane: &str) -> Result<bool> {
        Ok(sqlx::query_scalar!(
            r#"select exists (select from job where lane = $1 and state = 'ready') as "busy!""#,
            lane
        )
        .fetch_one(self.pool())
        .await?)
    }

    /// The jobs that were given up, oldest first.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked.
    pub async fn dead_jobs(&self) -> Result<Vec<DeadJob>> {
        Ok(sqlx::query_as!(
            DeadJob,
            r#"select job_id as id, kind, payload, attempts, last_error as error, created_at as since
               from job where state = 'dead' order by job_id limit 500"#,
        )
        .fetch_all(self.pool())
        .await?)
    }
}

fn clean(why: &str) -> String {
    why.replace('\0', "").chars().take(1000).collect()
}
