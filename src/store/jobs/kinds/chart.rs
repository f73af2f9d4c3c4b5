//! Answer a message with a picture of what was new and what was closed on each day.

use serde::{Deserialize, Serialize};

use super::{HasLane, Kind};
use crate::domain::id::{EventId, RoomId, TicketId};
use crate::store::jobs::lane::{Class, Lane};
use crate::store::jobs::policy::Policy;

/// Answer a message with a picture of what was new and what was closed on each day. What it shows is of the moment when it
/// was asked for, as what is said with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Chart {
    /// The room.
    pub room: RoomId,
    /// The ticket in whose thread it was asked for, if it was one.
    pub ticket: Option<TicketId>,
    /// The message that asked.
    pub to: EventId,
    /// Each day's new and closed tickets.
    pub days: Vec<(i64, i64)>,
}

impl Kind for Chart {
    const NAME: &'static str = "Chart";
    const CLASS: Class = Class::Chat;
    const POLICY: Policy = Policy::FILE;
}

impl HasLane for Chart {
    fn lane(&self) -> Lane {
        Lane::message(&self.to)
    }
}
