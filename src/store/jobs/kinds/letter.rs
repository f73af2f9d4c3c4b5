//! Hand an outgoing mail to the mail server.

use serde::{Deserialize, Serialize};

use super::Kind;
use crate::domain::id::LetterId;
use crate::store::jobs::lane::Class;
use crate::store::jobs::policy::Policy;

/// Hand an outgoing mail to the mail server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Letter {
    /// The mail.
    pub letter: LetterId,
}

impl Kind for Letter {
    const NAME: &'static str = "Letter";
    const CLASS: Class = Class::Mail;
    const POLICY: Policy = Policy::LETTER;
}
