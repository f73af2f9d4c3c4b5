//! Which instances are alive. Each holds an advisory lock of its own as long as it runs, and its number
//! begins all its leases; so what a killed one had in hand is free again within seconds, not when the
//! leases end (which for mail is a quarter of an hour).

use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

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

impl Store {
    /// Shows the other instances that this one is alive. To be called before anything is leased.
    ///
    /// # Errors
    /// If PostgreSQL can't be reached.
    pub async fn show_presence(&self, url: &str) -> Result<Presence> {
        let options = PgConnectOptions::from_str(url)?.application_name("ticketloom presence");
        let mut connection = PgConnection::connect_with(&options).await?;
        let number = self.instance.cast_signed();
        sqlx::query!("select pg_advisory_lock($1, $2)", CLASS, number).execute(&mut connection).await?;
        Ok(Presence { connection })
    }

    /// The instances that hold leases and are not there.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked.
    pub async fn absent(&self) -> Result<Vec<i64>> {
        let absent = sqlx::query_scalar!(
            r#"select lessee as "lessee!"
               from (select distinct ('x' || left(lease::text, 8))::bit(32)::bigint as lessee
                     from job where lease is not null and leased_until > now()) as leases
               where lessee <> $2 and not exists (
                   select from pg_locks
                   where locktype = 'advisory' and objsubid = 2 and classid::bigint = $1 and objid::bigint = lessee
                     and database = (select oid from pg_database where datname = current_database()))"#,
            i64::from(CLASS),
            i64::from(self.instance),
        )
        .fetch_all(self.pool())
        .await?;
        Ok(absent)
    }

    /// Lets everybody have what these instances had in hand; how many jobs that were.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked.
    pub async fn free_leases(&self, lessees: &[i64]) -> Result<u64> {
        let done = sqlx::query!(
            "update job set lease = null, leased_until = null
             where lease is not null and ('x' || left(lease::text, 8))::bit(32)::bigint = any($1)",
            lessees,
        )
        .execute(self.pool())
        .await?;
        self.bell().notify_waiters();
        Ok(done.rows_affected())
    }

    /// A new lease's token: random behind this instance's number.
    pub(super) fn lease_token(&self) -> Uuid {
        let mut bytes = *Uuid::new_v4().as_bytes();
        bytes[..4].copy_from_slice(&self.instance.to_be_bytes());
        Uuid::from_bytes(bytes)
    }
}
