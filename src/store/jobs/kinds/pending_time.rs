//! The moment is there until which a ticket was pending.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{HasLane, Kind};
use crate::domain::id::TicketId;
use crate::store::jobs::LAST;
use crate::store::jobs::lane::{Class, Lane};
use crate::store::jobs::policy::Policy;

/// Call a pending ticket's owner, or close it. Of a ticket that does not wait for that moment any more nothing is done,
/// so whoever changes the moment leaves the old one's job alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PendingTime {
    /// The ticket.
    pub ticket: TicketId,
    /// The moment.
    pub until: DateTime<Utc>,
}

impl Kind for PendingTime {
    const NAME: &'static str = "PendingTime";
    const CLASS: Class = Class::Command;
    const POLICY: Policy = Policy::RECORD;
    // A pending state that is taken back and set again has the same moment.
    const MERGES: bool = true;
    // Many may be due at one moment, and what an agent types goes before them.
    const RANK: i16 = LAST;
}

impl HasLane for PendingTime {
    fn lane(&self) -> Lane {
        Lane::pending(self.ticket, self.until)
    }
}
