//! Which instance has the Matrix side: whoever holds an advisory lock on a connection of its own.

use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

/// "tl matrix" as bytes; any number that nobody else in this database uses.
const LOCK: i64 = 0x74_6c_6d_61_74_72_69_78;
const CHECK: Duration = Duration::from_secs(3);

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

/// The lock, as long as its connection lives.
pub struct Leadership {
    connection: Mutex<PgConnection>,
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
        let options = PgConnectOptions::from_str(url)?.application_name("ticketloom matrix side");
        let mut connection = PgConnection::connect_with(&options).await?;
        let won = sqlx::query_scalar!(r#"select pg_try_advisory_lock($1) as "won!""#, LOCK)
            .fetch_one(&mut connection)
            .await?;
        Ok(won.then(|| Self { connection: Mutex::new(connection) }))
    }

    /// Returns when the connection, and so the lock, is gone.
    pub async fn lost(&self) {
        loop {
            tokio::time::sleep(CHECK).await;
            let mut connection = self.connection.lock().await;
            match tokio::time::timeout(CHECK, connection.ping()).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) | Err(_) => return,
            }
        }
    }
}
