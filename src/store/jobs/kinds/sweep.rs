//! A room is gone through for somebody who is erased.

use serde::{Deserialize, Serialize};

use super::{HasLane, Kind};
use crate::domain::id::{ErasureId, RoomId};
use crate::store::jobs::LAST;
use crate::store::jobs::lane::{Class, Lane};
use crate::store::jobs::policy::Policy;

/// Take back in a room what is somebody's who is erased, a page of it; what follows is the next job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sweep {
    /// Whose.
    pub erasure: ErasureId,
    /// The room.
    pub room: RoomId,
    /// Where the page begins; `None`: at the newest.
    pub from: Option<String>,
}

impl Kind for Sweep {
    const NAME: &'static str = "Sweep";
    const CLASS: Class = Class::Chat;
    const POLICY: Policy = Policy::FILE;
    const RANK: i16 = LAST;
}

impl HasLane for Sweep {
    fn lane(&self) -> Lane {
        Lane::sweep(self.erasure, &self.room)
    }
}
