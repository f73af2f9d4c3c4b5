//! A queue's room is made anew.

use serde::{Deserialize, Serialize};

use super::{HasLane, Kind};
use crate::domain::id::QueueId;
use crate::store::jobs::LAST;
use crate::store::jobs::lane::{Class, Lane};
use crate::store::jobs::policy::Policy;

/// Ask for the next tickets of a queue in its new room; what follows is the next job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Remirror {
    /// The queue.
    pub queue: QueueId,
}

impl Kind for Remirror {
    const NAME: &'static str = "Remirror";
    const CLASS: Class = Class::Command;
    const POLICY: Policy = Policy::RECORD;
    const MERGES: bool = true;
    const RANK: i16 = LAST;
}

impl HasLane for Remirror {
    fn lane(&self) -> Lane {
        Lane::remirror(self.queue)
    }
}
