//! Bring the board in an agent's home up to date.

use serde::{Deserialize, Serialize};

use super::{HasLane, Kind};
use crate::domain::id::AgentId;
use crate::store::jobs::lane::{Class, Lane};
use crate::store::jobs::policy::Policy;

/// Bring the board in an agent's home up to date.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HomeBoard {
    /// The agent.
    pub agent: AgentId,
}

impl Kind for HomeBoard {
    const NAME: &'static str = "HomeBoard";
    const CLASS: Class = Class::Chat;
    const POLICY: Policy = Policy::CHAT;
    const MERGES: bool = true;
}

impl HasLane for HomeBoard {
    fn lane(&self) -> Lane {
        Lane::home(self.agent)
    }
}
