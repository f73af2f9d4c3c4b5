//! Say on a ticket's old card where it is now.

use serde::{Deserialize, Serialize};

use super::{HasLane, Kind};
use crate::domain::id::{RoomId, TicketId};
use crate::store::jobs::lane::{Class, Lane};
use crate::store::jobs::policy::Policy;

/// Say on a ticket's card in a room that it has left where it is now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Signpost {
    /// The ticket.
    pub ticket: TicketId,
    /// The room.
    pub room: RoomId,
}

impl Kind for Signpost {
    const NAME: &'static str = "Signpost";
    const CLASS: Class = Class::Chat;
    const POLICY: Policy = Policy::CHAT;
}

impl HasLane for Signpost {
    fn lane(&self) -> Lane {
        Lane::ticket(self.ticket)
    }
}
