//! Fetch the file of an agent's message, to keep it.

use serde::{Deserialize, Serialize};

use super::{HasLane, Kind};
use crate::domain::id::EventId;
use crate::store::jobs::lane::{Class, Lane};
use crate::store::jobs::policy::Policy;

/// Fetch the file of an agent's message, to keep it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fetch {
    /// The message.
    pub event: EventId,
    /// Where it is: `{"url": …}` or `{"file": …}`.
    pub media: serde_json::Value,
    /// Its size in bytes as the client says.
    pub size: u64,
}

impl Kind for Fetch {
    const NAME: &'static str = "Fetch";
    const CLASS: Class = Class::Chat;
    const POLICY: Policy = Policy { limit: 4, ..Policy::FILE };
}

impl HasLane for Fetch {
    fn lane(&self) -> Lane {
        Lane::fetch(&self.event)
    }
}
