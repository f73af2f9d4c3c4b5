//! Write to the agents who want to be told by mail of what a customer wrote.

use serde::{Deserialize, Serialize};

use super::{HasLane, Kind};
use crate::domain::id::{ArticleId, TicketId};
use crate::store::jobs::LAST;
use crate::store::jobs::lane::{Class, Lane};
use crate::store::jobs::policy::Policy;

/// Write to the agents who want to be told by mail of what a customer wrote.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TellAgents {
    /// The ticket.
    pub ticket: TicketId,
    /// What the customer wrote.
    pub article: ArticleId,
}

impl Kind for TellAgents {
    const NAME: &'static str = "TellAgents";
    const CLASS: Class = Class::Command;
    const POLICY: Policy = Policy::RECORD;
    // What an agent types goes before it.
    const RANK: i16 = LAST;
}

impl HasLane for TellAgents {
    fn lane(&self) -> Lane {
        Lane::telling(self.ticket)
    }
}
