//! Somebody is erased.

use serde::{Deserialize, Serialize};

use super::{HasLane, Kind};
use crate::domain::id::ErasureId;
use crate::store::jobs::LAST;
use crate::store::jobs::lane::{Class, Lane};
use crate::store::jobs::policy::Policy;

/// Go on with somebody's erasing in the record, a step of it; what follows is the next job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Erase {
    /// Whose.
    pub erasure: ErasureId,
}

impl Kind for Erase {
    const NAME: &'static str = "Erase";
    const CLASS: Class = Class::Command;
    const POLICY: Policy = Policy::RECORD;
    const RANK: i16 = LAST;
}

impl HasLane for Erase {
    fn lane(&self) -> Lane {
        Lane::erasing(self.erasure)
    }
}
