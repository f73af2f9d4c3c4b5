//! What was given up: kept, counted, shown, and tried again by hand.

use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

use super::enqueue::Earlier;
use super::lane::{Class, Lane};
use super::{Leased, clean};
use crate::store::{Result, Store, StoreError, Tx, exactly_one};

/// A job that was given up.
#[derive(Clone, Debug, Serialize)]
pub struct DeadJob {
    /// The row.
    pub id: i64,
    /// What it was.
    pub kind: String,
    /// Its ids.
    pub payload: serde_json::Value,
    /// How often it was begun.
    pub attempts: i32,
    /// Why it failed last.
    pub error: Option<String>,
    /// When it was enqueued.
    pub since: DateTime<Utc>,
}

impl Store {
    /// Gives a job up. It is out of its lane, which stays leased, and so no longer in the way of those behind it.
    ///
    /// # Errors
    /// [`StoreError::Lost`] if the lease is not ours any more.
    pub async fn bury(&self, leased: &Leased, why: &str) -> Result<()> {
        self.bury_row(leased.id, leased.lane_id, leased.lease, why).await
    }

    pub(super) async fn bury_row(&self, id: i64, lane_id: i64, lease: Uuid, why: &str) -> Result<()> {
        let done = sqlx::query!(
            "with held as (select lane_id, name, class from lane where lane_id = $2 and lease = $3 for key share),
             gone as (
                 delete from job using held where job_id = $1 and job.lane_id = held.lane_id
                 returning job_id, key, kind, payload, name, class, attempts, created_at)
             insert into dead_job (job_id, key, kind, payload, lane, class, attempts, error, created_at)
             select job_id, key, kind, payload, name, class, attempts, $4, created_at from gone",
            id,
            lane_id,
            lease,
            clean(why),
        )
        .execute(self.pool())
        .await?;
        exactly_one(&done, "a job's lease")
    }

    /// The jobs that were given up, oldest first.
    pub async fn dead_jobs(&self) -> Result<Vec<DeadJob>> {
        Ok(sqlx::query_as!(
            DeadJob,
            "select job_id as id, kind, payload, attempts, error, created_at as since from dead_job order by job_id limit 500",
        )
        .fetch_all(self.pool())
        .await?)
    }
}

impl Tx {
    /// Puts a job that was given up at the end of its lane again, under its old key; `false` if there is none.
    ///
    /// It is still the job of that time, and one that was begun stays one: what an earlier attempt has sent under the key is
    /// not known, so its next attempt is no first one. But its tries are counted anew.
    pub async fn retry_dead(&mut self, id: i64) -> Result<bool> {
        let row = sqlx::query!(
            "delete from dead_job where job_id = $1 returning key, kind, payload, lane, class, attempts, created_at",
            id
        )
        .fetch_optional(self.connection())
        .await?;
        let Some(row) = row else { return Ok(false) };
        let class = Class::named(&row.class).ok_or_else(|| StoreError::Unsound {
            table: "dead_job",
            row: id.to_string(),
            what: format!("a class {}", row.class),
        })?;
        let earlier = Earlier { attempts: row.attempts.min(1), since: row.created_at };
        self.enqueue_again(Lane::recorded(class, row.lane), (row.kind, row.payload), row.key, earlier);
        Ok(true)
    }
}
