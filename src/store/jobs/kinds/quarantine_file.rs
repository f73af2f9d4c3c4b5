//! Post the raw mail behind a quarantine entry.

use serde::{Deserialize, Serialize};

use super::{HasLane, Kind};
use crate::domain::id::QuarantineId;
use crate::store::jobs::lane::{Class, Lane};
use crate::store::jobs::policy::Policy;

/// Post the raw mail behind a quarantine entry, as an answer to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QuarantineFile {
    /// The entry.
    pub entry: QuarantineId,
}

impl Kind for QuarantineFile {
    const NAME: &'static str = "QuarantineFile";
    const CLASS: Class = Class::Chat;
    const POLICY: Policy = Policy::FILE;
}

impl HasLane for QuarantineFile {
    fn lane(&self) -> Lane {
        Lane::quarantine(self.entry)
    }
}
