//! Post or edit a quarantine entry.

use serde::{Deserialize, Serialize};

use super::{HasLane, Kind};
use crate::domain::id::QuarantineId;
use crate::store::jobs::lane::{Class, Lane};
use crate::store::jobs::policy::Policy;

/// Post or edit a quarantine entry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quarantine {
    /// The entry.
    pub entry: QuarantineId,
}

impl Kind for Quarantine {
    const NAME: &'static str = "Quarantine";
    const CLASS: Class = Class::Chat;
    const POLICY: Policy = Policy::FILE;
    const MERGES: bool = true;
}

impl HasLane for Quarantine {
    fn lane(&self) -> Lane {
        Lane::quarantine(self.entry)
    }
}
