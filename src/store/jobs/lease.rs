//! Out of the lanes: lease, go on to the next, renew, put back.
//!
//! Only a lane's row is leased, so no lane has two workers, whatever the code does. Whoever takes a lane locks its row
//! `for update`; whoever ends a job under a lease locks it `for key share`, which shuts out the former and nobody else;
//! whoever enqueues changes no key and so waits for neither.

use std::time::Duration;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::enqueue::Earlier;
use super::kinds::{Kind, decode, encode};
use super::lane::{Class, Lane};
use super::{LEASE, Leased, clean};
use crate::domain::id::{ArticleId, TicketId};
use crate::store::{Result, Store, Tx, exactly_one};

/// How long a job that this version can't read is left to one that can.
const UNKNOWN_WAIT: Duration = Duration::from_secs(10);
/// After this time no newer version is expected any more: it is given up, visibly.
const UNKNOWN_FOR: Duration = Duration::from_hours(24);

/// How a job goes back into its lane.
#[derive(Clone, Debug, PartialEq)]
pub struct PutBack {
    /// How long until its lane may be taken again.
    pub wait: Duration,
    /// What went wrong.
    pub why: String,
    /// Whether anything was begun; what was not is no attempt.
    pub begun: bool,
    /// Whether this failure counts towards its kind's limit.
    pub counts: bool,
}

/// A lane's first job as it stands in the record; nothing but the lane if it is gone.
struct Head {
    lane_id: i64,
    lane: Lane,
    lease: Uuid,
    row: Option<Row>,
}

struct Row {
    id: i64,
    key: Uuid,
    kind: String,
    payload: serde_json::Value,
    attempts: i32,
    failures: i32,
    since: DateTime<Utc>,
    age: f64,
}

impl Tx {
    /// Ends a job in the transaction that did its work: the work and its end are one. Its lane stays leased.
    ///
    /// # Errors
    /// [`StoreError::Lost`](crate::store::StoreError::Lost) if the lease is not ours any more: then the work must not be committed.
    pub async fn finish(&mut self, leased: &Leased) -> Result<()> {
        let done = sqlx::query!(
            "with held as (select lane_id from lane where lane_id = $2 and lease = $3 for key share)
             delete from job using held where job_id = $1 and job.lane_id = held.lane_id",
            leased.id,
            leased.lane_id,
            leased.lease,
        )
        .execute(self.connection())
        .await?;
        exactly_one(&done, "a job's lease")
    }

    /// Ends a job and puts it at the end of its lane once more, if a job of that kind waits behind it there, and says whether.
    ///
    /// # Errors
    /// As [`Self::finish`].
    pub async fn go_behind<K: Kind>(&mut self, leased: &Leased) -> Result<bool> {
        let is_behind = sqlx::query_scalar!(
            r#"select exists (select from job where lane_id = $1 and job_id > $2 and kind = $3) as "behind!""#,
            leased.lane_id,
            leased.id,
            K::NAME,
        )
        .fetch_one(self.connection())
        .await?;
        if is_behind {
            self.put_last(leased).await?;
        }
        Ok(is_behind)
    }

    /// The same if an article that comes before another one in its ticket, or that one itself, waits behind this job: `or_itself` for what
    /// belongs to it.
    ///
    /// # Errors
    /// As [`Self::finish`].
    pub async fn go_behind_earlier(
        &mut self,
        leased: &Leased,
        (ticket, article): (TicketId, ArticleId),
        or_itself: bool,
    ) -> Result<bool> {
        let is_behind = sqlx::query_scalar!(
            r#"select exists (
                   select from job join article on article_id = (payload ->> 'article')::bigint
                   where lane_id = $1 and job_id > $2 and job.kind = 'Article' and ticket_id = $3
                     and seq < (select seq from article where article_id = $4) + $5) as "behind!""#,
            leased.lane_id,
            leased.id,
            ticket.0,
            article.0,
            i32::from(or_itself),
        )
        .fetch_one(self.connection())
        .await?;
        if is_behind {
            self.put_last(leased).await?;
        }
        Ok(is_behind)
    }

    async fn put_last(&mut self, leased: &Leased) -> Result<()> {
        let again = Earlier { attempts: 0, since: leased.since };
        self.enqueue_again(leased.lane.clone(), encode(&leased.job), Uuid::new_v4(), again);
        self.finish(leased).await
    }
}

