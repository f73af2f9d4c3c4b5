//! Which leases somebody works on. Each instance holds an advisory lock of its own as long as it runs,
//! its number begins all its leases, and it knows what it has in hand; so what a killed one had is free
//! again within seconds, not when the leases end.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use super::jobs::Class;
use super::{Result, Store, connection};

/// "tlin" as bytes: the class of the locks.
const CLASS: i32 = 0x74_6c_69_6e;
const PATIENCE: Duration = Duration::from_secs(3);
/// An instance that is frozen, or cut off, says nothing and is not there any more: PostgreSQL ends its session, and so its lock.
const LIMITS: [(&str, &str); 1] = [("idle_session_timeout", "15s")];

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

/// A lane's lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Lease {
    lane: i64,
    token: Uuid,
}

/// All that an instance works on, and how many jobs hold each lease: the next one of a lane begins before the last one is dropped.
pub(super) type AllInHand = Arc<Mutex<HashMap<Lease, usize>>>;

/// A leased lane that is being worked on.
#[derive(Debug)]
pub(super) struct InHand {
    all: AllInHand,
    lease: Lease,
}

impl Drop for InHand {
    fn drop(&mut self) {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = all.get_mut(&self.lease) {
            *count -= 1;
            if *count == 0 {
                all.remove(&self.lease);
            }
        }
    }
}

impl Store {
    /// Shows the other instances that this one is alive. To be called before anything is leased.
    pub async fn show_presence(&self, url: &str) -> Result<Presence> {
        let mut connection = connection::open(url, "ticketloom presence", &LIMITS).await?;
        let number = self.instance.cast_signed();
        sqlx::query!("select pg_advisory_lock($1, $2)", CLASS, number).execute(&mut connection).await?;
        Ok(Presence { connection })
    }

    /// Says that a leased lane is being worked on here, as long as what is returned lives.
    pub(super) fn take_in_hand(&self, lane: i64, token: Uuid) -> Arc<InHand> {
        let lease = Lease { lane, token };
        *self.in_hand.lock().unwrap_or_else(PoisonError::into_inner).entry(lease).or_default() += 1;
        Arc::new(InHand { all: Arc::clone(&self.in_hand), lease })
    }

    /// The leases that nobody works on: of instances that are not there, and of this one if it does not
    /// have them in hand, such as when PostgreSQL was away at the moment of taking or putting one back.
    pub async fn orphans(&self) -> Result<HashSet<Lease>> {
        let rows = sqlx::query!(
            r#"with present as materialized (
                   select objid::bigint as instance from pg_locks
                   where locktype = 'advisory' and objsubid = 2 and classid::bigint = $1
                     and database = (select oid from pg_database where datname = current_database()))
               select lane_id, lease as "token!", lessee = $2 as "own!"
               from lane, lateral (select ('x' || left(lease::text, 8))::bit(32)::bigint as lessee) as named
               where lease is not null and due > now()
                 and (lessee = $2 or not exists (select from present where instance = lessee))"#,
            i64::from(CLASS),
            i64::from(self.instance),
        )
        .fetch_all(self.pool())
        .await?;
        let in_hand = self.in_hand.lock().unwrap_or_else(PoisonError::into_inner);
        let leases = rows.into_iter().map(|row| (Lease { lane: row.lane_id, token: row.token }, row.own));
        Ok(leases.filter(|(lease, own)| !own || !in_hand.contains_key(lease)).map(|(lease, _)| lease).collect())
    }

    /// Lets everybody have these lanes; how many there were. Waits for whoever is just ending a job of one.
    pub async fn release(&self, leases: &[Lease]) -> Result<u64> {
        let lanes: Vec<i64> = leases.iter().map(|lease| lease.lane).collect();
        let tokens: Vec<Uuid> = leases.iter().map(|lease| lease.token).collect();
        let done = sqlx::query!(
            "with orphan as (
                 select lane.lane_id from lane join unnest($1::bigint[], $2::uuid[]) as named (lane_id, lease) using (lane_id, lease)
                 order by lane_id for update of lane)
             update lane set lease = null, due = now() from orphan where lane.lane_id = orphan.lane_id",
            &lanes,
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
