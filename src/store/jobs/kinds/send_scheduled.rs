//! The moment of a scheduled answer is there.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{HasLane, Kind};
use crate::domain::id::ScheduledId;
use crate::store::jobs::LAST;
use crate::store::jobs::lane::{Class, Lane};
use crate::store::jobs::policy::Policy;

/// Send a scheduled answer, or stop it. Of one that does not wait for that moment any more nothing is done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SendScheduled {
    /// The answer.
    pub answer: ScheduledId,
    /// The moment.
    pub at: DateTime<Utc>,
}

impl Kind for SendScheduled {
    const NAME: &'static str = "SendScheduled";
    const CLASS: Class = Class::Command;
    const POLICY: Policy = Policy::RECORD;
    // One that is moved away and back has the same moment.
    const MERGES: bool = true;
    const RANK: i16 = LAST;
}

impl HasLane for SendScheduled {
    fn lane(&self) -> Lane {
        Lane::scheduled(self.answer, self.at)
    }
}
