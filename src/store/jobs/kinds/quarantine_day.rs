//! Bring the first message of a day's quarantine up to date.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{HasLane, Kind};
use crate::domain::id::QueueId;
use crate::store::jobs::lane::{Class, Lane};
use crate::store::jobs::policy::Policy;

/// Bring the first message of a day's quarantine up to date.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QuarantineDay {
    /// The queue.
    pub queue: QueueId,
    /// The day.
    pub day: NaiveDate,
}

impl Kind for QuarantineDay {
    const NAME: &'static str = "QuarantineDay";
    const CLASS: Class = Class::Chat;
    const POLICY: Policy = Policy::CHAT;
    const MERGES: bool = true;
}

impl HasLane for QuarantineDay {
    fn lane(&self) -> Lane {
        Lane::quarantine_day(self.queue, self.day)
    }
}
