//! Post a file of an article.

use serde::{Deserialize, Serialize};

use super::{HasLane, Kind};
use crate::domain::id::{AttachmentId, TicketId};
use crate::store::jobs::lane::{Class, Lane};
use crate::store::jobs::policy::Policy;

/// Post a file of an article.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct File {
    /// The ticket.
    pub ticket: TicketId,
    /// The file.
    pub file: AttachmentId,
}

impl Kind for File {
    const NAME: &'static str = "File";
    const CLASS: Class = Class::Chat;
    const POLICY: Policy = Policy::FILE;
}

impl HasLane for File {
    fn lane(&self) -> Lane {
        Lane::ticket(self.ticket)
    }
}
