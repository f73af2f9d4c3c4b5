//! Which instance has the Matrix side: whoever holds an advisory lock on a connection of its own.
//!
//! PostgreSQL ends that connection's session, and so the lock, when nothing was asked on it for 12 s ([`LIMITS`]): so an instance that
//! is frozen or cut off can't keep it. And who has not asked for nearly as long does not speak any more ([`Held`]), so one
//! that thaws says nothing before it knows whose the Matrix side is.

use std::sync::{Arc, Mutex as StdMutex, PoisonError};
use std::time::{Duration, Instant};

use sqlx::{Connection, PgConnection};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use super::connection;

/// "tl matrix" as bytes; any number that nobody else in this database uses.
const LOCK: i64 = 0x74_6c_6d_61_74_72_69_78;
const CHECK: Duration = Duration::from_secs(3);
/// How long the lock outlives the last question on its connection; [`LIMITS`] tells PostgreSQL.
#[cfg(test)]
const LIFE: Duration = Duration::from_secs(12);
const LIMITS: [(&str, &str); 1] = [("idle_session_timeout", "12s")];
/// How long its holder speaks after that: what was sent at last has some time to arrive before anybody looks for it.
const SPEECH: Duration = Duration::from_secs(10);

impl super::Store {
    /// Whether no instance has the Matrix side now.
    pub async fn matrix_side_is_free(&self) -> super::Result<bool> {
        let mut tx = self.begin().await?;
        let free = sqlx::query_scalar!(r#"select pg_try_advisory_xact_lock($1) as "free!""#, LOCK)
            .fetch_one(tx.connection())
            .await?;
        Ok(free)
    }
}

/// Whether the lock is certainly still held, by a clock that nobody sets.
#[derive(Clone, Debug)]
pub struct Held(Arc<StdMutex<Instant>>);

impl Held {
    fn since(asked: Instant) -> Self {
        Self(Arc::new(StdMutex::new(asked + SPEECH)))
    }

    fn renewed(&self, asked: Instant) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = asked + SPEECH;
    }

    /// Whether no other instance can have the Matrix side by now.
    #[must_use]
    pub fn is_certain(&self) -> bool {
        Instant::now() < *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The lock, as long as its connection lives.
pub struct Leadership {
    connection: Mutex<PgConnection>,
    held: Held,
}

impl Leadership {
    /// Waits until this instance has the lock; `None` if it is to stop before.
    pub async fn win(url: &str, stop: &CancellationToken) -> Option<Self> {
        loop {
            let tried = tokio::select! {
                () = stop.cancelled() => return None,
                tried = Self::try_once(url) => tried,
            };
            match tried {
                Ok(Some(leadership)) => return Some(leadership),
                Ok(None) => tracing::debug!("another instance has the Matrix side"),
                Err(error) => tracing::warn!(%error, "the Matrix side can't be asked for"),
            }
            tokio::select! {
                () = stop.cancelled() => return None,
                () = tokio::time::sleep(CHECK) => {}
            }
        }
    }

    async fn try_once(url: &str) -> Result<Option<Self>, sqlx::Error> {
        let mut connection = connection::open(url, "ticketloom matrix side", &LIMITS).await?;
        let asked = Instant::now();
        let asking =
            sqlx::query_scalar!(r#"select pg_try_advisory_lock($1) as "won!""#, LOCK).fetch_one(&mut connection);
        let won = tokio::time::timeout(CHECK, asking).await.unwrap_or(Err(sqlx::Error::PoolTimedOut))?;
        Ok(won.then(|| Self { connection: Mutex::new(connection), held: Held::since(asked) }))
    }

    /// Whether this instance still has the lock, for whoever speaks.
    #[must_use]
    pub fn held(&self) -> Held {
        self.held.clone()
    }

    /// Returns when the connection, and so the lock, is gone.
    pub async fn lost(&self) {
        loop {
            tokio::time::sleep(CHECK).await;
            let mut connection = self.connection.lock().await;
            let asked = Instant::now();
            match tokio::time::timeout(CHECK, connection.ping()).await {
                Ok(Ok(())) => self.held.renewed(asked),
                Ok(Err(_)) | Err(_) => return,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_holder_falls_silent_before_postgresql_gives_the_lock_away() {
        assert_eq!(LIMITS[0].1, format!("{}s", LIFE.as_secs()));
        assert!(SPEECH < LIFE && 2 * CHECK < SPEECH);
        let now = Instant::now();
        let ago = |life: Duration| now.checked_sub(life).expect("a machine that is up for a while");
        assert!(Held::since(now).is_certain());
        let held = Held::since(ago(SPEECH));
        assert!(!held.is_certain());
        held.renewed(now);
        assert!(held.is_certain());
    }
}
