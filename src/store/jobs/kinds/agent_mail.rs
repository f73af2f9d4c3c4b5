//! Hand a mail to an agent to the mail server.

use serde::{Deserialize, Serialize};

use super::{HasLane, Kind};
use crate::domain::id::{AgentId, AgentMailId};
use crate::store::jobs::lane::{Class, Lane};
use crate::store::jobs::policy::Policy;

/// Hand a mail to an agent to the mail server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AgentMail {
    /// The mail.
    pub mail: AgentMailId,
    /// Who gets it: their mails keep their order.
    pub agent: AgentId,
}

impl Kind for AgentMail {
    const NAME: &'static str = "AgentMail";
    const CLASS: Class = Class::Mail;
    const POLICY: Policy = Policy::LETTER;
}

impl HasLane for AgentMail {
    fn lane(&self) -> Lane {
        Lane::agent_mails(self.agent)
    }
}
