//! Bring a queue's board up to date.

use serde::{Deserialize, Serialize};

use super::{HasLane, Kind};
use crate::domain::id::QueueId;
use crate::store::jobs::lane::{Class, Lane};
use crate::store::jobs::policy::Policy;

/// Bring a queue's board up to date, and then the homes of those who work there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QueueBoard {
    /// The queue.
    pub queue: QueueId,
}

impl Kind for QueueBoard {
    const NAME: &'static str = "QueueBoard";
    const CLASS: Class = Class::Chat;
    const POLICY: Policy = Policy::CHAT;
    const MERGES: bool = true;
}

impl HasLane for QueueBoard {
    fn lane(&self) -> Lane {
        Lane::board(self.queue)
    }
}
