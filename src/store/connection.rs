//! Connections to PostgreSQL: to the one that takes what is written, with the settings that we want, each with a session of
//! its own.

use std::fmt::Write as _;
use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row};

use super::{Result, StoreError};

/// How long a connection may take to be made. A server that is frozen takes connections and says nothing.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often it is tried to catch a pooler that changes sessions: while others use it, too, it may not do so at once.
const TRIALS: usize = 3;

/// Settings of a session: name and value.
pub(super) type Settings = [(&'static str, &'static str)];

/// How PostgreSQL is reached. What is sent at the start is only what poolers know: settings come later, in [`prepare`].
pub(super) fn options(url: &str, name: &str) -> Result<PgConnectOptions, sqlx::Error> {
    Ok(PgConnectOptions::from_str(url)?.application_name(name).extra_float_digits(None))
}

/// A connection with a session of its own, outside of the pools.
pub(super) async fn open(url: &str, name: &str, settings: &Settings) -> Result<PgConnection, sqlx::Error> {
    let options = options(url, name)?;
    let opening = async {
        let mut connection = PgConnection::connect_with(&options).await?;
        prepare(&mut connection, settings).await?;
        Ok(connection)
    };
    tokio::time::timeout(PATIENCE, opening).await.unwrap_or(Err(sqlx::Error::PoolTimedOut))
}

/// Makes a session's settings, and refuses a PostgreSQL that takes nothing: a standby gives advisory locks, too, which are
/// nobody else's then.
///
/// # Errors
/// If it is read-only, or can't be asked.
pub(super) async fn prepare(connection: &mut PgConnection, settings: &Settings) -> Result<(), sqlx::Error> {
    let mut script = String::new();
    for (name, value) in settings {
        let _ = write!(script, "set {name} = '{value}'; ");
    }
    script.push_str("select pg_is_in_recovery() or current_setting('transaction_read_only')::boolean");
    let row = sqlx::raw_sql(AssertSqlSafe(script)).fetch_one(connection).await?;
    if row.try_get(0)? { Err(sqlx::Error::Io(std::io::Error::other(READ_ONLY))) } else { Ok(()) }
}

const READ_ONLY: &str =
    "it is read-only: a standby, or a primary that is one no more. database.url has to lead to the primary";

/// Looks whether a connection keeps its session from one statement to the next: behind a pooler by transactions it does not.
///
/// # Errors
/// [`StoreError::NoSession`] if it does not; else if PostgreSQL can't be reached, or is read-only.
pub(super) async fn must_keep_sessions(url: &str, name: &str) -> Result<()> {
    // Nothing is set here: in a session that is lent, that would be left to others.
    let (mut one, mut other) = (open(url, name, &[]).await?, open(url, name, &[]).await?);
    for _ in 0..TRIALS {
        // A pooler that nobody else uses lends out again what came back last; by statements it would refuse a transaction.
        let mine = backend(&mut one).await?;
        if backend(&mut other).await? == mine {
            return Err(StoreError::NoSession);
        }
        // While the other one has a transaction, what served both can't serve the first.
        sqlx::raw_sql("begin").execute(&mut other).await?;
        if backend(&mut other).await? == mine || backend(&mut one).await? != mine {
            return Err(StoreError::NoSession);
        }
        sqlx::raw_sql("rollback").execute(&mut other).await?;
    }
    let _ = tokio::join!(one.close(), other.close());
    Ok(())
}

/// Which process of PostgreSQL serves a connection now. Not as a prepared statement: those are a session's.
async fn backend(connection: &mut PgConnection) -> Result<i32> {
    let asking = sqlx::raw_sql("select pg_backend_pid()").fetch_one(connection);
    let row = tokio::time::timeout(PATIENCE, asking).await.map_err(|_| sqlx::Error::PoolTimedOut)??;
    Ok(row.try_get(0)?)
}
