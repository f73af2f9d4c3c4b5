//! Which marks a message bears.

use serde::{Deserialize, Serialize};

use super::{HasLane, Kind};
use crate::domain::id::{EventId, RoomId};
use crate::store::jobs::lane::{Class, Lane};
use crate::store::jobs::policy::Policy;

/// Which marks a message bears: those are put there, and what stood there before is taken back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    /// The room.
    pub room: RoomId,
    /// The message.
    pub to: EventId,
    /// The reactions.
    pub marks: Vec<String>,
}

impl Kind for Mark {
    const NAME: &'static str = "Mark";
    const CLASS: Class = Class::Chat;
    const POLICY: Policy = Policy::CHAT;
}

impl HasLane for Mark {
    fn lane(&self) -> Lane {
        Lane::message(&self.to)
    }
}
