//! Read a mail that came in.

use serde::{Deserialize, Serialize};

use super::Kind;
use crate::domain::id::MailId;
use crate::store::jobs::lane::Class;
use crate::store::jobs::policy::Policy;

/// Read a mail that came in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReadMail {
    /// The mail.
    pub mail: MailId,
}

impl Kind for ReadMail {
    const NAME: &'static str = "ReadMail";
    const CLASS: Class = Class::Intake;
    const POLICY: Policy = Policy::RECORD;
}
