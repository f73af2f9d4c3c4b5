//! Into the lanes: jobs are gathered while a transaction goes on, and written by one statement at its end.
//!
//! So no transaction waits for anything but the disk while it holds a lane, and all lanes are taken in the order of
//! their names: two transactions with the same lanes never deadlock. The statement locks a lane's row before the job
//! gets its id, and the lock lasts until the commit. Hence the promise: **the ids of a lane become visible in their
//! order, which is the order of the commits**. Whoever holds the row that two changes are about (a ticket's, say) until
//! its commit has its jobs in the order of its changes.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::kinds::{HasLane, Job, Kind, encode};
use super::lane::{Class, Lane};
use crate::store::{Result, Tx};

/// A job that is written when its transaction commits.
#[derive(Debug)]
pub(in crate::store) struct Pending {
    lane: Lane,
    rank: i16,
    kind: String,
    payload: serde_json::Value,
    merges: bool,
    wait: Duration,
    key: Uuid,
    earlier: Option<Earlier>,
}

/// What a job has behind it that was given up before.
#[derive(Clone, Copy, Debug)]
pub(super) struct Earlier {
    /// How often it counts as begun.
    pub(super) attempts: i32,
    /// When it was first enqueued.
    pub(super) since: DateTime<Utc>,
}

impl Pending {
    /// Who will work on it.
    pub(in crate::store) fn class(&self) -> Class {
        self.lane.class()
    }
}

impl Tx {
    /// Puts a job at the end of its lane, due now.
    pub fn enqueue(&mut self, job: impl HasLane) {
        self.enqueue_after(Duration::ZERO, job);
    }

    /// Puts a job at the end of its lane, due in a while by PostgreSQL's clock, but not before those ahead of it.
    ///
    /// One of a kind that merges, and that already waits in the lane untouched, is not put there twice: it will show
    /// what is so when it is sent. Its lane is locked until this transaction ends, so that nobody sends it in between
    /// and leaves out what this transaction does.
    pub fn enqueue_after<K: HasLane>(&mut self, wait: Duration, job: K) {
        let lane = job.lane();
        self.enqueue_in_after(lane, wait, job);
    }

    /// Puts a job that does not know its lane at the end of one, due now. Many such are still one statement.
    pub fn enqueue_in(&mut self, lane: Lane, job: impl Kind) {
        self.enqueue_in_after(lane, Duration::ZERO, job);
    }

    /// Puts a job that does not know its lane at the end of one, due in a while.
    pub fn enqueue_in_after<K: Kind>(&mut self, lane: Lane, wait: Duration, job: K) {
        debug_assert_eq!(lane.class(), K::CLASS, "{} in {}", K::NAME, lane.name());
        let job: Job = job.into();
        let (kind, payload) = encode(&job);
        let (rank, merges) = (self.rank.max(K::RANK), job.merges());
        let key = Uuid::new_v4();
        self.pending.push(Pending { lane, rank, kind, payload, merges, wait, key, earlier: None });
    }

    /// Puts a job that was given up at the end of its lane once more, as it stood in the record.
    pub(super) fn enqueue_again(
        &mut self,
        lane: Lane,
        (kind, payload): (String, serde_json::Value),
        key: Uuid,
        earlier: Earlier,
    ) {
        let (rank, merges, wait, earlier) = (0, false, Duration::ZERO, Some(earlier));
        self.pending.push(Pending { lane, rank, kind, payload, merges, wait, key, earlier });
    }

    /// Lets a job that waits in a lane be due now, and the lane, if it is the first there. One that is under way, or gone, stays as
    /// it is.
    pub(in crate::store) async fn hasten(&mut self, lane: &Lane, job: impl Kind) -> Result<()> {
        let (kind, payload) = encode(&job.into());
        sqlx::query!(
            "with hastened as (
                 update job set run_at = now() from lane
                 where name = $1 and job.lane_id = lane.lane_id and kind = $2 and payload = $3
                 returning job.job_id, job.lane_id)
             update lane set due = now() from hastened
             where lane.lane_id = hastened.lane_id and lane.lease is null
               and not exists (select from job as ahead where ahead.lane_id = lane.lane_id and ahead.job_id < hastened.job_id)",
            lane.name(),
            kind,
            payload,
        )
        .execute(self.connection())
        .await?;
        self.written.push(lane.class());
        Ok(())
    }

    /// Writes what was gathered. To be called last of all, right before the commit.
    pub(in crate::store) async fn write_pending(&mut self) -> Result<()> {
        let pending = std::mem::take(&mut self.pending);
        if pending.is_empty() {
            return Ok(());
        }
        // Of a lane that is new, its first job says when it is due.
        let mut lanes: BTreeMap<&str, (&Lane, i16, f64)> = BTreeMap::new();
        for job in &pending {
            let lane = lanes.entry(job.lane.name()).or_insert((&job.lane, job.rank, job.wait.as_secs_f64()));
            lane.1 = lane.1.min(job.rank);
        }
        let names: Vec<&str> = lanes.keys().copied().collect();
        let classes: Vec<&str> = lanes.values().map(|(lane, ..)| lane.class().name()).collect();
        let ranks: Vec<i16> = lanes.values().map(|(_, rank, _)| *rank).collect();
        let dues: Vec<f64> = lanes.values().map(|(.., wait)| *wait).collect();
        let job_lanes: Vec<&str> = pending.iter().map(|job| job.lane.name()).collect();
        let kinds: Vec<&str> = pending.iter().map(|job| job.kind.as_str()).collect();
        let payloads: Vec<serde_json::Value> = pending.iter().map(|job| job.payload.clone()).collect();
        let merges: Vec<bool> = pending.iter().map(|job| job.merges).collect();
        let waits: Vec<f64> = pending.iter().map(|job| job.wait.as_secs_f64()).collect();
        let keys: Vec<Uuid> = pending.iter().map(|job| job.key).collect();
        let attempts: Vec<i32> = pending.iter().map(|job| job.earlier.map_or(0, |earlier| earlier.attempts)).collect();
        let since: Vec<Option<DateTime<Utc>>> = pending.iter().map(|job| Some(job.earlier?.since)).collect();
        sqlx::query!(
            "with taken as (
                 insert into lane (name, class, rank, due)
                 select name, class, rank, now() + make_interval(secs => wait)
                 from unnest($1::text[], $2::text[], $3::smallint[], $4::float8[]) as wanted (name, class, rank, wait)
                 on conflict (name) do update set version = lane.version + 1, rank = least(lane.rank, excluded.rank)
                 returning lane_id, name)
             insert into job (lane_id, kind, payload, merges, run_at, key, attempts, created_at)
             select lane_id, kind, payload, merges, now() + make_interval(secs => wait), key, attempts, coalesce(since, now())
             from unnest($5::text[], $6::text[], $7::jsonb[], $8::boolean[], $9::float8[], $10::uuid[], $11::integer[],
                         $12::timestamptz[])
                  with ordinality as wanted (name, kind, payload, merges, wait, key, attempts, since, place)
             join taken using (name)
             order by place
             on conflict (lane_id, kind) where merges and attempts = 0 do nothing",
            &names as _,
            &classes as _,
            &ranks,
            &dues,
            &job_lanes as _,
            &kinds as _,
            &payloads,
            &merges,
            &waits,
            &keys,
            &attempts,
            &since as _,
        )
        .execute(self.connection())
        .await?;
        self.written.extend(pending.iter().map(Pending::class));
        Ok(())
    }
}
