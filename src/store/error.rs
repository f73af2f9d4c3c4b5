//! What can go wrong with the record.

/// What can go wrong with the record.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// PostgreSQL is away, or said no.
    #[error("PostgreSQL: {0}")]
    Database(#[from] sqlx::Error),
    /// The migrations could not be applied.
    #[error("migrations: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// A row holds what no rule of ours would have written.
    #[error("the record is not sound: {table} {row}: {what}")]
    Unsound {
        /// The table.
        table: &'static str,
        /// The row's id.
        row: String,
        /// What is wrong with it.
        what: String,
    },
    /// The object store is away, or said no.
    #[error("object store: {0}")]
    Objects(#[from] object_store::Error),
    /// What stands before PostgreSQL lends its sessions, so none is ours from one transaction to the next.
    #[error(
        "what stands before PostgreSQL gives a connection another session for each transaction (PgBouncer's `pool_mode = \
         transaction` or `statement`), and the desk needs sessions of its own, which hold its advisory locks: set `pool_mode = \
         session` for its database, or name PostgreSQL itself in database.url"
    )]
    NoSession,
    /// Somebody else was quicker: a lease ran out, a row changed under us.
    #[error("lost to somebody else: {0}")]
    Lost(&'static str),
}

impl StoreError {
    /// Whether the same may work a little later: anything but a record, or data, that is not sound.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self {
            // Classes 22 and 23 (data, constraints) stay as they are.
            Self::Database(sqlx::Error::Database(error)) => {
                !error.code().is_some_and(|code| ["22", "23"].iter().any(|class| code.starts_with(class)))
            }
            Self::Database(_) | Self::Objects(_) | Self::Lost(_) => true,
            Self::Migrate(_) | Self::Unsound { .. } | Self::NoSession => false,
        }
    }

    /// Whether PostgreSQL does not know what the statement names (SQLSTATE class 42), or its plan no longer fits: the
    /// schema is another version's, as during an upgrade, and whoever is of that version can do it.
    #[must_use]
    pub fn is_of_another_schema(&self) -> bool {
        match self {
            Self::Database(sqlx::Error::Database(error)) => {
                error.code().is_some_and(|code| code.starts_with("42") || code == "0A000")
            }
            _ => false,
        }
    }

    /// Whether a unique or other constraint of that name said no.
    #[must_use]
    pub fn is_constraint(&self, name: &str) -> bool {
        match self {
            Self::Database(sqlx::Error::Database(error)) => error.constraint() == Some(name),
            _ => false,
        }
    }
}
