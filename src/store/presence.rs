//! Which leases somebody works on. Each instance holds an advisory lock of its own as long as it runs,
//! its number begins all its leases, and it knows what it has in hand; so what a killed one had is free
//! again within seconds, not when the leases end (which for mail is a quarter of an hour).

use std::collections::HashSet;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use super::jobs::{Class, Leased};
use super::{Result, Store};

/// "tlin" as bytes: the class of the locks.
const CLASS: i32 = 0x74_6c_69_6e;
const PATIENCE: Duration = Duration::from_secs(3);

/// The lock, as long as its connection lives.
pub struct Presence {
    connection: PgConnection,
}

impl Presence {
    /// Whether it is still held.
    pub async fn holds(&mut self) -> bool {
        matches!(tokio::time::timeout(PATIENCE, self.connection.ping()).await, Ok(Ok(())))
    }
}

/// A job's lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Lease {
    job: i64,
    token: Uuid,
}

/// All that an instance works on.
pub(super) type AllInHand = Arc<Mutex<HashSet<Lease>>>;

/// A leased job that is being worked on.
pub struct InHand {
    all: AllInHand,
    job: Lease,
}

impl Drop for InHand {
    fn drop(&mut self) {
        self.all.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.job);
    }
}

impl Store {
    /// Shows the other instances that this one is alive. To be called before anything is leased.
    ///
    /// # Errors
    /// If PostgreSQL can't be reached.
    pub async fn show_presence(&self, url: &str) -> Result<Presence> {
        let options = PgConnectOptions::from_str(url)?.application_name("ticketloom presence");
        let connecting = tokio::time::timeout(PATIENCE, PgConnection::connect_with(&options));
        let mut connection = connecting.await.map_err(|_| sqlx::Error::PoolTimedOut)??;
        let number = self.instance.cast_signed();
        sqlx::query!("select pg_advisory_lock($1, $2)", CLASS, number).execute(&mut connection).await?;
        Ok(Presence { connection })
    }

    /// Says that a leased job is being worked on here, as long as what is returned lives.
    #[must_use]
    pub fn take_in_hand(&self, leased: &Leased) -> InHand {
        let job = Lease { job: leased.id, token: leased.lease };
        self.in_hand.lock().unwrap_or_else(PoisonError::into_inner).insert(job);
        InHand { all: Arc::clone(&self.in_hand), job }
    }

    /// The leases that nobody works on: of instances that are not there, and of this one if it does not
    /// have them in hand, such as when PostgreSQL was away at the moment of taking or putting one back.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked.
    pub async fn orphans(&self) -> Result<HashSet<Lease>> {
        let rows = sqlx::query!(
            r#"select job_id, lease as "token!", lessee = $2 as "own!"
               from job, lateral (select ('x' || left(lease::text, 8))::bit(32)::bigint as lessee) as named
               where lease is not null and leased_until > now() and (lessee = $2 or not exists (
                   select from pg_locks
                   where locktype = 'advisory' and objsubid = 2 and classid::bigint = $1 and objid::bigint = lessee
                     and database = (select oid from pg_database where datname = current_database())))"#,
            i64::from(CLASS),
            i64::from(self.instance),
        )
        .fetch_all(self.pool())
        .await?;
        let in_hand = self.in_hand.lock().unwrap_or_else(PoisonError::into_inner);
        let leases = rows.into_iter().map(|row| (Lease { job: row.job_id, token: row.token }, row.own));
        Ok(leases.filter(|(lease, own)| !own || !in_hand.contains(lease)).map(|(lease, _)| lease).collect())
    }

    /// Lets everybody have these jobs; how many there were.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked.
    pub async fn free(&self, leases: &[Lease]) -> Result<u64> {
        let jobs: Vec<i64> = leases.iter().map(|lease| lease.job).collect();
        let tokens: Vec<Uuid> = leases.iter().map(|lease| lease.token).collect();
        let done = sqlx::query!(
            "update job set lease = null, leased_until = null
             from unnest($1::bigint[], $2::uuid[]) as orphan (job_id, lease)
             where job.job_id = orphan.job_id and job.lease = orphan.lease",
            &jobs,
            &tokens,
        )
        .execute(self.pool())
        .await?;
        for class in Class::ALL {
            self.bell(class).notify_waiters();
        }
        Ok(done.rows_affected())
    }

    /// A new lease's token: random behind this instance's number.
    pub(super) fn lease_token(&self) -> Uuid {
        let mut bytes = *Uuid::new_v4().as_bytes();
        bytes[..4].copy_from_slice(&self.instance.to_be_bytes());
        Uuid::from_bytes(bytes)
    }
}
