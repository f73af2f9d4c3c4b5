//! The record: the only SQL of the house.
//!
//! [`Store`] is the pool, [`Tx`] a transaction; only a [`Tx`] can enqueue, so that no effect is
//! decided without the change that caused it. READ COMMITTED with row locks and constraints; nothing
//! relies on stricter levels. Not found is `None`; an update that should have touched one row and
//! did not is an error.

pub mod agent_mails;
pub mod agents;
pub mod alert_groups;
pub mod alert_tokens;
pub mod api_answers;
pub mod api_tokens;
mod arrivals;
pub mod article_readouts;
pub mod articles;
pub mod audit;
pub mod automatic_mails;
pub mod blob_moves;
pub mod blobs;
pub mod blocks;
pub mod boards;
mod connection;
pub mod customer_pages;
pub mod customers;
pub mod deadlines;
pub mod desk;
mod entities;
pub mod erased_articles;
pub mod erased_tickets;
pub mod erasures;
mod error;
pub mod events;
pub mod exchange;
pub mod feed;
pub mod fetched_files;
pub mod files;
pub mod holdings;
pub mod imports;
pub mod intake;
pub mod jobs;
pub mod last_lists;
pub mod leader;
mod letter_files;
mod letter_rows;
pub mod letters;
pub mod mails;
pub mod marks;
pub mod merges;
pub mod message_ids;
mod new_article;
pub mod objects;
pub mod once_mails;
pub mod page;
pub mod page_mails;
pub mod participants;
mod pasts;
pub mod pins;
pub mod presence;
pub mod projections;
pub mod quarantine;
pub mod quarantine_days;
pub mod queues;
pub mod readings;
pub mod readouts;
pub mod recent_articles;
pub mod rehearsal;
pub mod remirrors;
pub mod replies;
pub mod rooms;
pub mod scheduled;
pub mod searches;
pub mod sending;
pub mod stats;
pub mod templates;
pub mod threads;
pub mod ticket_lists;
pub mod tickets;
pub mod timings;
pub mod transcripts;
pub mod unknown_messages;
pub mod watches;
pub mod webhooks;

use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions, PgQueryResult};
use sqlx::{Executor, PgConnection, Postgres, Transaction};
use tokio::sync::Notify;

use self::connection::Settings;
pub use self::error::StoreError;
use self::jobs::{Class, LastCount, Pending};
use crate::domain::id::TicketId;
use crate::domain::time::{Clock, SystemClock};

/// The schema, built into the binary.
pub static MIGRATOR: Migrator = sqlx::migrate!();

/// How long PostgreSQL works for us before it gives up, as its own settings. Nothing on the way of a mail or a command
/// takes nearly as long, so what does is stuck, and would hold others up: locks above all. Whoever is stopped by one of
/// these tries again.
const LIMITS: [(&str, &str); 3] =
    [("statement_timeout", "30s"), ("lock_timeout", "10s"), ("idle_in_transaction_session_timeout", "60s")];

/// What PostgreSQL is told of who connects.
const NAME: &str = "ticketloom";

fn pool_of(most: u32, settings: Vec<(&'static str, &'static str)>) -> PgPoolOptions {
    let settings: Arc<Settings> = settings.into();
    PgPoolOptions::new().max_connections(most).acquire_timeout(Duration::from_secs(10)).after_connect(move |made, _| {
        let settings = Arc::clone(&settings);
        Box::pin(async move { connection::prepare(made, &settings).await })
    })
}

/// What store functions return.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// The record.
#[derive(Clone, Debug)]
pub struct Store {
    /// For what must be on disk when it is answered for.
    pool: PgPool,
    /// Commits without waiting for the disk. A crash of PostgreSQL itself (not of the desk) may lose
    /// its last half second, so it is only for what may be repeated: leases, which simply are free
    /// again; event ids, which the homeserver gives a second time for the same key; and counters
    /// whose values are safe because the later commit that uses them flushes the same log.
    quick: PgPool,
    bells: Bells,
    blobs: blobs::Blobs,
    /// Mails that are about to be committed.
    arrivals: Arc<arrivals::Arrivals>,
    /// This process' number among the instances, as the leases name it.
    instance: u32,
    in_hand: presence::AllInHand,
    /// By it rules decide.
    clock: Arc<dyn Clock>,
    last_count: Arc<LastCount>,
    /// The last ticket number of a rehearsal, which must not use up the real ones.
    rehearsed: Option<Arc<AtomicI64>>,
}

