//! A moment is there at which a ticket's times are to be looked at.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{HasLane, Kind};
use crate::domain::id::TicketId;
use crate::store::jobs::LAST;
use crate::store::jobs::lane::{Class, Lane};
use crate::store::jobs::policy::Policy;

/// Say how late it is for a ticket, or take its lock back, if so it is; nothing otherwise, so whoever moves a time leaves
/// the old one's job alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TicketTime {
    /// The ticket.
    pub ticket: TicketId,
    /// The moment.
    pub at: DateTime<Utc>,
}

impl Kind for TicketTime {
    const NAME: &'static str = "TicketTime";
    const CLASS: Class = Class::Command;
    const POLICY: Policy = Policy::RECORD;
    // A time that moves away and back is the same moment.
    const MERGES: bool = true;
    const RANK: i16 = LAST;
}

impl HasLane for TicketTime {
    fn lane(&self) -> Lane {
        Lane::ticket_time(self.ticket, self.at)
    }
}