impl Store {
    /// Leases up to `most` lanes of a class that are due, by rank and then by how long they are due, and begins the
    /// first job of each.
    pub async fn lease(&self, class: Class, most: usize) -> Result<Vec<Leased>> {
        let lease = self.lease_token();
        let rows = sqlx::query!(
            r#"with free as (
                   select lane_id from unnest('{0,1}'::smallint[]) as ranks (of_rank), lateral (
                       select lane_id, due from lane
                       where class = $1 and rank = of_rank and due <= now()
                       order by due, lane_id limit $2 for update skip locked) as lanes
                   order by of_rank, due, lane_id limit $2),
               taken as (
                   update lane set lease = $3, due = now() + make_interval(secs => $4)
                   from free where lane.lane_id = free.lane_id returning lane.lane_id, name),
               begun as (
                   update job set attempts = attempts + 1
                   from taken, lateral (
                       select job_id as head_id from job as ahead where ahead.lane_id = taken.lane_id order by job_id limit 1) as head
                   where job.job_id = head_id
                   returning job_id, job.lane_id, key, kind, payload, attempts, failures, created_at)
               select taken.lane_id, name, job_id as "job_id?", key as "key?", kind as "kind?", payload as "payload?",
                      attempts as "attempts?", failures as "failures?", created_at as "created_at?",
                      extract(epoch from now() - created_at)::float8 as age
               from taken left join begun using (lane_id) order by job_id"#,
            class.name(),
            i64::try_from(most).unwrap_or(1),
            lease,
            LEASE.as_secs_f64(),
        )
        .fetch_all(self.quick())
        .await?;
        let mut leased = Vec::with_capacity(rows.len());
        for row in rows {
            let lane = Lane::recorded(class, row.name);
            let begun = match (row.job_id, row.key, row.kind, row.payload, row.attempts, row.failures, row.created_at) {
                (Some(id), Some(key), Some(kind), Some(payload), Some(attempts), Some(failures), Some(since)) => {
                    Some(Row { id, key, kind, payload, attempts, failures, since, age: row.age.unwrap_or_default() })
                }
                _ => None,
            };
            leased.extend(self.begin_head(Head { lane_id: row.lane_id, lane, lease, row: begun }).await?);
        }
        Ok(leased)
    }

    /// Leases one lane, whoever's turn it is, if it is due.
    pub async fn lease_lane(&self, lane: &Lane) -> Result<Option<Leased>> {
        let lease = self.lease_token();
        let id = sqlx::query_scalar!(
            "with free as (select lane_id from lane where name = $1 and due <= now() for update skip locked)
             update lane set lease = $2, due = now() + make_interval(secs => $3)
             from free where lane.lane_id = free.lane_id returning lane.lane_id",
            lane.name(),
            lease,
            LEASE.as_secs_f64(),
        )
        .fetch_optional(self.quick())
        .await?;
        match id {
            Some(lane_id) => self.begin_next(lane_id, lane, lease, true).await,
            None => Ok(None),
        }
    }

    /// What a lane's worker does after a job has ended: begins the lane's next one, if it is due and the worker
    /// `goes_on`; else the lane is free again, or removed if it is empty.
    pub async fn next(&self, ended: &Leased, goes_on: bool) -> Result<Option<Leased>> {
        self.begin_next(ended.lane_id, &ended.lane, ended.lease, goes_on).await
    }

    async fn begin_next(&self, lane_id: i64, lane: &Lane, lease: Uuid, goes_on: bool) -> Result<Option<Leased>> {
        loop {
            // What is enqueued between this statement's snapshot and its lock changes the lane's version, so an
            // empty lane is removed only if it still is empty.
            let row = sqlx::query!(
                r#"with seen as (select lane_id, version from lane where lane_id = $1 and lease = $2),
                   head as (
                       select job_id, run_at, run_at <= now() and $4 as goes_on from job where lane_id = $1 order by job_id limit 1),
                   kept as (
                       update lane
                       set due = case when goes_on then now() + make_interval(secs => $3) else run_at end,
                           lease = case when goes_on then lease end
                       from head where lane_id = $1 and lease = $2
                       returning lease),
                   begun as (
                       update job set attempts = attempts + 1
                       from head, kept where job.job_id = head.job_id and kept.lease is not null
                       returning job.job_id, key, kind, payload, attempts, failures, created_at),
                   emptied as (
                       delete from lane using seen
                       where lane.lane_id = seen.lane_id and lane.lease = $2 and lane.version = seen.version
                         and not exists (select from head)
                       returning 1)
                   select job_id as "job_id?", key as "key?", kind as "kind?", payload as "payload?", attempts as "attempts?",
                          failures as "failures?", created_at as "created_at?",
                          extract(epoch from now() - created_at)::float8 as age,
                          exists (select from seen) and not exists (select from kept) and not exists (select from emptied)
                              as "again!"
                   from (select) as always left join begun on true"#,
                lane_id,
                lease,
                LEASE.as_secs_f64(),
                goes_on,
            )
            .fetch_one(self.quick())
            .await?;
            let begun = match (row.job_id, row.key, row.kind, row.payload, row.attempts, row.failures, row.created_at) {
                (Some(id), Some(key), Some(kind), Some(payload), Some(attempts), Some(failures), Some(since)) => {
                    Row { id, key, kind, payload, attempts, failures, since, age: row.age.unwrap_or_default() }
                }
                _ if row.again => continue,
                _ => return Ok(None),
            };
            let head = Head { lane_id, lane: lane.clone(), lease, row: Some(begun) };
            return Box::pin(self.begin_head(head)).await;
        }
    }

    /// The job of a lane that was just taken. If the one that was seen is gone by now, the next one; and what this
    /// version can't read is left to a newer one.
    async fn begin_head(&self, head: Head) -> Result<Option<Leased>> {
        let Head { lane_id, lane, lease, row: Some(row) } = head else {
            return self.begin_next(head.lane_id, &head.lane, head.lease, true).await;
        };
        match decode(&row.kind, &row.payload) {
            Ok(job) => Ok(Some(Leased {
                id: row.id,
                key: if mutant!("new_key_at_each_try") { Uuid::new_v4() } else { row.key },
                job,
                lane,
                attempt: row.attempts,
                failures: row.failures,
                since: row.since,
                age: Duration::from_secs_f64(row.age.max(0.0)),
                lane_id,
                lease,
                in_hand: Some(self.take_in_hand(lane_id, lease)),
            })),
            Err(why) if row.age < UNKNOWN_FOR.as_secs_f64() => {
                tracing::warn!(job.id = row.id, job.kind = row.kind, "a job is left to a newer version");
                let back = PutBack { wait: UNKNOWN_WAIT, why, begun: false, counts: false };
                self.put_back_row(row.id, lane_id, lease, &back).await?;
                Ok(None)
            }
            Err(why) => {
                self.bury_row(row.id, lane_id, lease, &why).await?;
                Box::pin(self.begin_next(lane_id, &lane, lease, true)).await
            }
        }
    }

    /// Makes a lease last as long again as a new one.
    ///
    /// # Errors
    /// [`StoreError::Lost`](crate::store::StoreError::Lost) if it is not ours any more: then what is under way must be dropped.
    pub async fn renew(&self, leased: &Leased) -> Result<()> {
        let done = sqlx::query!(
            "update lane set due = now() + make_interval(secs => $3) where lane_id = $1 and lease = $2",
            leased.lane_id,
            leased.lease,
            LEASE.as_secs_f64(),
        )
        .execute(self.quick())
        .await?;
        exactly_one(&done, "a lane's lease")
    }

    /// Puts a job back to be tried again in a while, and frees its lane: nothing of it is done until then.
    ///
    /// # Errors
    /// [`StoreError::Lost`](crate::store::StoreError::Lost) if the lease is not ours any more.
    pub async fn put_back(&self, leased: &Leased, back: &PutBack) -> Result<()> {
        self.put_back_row(leased.id, leased.lane_id, leased.lease, back).await
    }

    async fn put_back_row(&self, id: i64, lane_id: i64, lease: Uuid, back: &PutBack) -> Result<()> {
        // One that merges stays begun, since another may wait behind it by now.
        let done = sqlx::query!(
            "with freed as (
                 update lane set lease = null, due = now() + make_interval(secs => $4)
                 where lane_id = $2 and lease = $3 returning lane_id)
             update job set last_error = $5, failures = failures + $6,
                            attempts = attempts - case when merges then 0 else $7 end
             from freed where job_id = $1 and job.lane_id = freed.lane_id",
            id,
            lane_id,
            lease,
            back.wait.as_secs_f64(),
            clean(&back.why),
            i32::from(back.counts),
            i32::from(!back.begun),
        )
        .execute(self.quick())
        .await?;
        exactly_one(&done, "a job's lease")
    }
}
