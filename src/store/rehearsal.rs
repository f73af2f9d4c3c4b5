//! A record to try things on: what is written there is seen there, and gone when it is closed.
//!
//! It is one connection to the real database, on which temporary tables stand before the real ones of
//! the same names. So every rule and every statement is the real one, no row of the record is changed
//! or even locked, and a desk that runs meanwhile notices nothing.

use std::fmt::Write;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use sqlx::Executor;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::{Result, Store};

/// Where a rehearsal's ids and numbers begin, so that they meet none that were copied.
const FIRST: i64 = 1_000_000_000_000;

/// The tables that reading a mail may write to, and what a rehearsal must know of them.
const TABLES: &[(&str, &str)] = &[
    ("mail_in", "mail_id, queue_id, route, recipient, delivery_key, ''::bytea as raw, fate"),
    ("mail_seen", "queue_id, content_key, mail_id"),
    ("customer", "customer_id, address, name"),
    ("ticket", "ticket_id, number, queue_id, customer_id, subject, state, pending_until, articles, created_at"),
    ("participant", "ticket_id, customer_id"),
    ("message_ref", "message_id, ticket_id, article_id"),
    ("quarantine", "quarantine_id, queue_id, mail_id, reason, count, created_at"),
    ("quarantine_day", "queue_id, day, key, quarantine_day_id"),
    ("blob", ""),
    ("article", ""),
    ("attachment", ""),
    ("search_text", ""),
    ("search_word", ""),
    ("letter", ""),
    ("letter_file", ""),
    ("automatic_mail", "address_key, day, sent"),
    ("automatic_pause", ""),
    ("ticket_event", ""),
    ("unnumbered_event", ""),
    ("lane", ""),
    ("job", ""),
    ("dead_job", ""),
];

impl Store {
    /// Begins a rehearsal on the database of that URL.
    ///
    /// # Errors
    /// If PostgreSQL can't be reached, or its user may not make temporary tables.
    pub async fn rehearsal(url: &str) -> Result<Self> {
        let options = PgConnectOptions::from_str(url)?.application_name("ticketloom rehearsal");
        let pool = PgPoolOptions::new()
            .min_connections(1)
            .max_connections(1)
            // Another connection would be another rehearsal.
            .idle_timeout(None)
            .max_lifetime(None)
            .acquire_timeout(Duration::from_secs(30))
            .connect_with(options)
            .await?;
        pool.execute(sqlx::raw_sql(sqlx::AssertSqlSafe(stage()))).await?;
        let mut store = Self::on(pool.clone(), pool);
        store.rehearsed = Some(Arc::new(FIRST.into()));
        Ok(store)
    }
}

/// The statements that put the temporary tables there. A copy gets its name last: until then the name
/// is the real one's.
fn stage() -> String {
    let mut script = String::new();
    for (table, columns) in TABLES {
        let _ = writeln!(script, "create temporary table rehearsed_{table} (like {table} including all);");
        if !columns.is_empty() {
            let names: Vec<&str> =
                columns.split(", ").map(|column| column.rsplit(' ').next().unwrap_or(column)).collect();
            let names = names.join(", ");
            let _ = writeln!(
                script,
                "insert into rehearsed_{table} ({names}) overriding system value select {columns} from {table};"
            );
        }
    }
    for (table, key) in [
        ("mail_in", "mail_id"),
        ("customer", "customer_id"),
        ("ticket", "ticket_id"),
        ("quarantine", "quarantine_id"),
        ("quarantine_day", "quarantine_day_id"),
        ("article", "article_id"),
    ] {
        let _ = writeln!(script, "alter table rehearsed_{table} alter column {key} restart with {FIRST};");
    }
    for (table, _) in TABLES {
        let _ = writeln!(script, "analyze rehearsed_{table};\nalter table rehearsed_{table} rename to {table};");
    }
    script
}
