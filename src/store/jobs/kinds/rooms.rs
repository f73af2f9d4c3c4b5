//! Make rooms, members and power levels as the record says.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{HasLane, Kind};
use crate::store::jobs::lane::{Class, Lane};
use crate::store::jobs::policy::Policy;

/// Make rooms, members and power levels as the record says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rooms {}

impl Kind for Rooms {
    const NAME: &'static str = "Rooms";
    const CLASS: Class = Class::Chat;
    const POLICY: Policy = Policy { time_limit: Duration::from_mins(30), ..Policy::CHAT };
}

impl HasLane for Rooms {
    fn lane(&self) -> Lane {
        Lane::rooms()
    }
}