impl Store {
    /// Connects, without touching the schema.
    ///
    /// # Errors
    /// If the URL can't be read or PostgreSQL can't be reached.
    pub async fn connect(url: &str, connections: u32) -> Result<Self> {
        connection::must_keep_sessions(url, NAME).await?;
        Self::connect_with(connection::options(url, NAME)?, connections, &LIMITS).await
    }

    /// Connects for work that may take long: migrations, archives, reading all mails again.
    ///
    /// # Errors
    /// If the URL can't be read or PostgreSQL can't be reached.
    pub async fn connect_for_long_work(url: &str, connections: u32) -> Result<Self> {
        connection::must_keep_sessions(url, NAME).await?;
        Self::connect_with(connection::options(url, NAME)?, connections, &[]).await
    }

    async fn connect_with(options: PgConnectOptions, connections: u32, limits: &'static Settings) -> Result<Self> {
        let pool = pool_of(connections.max(4), limits.to_vec()).connect_with(options.clone()).await?;
        let quick = [limits, &[("synchronous_commit", "off")]].concat();
        let quick = pool_of((connections / 2).max(2), quick).connect_lazy_with(options);
        Ok(Self::on(pool, quick))
    }

    fn on(pool: PgPool, quick: PgPool) -> Self {
        Self {
            blobs: blobs::Blobs::on(pool.clone()),
            pool,
            quick,
            bells: Bells::default(),
            arrivals: Arc::default(),
            instance: uuid::Uuid::new_v4().as_fields().0,
            in_hand: Arc::default(),
            clock: Arc::new(SystemClock),
            last_count: Arc::default(),
            rehearsed: None,
        }
    }

    /// The same record by another clock.
    #[must_use]
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// Now, by the clock of the rules. Inside a transaction it is [`Tx::now`].
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Brings the schema up to date. Two instances that start at once do it once (advisory lock).
    ///
    /// # Errors
    /// If a migration fails; what ran before it stays applied.
    pub async fn migrate(&self) -> Result<()> {
        Ok(MIGRATOR.run(&self.pool).await?)
    }

    /// How the schema stands to this binary.
    pub async fn schema(&self) -> Result<Schema> {
        let found = sqlx::query_scalar!("select to_regclass('_sqlx_migrations')::text").fetch_one(&self.pool).await?;
        if found.is_none() {
            return Ok(Schema::Behind(MIGRATOR.iter().count()));
        }
        // The table is sqlx's own, so it is not there when the queries are checked: hence no macro.
        let applied: Vec<i64> =
            sqlx::query_scalar("select version from _sqlx_migrations where success").fetch_all(&self.pool).await?;
        let known: Vec<i64> = MIGRATOR.iter().map(|migration| migration.version).collect();
        let missing = known.iter().filter(|version| !applied.contains(version)).count();
        let unknown = applied.iter().any(|version| !known.contains(version));
        Ok(match (missing, unknown) {
            (0, false) => Schema::Current,
            (0, true) if known.contains(&self.schema_floor().await?) => Schema::Newer,
            (_, true) => Schema::Ahead,
            (missing, false) => Schema::Behind(missing),
        })
    }

    /// The migration that a program must know to run here. No macro: this is asked of schemas that are not this binary's.
    async fn schema_floor(&self) -> Result<i64> {
        Ok(sqlx::query_scalar("select version from schema_floor").fetch_one(&self.pool).await?)
    }

    /// Begins a transaction.
    pub async fn begin(&self) -> Result<Tx> {
        Ok(Tx::on(self.pool.begin().await?, self))
    }

    /// Begins a transaction whose loss in a crash of PostgreSQL would only be repeated work.
    pub async fn begin_quick(&self) -> Result<Tx> {
        Ok(Tx::on(self.quick.begin().await?, self))
    }

    /// Rings when this process has enqueued something of that class.
    #[must_use]
    pub fn bell(&self, class: Class) -> &Notify {
        self.bells.of(class)
    }

    /// Whether PostgreSQL answers.
    pub async fn is_reachable(&self) -> bool {
        sqlx::query_scalar!("select 1").fetch_one(&self.pool).await.is_ok()
    }

