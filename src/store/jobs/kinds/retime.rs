//! A queue's working hours or promises have changed.

use serde::{Deserialize, Serialize};

use super::{HasLane, Kind};
use crate::domain::id::QueueId;
use crate::store::jobs::LAST;
use crate::store::jobs::lane::{Class, Lane};
use crate::store::jobs::policy::Policy;
use crate::store::ticket_lists::TicketPlace;

/// Compute the times of a queue's open tickets anew, a page of them; what follows is the next job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Retime {
    /// The queue.
    pub queue: QueueId,
    /// The last ticket that was seen to.
    pub after: Option<TicketPlace>,
}

impl Kind for Retime {
    const NAME: &'static str = "Retime";
    const CLASS: Class = Class::Command;
    const POLICY: Policy = Policy::RECORD;
    const RANK: i16 = LAST;
}

impl HasLane for Retime {
    fn lane(&self) -> Lane {
        Lane::retime(self.queue)
    }
}
