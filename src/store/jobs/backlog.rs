//! How much there is to do, and when: the questions that are asked again and again.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::lane::{Class, Lane};
use crate::store::{Result, Store, Tx};

/// What is waiting, for metrics.
#[derive(Clone, Debug, Default)]
pub struct Backlog {
    /// Of each class.
    pub classes: Vec<ClassBacklog>,
}

/// What of one class is waiting.
#[derive(Clone, Debug)]
pub struct ClassBacklog {
    /// The class.
    pub class: Class,
    /// Jobs that are still to be done, at whatever time.
    pub waiting: i64,
    /// Jobs that were given up.
    pub dead: i64,
    /// Seconds since the oldest job was due; 0 if none is.
    pub oldest: f64,
}

/// The last count: counting a long backlog takes a while, so it may take a hundredth of the time and no more.
#[derive(Debug, Default)]
pub(in crate::store) struct LastCount(Mutex<Option<(Instant, Duration, Backlog)>>);

impl LastCount {
    fn recent(&self) -> Option<Backlog> {
        let last = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        last.as_ref().filter(|(at, took, _)| at.elapsed() < *took * 100).map(|(.., backlog)| backlog.clone())
    }

    fn keep(&self, began: Instant, backlog: &Backlog) {
        let mut last = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *last = Some((Instant::now(), began.elapsed(), backlog.clone()));
    }
}

impl Store {
    /// In how long the next lane of each class is due, zero if one is; `None` if nothing waits. One statement, a few
    /// looks into an index, however much waits.
    pub async fn next_due(&self) -> Result<[Option<Duration>; Class::ALL.len()]> {
        let classes: Vec<&str> = Class::ALL.iter().map(|class| class.name()).collect();
        let rows = sqlx::query!(
            r#"select of_class as "class!", extract(epoch from min(due) - now())::float8 as seconds
               from unnest($1::text[]) as classes (of_class), unnest('{0,1}'::smallint[]) as ranks (of_rank), lateral (
                   select due from lane where class = of_class and rank = of_rank order by due limit 1) as first
               group by of_class"#,
            &classes as _,
        )
        .fetch_all(self.pool())
        .await?;
        let mut next = [None; Class::ALL.len()];
        for row in rows {
            if let (Some(class), Some(seconds)) = (Class::named(&row.class), row.seconds) {
                next[class as usize] = Some(Duration::from_secs_f64(seconds.max(0.0)));
            }
        }
        Ok(next)
    }

    /// What waits and what was given up, by class, as it was counted not long ago.
    pub async fn backlog(&self) -> Result<Backlog> {
        if let Some(recent) = self.last_count.recent() {
            return Ok(recent);
        }
        let began = Instant::now();
        let waiting = sqlx::query!(
            r#"select class, count(*) as "count!", coalesce(extract(epoch from now() - min(run_at)), 0)::float8 as "age!"
               from job join lane using (lane_id) group by class"#
        )
        .fetch_all(self.pool())
        .await?;
        let dead = sqlx::query!(r#"select class, count(*) as "count!" from dead_job group by class"#)
            .fetch_all(self.pool())
            .await?;
        let classes = Class::ALL.map(|class| {
            let waits = waiting.iter().find(|row| row.class == class.name());
            ClassBacklog {
                class,
                waiting: waits.map_or(0, |row| row.count),
                dead: dead.iter().find(|row| row.class == class.name()).map_or(0, |row| row.count),
                oldest: waits.map_or(0.0, |row| row.age.max(0.0)),
            }
        });
        let backlog = Backlog { classes: classes.into() };
        self.last_count.keep(began, &backlog);
        Ok(backlog)
    }

    /// Whether something of a lane is still to be done, by whomever.
    pub async fn is_busy(&self, lane: &Lane) -> Result<bool> {
        self.begin().await?.is_busy(lane).await
    }
}

impl Tx {
    /// Whether something of a lane is still to be done, but for what this transaction enqueues.
    pub async fn is_busy(&mut self, lane: &Lane) -> Result<bool> {
        Ok(sqlx::query_scalar!(
            r#"select exists (select from lane join job using (lane_id) where name = $1) as "busy!""#,
            lane.name()
        )
        .fetch_one(self.connection())
        .await?)
    }
}
