//! Time as an argument: whoever needs the moment is given a clock.

use std::fmt::Debug;

use chrono::{DateTime, Utc};

/// Tells the time by which rules decide. Leases and due dates of jobs use PostgreSQL's clock instead, which all
/// instances share.
pub trait Clock: Debug + Send + Sync {
    /// Now.
    fn now(&self) -> DateTime<Utc>;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}
