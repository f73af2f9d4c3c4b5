//! Time as an argument: whoever needs the moment is given a clock.

use chrono::{DateTime, Utc};

/// Tells the time. Leases and due dates use PostgreSQL's clock instead, which all instances share.
pub trait Clock: Send + Sync {
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
