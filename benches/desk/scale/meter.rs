//! How long PostgreSQL works on each statement.

use std::fmt;
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

/// A statement and how long PostgreSQL worked on it.
#[derive(Debug)]
pub(super) struct Timed {
    pub(super) statement: String,
    pub(super) ms: f64,
    /// Whether it was executed, not only parsed or planned so far.
    is_executed: bool,
}

/// Gathers what PostgreSQL says of durations, with `log_min_duration_statement`: parsing and planning a statement is part of
/// it. Commits are left out: how long a disk takes to sync is measured elsewhere.
#[derive(Clone, Default)]
pub(super) struct Meter(Arc<Mutex<Vec<Timed>>>);

impl Meter {
    /// What was gathered since it was last taken.
    pub(super) fn take(&self) -> Vec<Timed> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }
}

impl<S: tracing::Subscriber> Layer<S> for Meter {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == "sqlx::postgres::notice" {
            event.record(&mut Reading(self));
        }
    }
}

/// Reads one message: `duration: 0.123 ms  execute sqlx_s_7: select …`.
struct Reading<'m>(&'m Meter);

impl Visit for Reading<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }

    fn record_str(&mut self, _: &Field, message: &str) {
        let Some((ms, what)) = message.strip_prefix("duration: ").and_then(|rest| rest.split_once(" ms  ")) else {
            return;
        };
        let (phase, statement) = what.split_once(": ").unwrap_or_default();
        let (Ok(ms), false) = (ms.parse::<f64>(), statement.eq_ignore_ascii_case("commit")) else { return };
        let mut gathered = self.0.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        // Parse, bind and execute are told one after the other; bind plans.
        match gathered.last_mut() {
            Some(last) if last.statement == statement && !last.is_executed => last.ms += ms,
            _ => gathered.push(Timed { statement: statement.to_owned(), ms, is_executed: false }),
        }
        if let Some(last) = gathered.last_mut() {
            last.is_executed = phase.starts_with("execute") || phase == "statement";
        }
    }
}
