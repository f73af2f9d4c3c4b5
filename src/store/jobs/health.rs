//! How the desk is, at a glance.

use super::dead::DeadJob;
use super::lane::Class;
use crate::store::{Result, Tx};

/// How the desk is.
#[derive(Clone, Debug)]
pub struct Health {
    /// Of each class of workers.
    pub classes: Vec<ClassHealth>,
    /// Jobs that were given up.
    pub dead: i64,
    /// Mails of which nobody knows whether they were sent.
    pub unknown_letters: i64,
    /// Mails that a server has put off at least once.
    pub retried_letters: i64,
    /// Quarantine entries about which nobody has decided.
    pub quarantined: i64,
}

/// What of a class is to be done now.
#[derive(Clone, Debug)]
pub struct ClassHealth {
    /// The class.
    pub name: &'static str,
    /// How many lanes have something that is due.
    pub due: i64,
    /// Since how many seconds the oldest is.
    pub late_seconds: i64,
}

impl Tx {
    /// How the desk is. Only what is due is counted, and only so much of it as anybody reads.
    pub async fn health(&mut self) -> Result<Health> {
        let mut classes = Vec::new();
        for class in Class::ALL {
            let row = sqlx::query!(
                r#"select count(*) as "due!", coalesce(extract(epoch from now() - min(due)), 0)::bigint as "late!"
                   from (select due from lane where class = $1 and rank in (0, 1) and due <= now() order by due limit 10000) as due"#,
                class.name(),
            )
            .fetch_one(self.connection())
            .await?;
            classes.push(ClassHealth { name: class.name(), due: row.due, late_seconds: row.late });
        }
        let dead = sqlx::query!(r#"select class, count(*) as "count!" from dead_job group by class"#)
            .fetch_all(self.connection())
            .await?;
        let row = sqlx::query!(
            r#"select uncertain.*,
                      (select count(*) from quarantine where outcome is null) as "quarantined!"
               from (select count(*) filter (where state = 'unknown') as "unknown!", count(*) filter (where state = 'queued') as "retried!"
                     from letter where state = 'unknown' or (state = 'queued' and attempts > 0)) as uncertain"#
        )
        .fetch_one(self.connection())
        .await?;
        Ok(Health {
            classes,
            dead: dead.iter().map(|row| row.count).sum(),
            unknown_letters: row.unknown,
            retried_letters: row.retried,
            quarantined: row.quarantined,
        })
    }

    /// The jobs that were given up, oldest first.
    pub async fn dead_jobs(&mut self) -> Result<Vec<DeadJob>> {
        Ok(sqlx::query_as!(
            DeadJob,
            "select job_id as id, kind, payload, attempts, error, created_at as since from dead_job order by job_id limit 500",
        )
        .fetch_all(self.connection())
        .await?)
    }
}
