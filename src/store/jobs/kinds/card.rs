//! Post a ticket's card, or edit it to what the ticket is now.

use serde::{Deserialize, Serialize};

use super::{HasLane, Kind};
use crate::domain::id::TicketId;
use crate::store::jobs::lane::{Class, Lane};
use crate::store::jobs::policy::Policy;

/// Post a ticket's card, or edit it to what the ticket is now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Card {
    /// The ticket.
    pub ticket: TicketId,
}

impl Kind for Card {
    const NAME: &'static str = "Card";
    const CLASS: Class = Class::Chat;
    const POLICY: Policy = Policy::CHAT;
    const MERGES: bool = true;
}

impl HasLane for Card {
    fn lane(&self) -> Lane {
        Lane::ticket(self.ticket)
    }
}
