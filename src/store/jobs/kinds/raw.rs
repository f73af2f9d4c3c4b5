//! Upload a mail as it came in, as a reply to who asked for it.

use serde::{Deserialize, Serialize};

use super::{HasLane, Kind};
use crate::domain::id::{EventId, MailId, RoomId, TicketId};
use crate::store::jobs::lane::{Class, Lane};
use crate::store::jobs::policy::Policy;

/// Upload a mail as it came in, as a reply to who asked for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Raw {
    /// The mail.
    pub mail: MailId,
    /// The ticket in whose thread it was asked for.
    pub ticket: TicketId,
    /// The room.
    pub room: RoomId,
    /// The message that asked.
    pub to: EventId,
}

impl Kind for Raw {
    const NAME: &'static str = "Raw";
    const CLASS: Class = Class::Chat;
    const POLICY: Policy = Policy::FILE;
}

impl HasLane for Raw {
    fn lane(&self) -> Lane {
        Lane::ticket(self.ticket)
    }
}
