//! Read an event that came in.

use serde::{Deserialize, Serialize};

use super::Kind;
use crate::domain::id::EventRowId;
use crate::store::jobs::lane::Class;
use crate::store::jobs::policy::Policy;

/// Read an event that came in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReadEvent {
    /// The event.
    pub event: EventRowId,
}

impl Kind for ReadEvent {
    const NAME: &'static str = "ReadEvent";
    const CLASS: Class = Class::Command;
    const POLICY: Policy = Policy::RECORD;
}