    /// Ends all connections.
    pub async fn close(&self) {
        self.pool.close().await;
        self.quick.close().await;
    }

    pub(crate) fn pool(&self) -> &PgPool {
        &self.pool
    }

    pub(crate) fn quick(&self) -> &PgPool {
        &self.quick
    }
}

/// How the schema stands to this binary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schema {
    /// The same.
    Current,
    /// So many migrations are missing: `ticketloom migrate`.
    Behind(usize),
    /// A newer binary was here, whose schema this one can work on: while instances are replaced one by one.
    Newer,
    /// A newer binary was here, whose schema this one can't work on.
    Ahead,
}

/// A transaction. Rolled back when dropped.
pub struct Tx {
    inner: Transaction<'static, Postgres>,
    bells: Bells,
    blobs: blobs::Blobs,
    /// Jobs to be written at the end.
    pending: Vec<Pending>,
    /// Tickets whose times may have moved.
    touched: Vec<TicketId>,
    /// How many of them a return to the savepoint leaves.
    kept: usize,
    /// Whom the commit wakes.
    written: Vec<Class>,
    rank: i16,
    now: DateTime<Utc>,
}

impl Tx {
    fn on(inner: Transaction<'static, Postgres>, store: &Store) -> Self {
        Self {
            inner,
            bells: store.bells.clone(),
            blobs: store.blobs.clone(),
            pending: Vec::new(),
            touched: Vec::new(),
            kept: 0,
            written: Vec::new(),
            rank: 0,
            now: store.now(),
        }
    }

    /// Computes the times of tickets anew to which something happened, writes the jobs that were enqueued, commits, and wakes the workers if there is something for them.
    ///
    /// # Errors
    /// If the commit failed, or the connection died with nobody knowing: whoever retries does so
    /// under the same unique keys.
    pub async fn commit(mut self) -> Result<()> {
        self.settle_times().await?;
        self.write_pending().await?;
        self.inner.commit().await?;
        for class in Class::ALL {
            if self.written.contains(&class) {
                self.bells.of(class).notify_waiters();
            }
        }
        Ok(())
    }

    /// A ticket's times may have moved: they are computed anew before the commit.
    pub(crate) fn touch(&mut self, ticket: TicketId) {
        self.touched.push(ticket);
    }

    /// Computes the times of tickets anew to which something happened so far, as the commit does, for whoever tells of them
    /// before that.
    pub async fn settle_times(&mut self) -> Result<()> {
        let mut touched = std::mem::take(&mut self.touched);
        if touched.is_empty() {
            return Ok(());
        }
        touched.sort_unstable();
        touched.dedup();
        self.deadlines().settle(&touched).await
    }

    pub(crate) fn connection(&mut self) -> &mut PgConnection {
        &mut self.inner
    }

    /// When this transaction began: the one instant by which all that it decides is decided, and that all its rows bear.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// What this transaction enqueues from here on comes after everything that somebody waits for.
    pub fn come_last(&mut self) {
        self.rank = jobs::LAST;
    }

    /// Whether nobody waits for what this transaction does.
    pub(crate) fn comes_last(&self) -> bool {
        self.rank == jobs::LAST
    }

    /// Marks a place to go back to.
    pub async fn savepoint(&mut self) -> Result<()> {
        self.inner.execute("savepoint here").await?;
        self.kept = self.pending.len();
        Ok(())
    }

    /// Goes back to the marked place: what came after it did not happen.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked, or no place was marked.
    pub async fn back_to_savepoint(&mut self) -> Result<()> {
        self.inner.execute("rollback to savepoint here").await?;
        self.pending.truncate(self.kept);
        Ok(())
    }
}

/// One for each class, so that a commit wakes only who has something to do.
#[derive(Clone, Debug, Default)]
struct Bells(Arc<[Notify; Class::ALL.len()]>);

impl Bells {
    fn of(&self, class: Class) -> &Notify {
        &self.0[class as usize]
    }
}

/// Turns an update that missed its row into an error.
pub(crate) fn exactly_one(result: &PgQueryResult, what: &'static str) -> Result<()> {
    if result.rows_affected() == 1 { Ok(()) } else { Err(StoreError::Lost(what)) }
}
