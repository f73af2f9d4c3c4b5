//! Bring a room's pinned messages up to date.

use serde::{Deserialize, Serialize};

use super::{HasLane, Kind};
use crate::domain::id::RoomId;
use crate::store::jobs::lane::{Class, Lane};
use crate::store::jobs::policy::Policy;

/// Bring a room's pinned messages up to date.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pins {
    /// The room.
    pub room: RoomId,
}

impl Kind for Pins {
    const NAME: &'static str = "Pins";
    const CLASS: Class = Class::Chat;
    const POLICY: Policy = Policy::CHAT;
    const MERGES: bool = true;
}

impl HasLane for Pins {
    fn lane(&self) -> Lane {
        Lane::pins(&self.room)
    }
}
