//! `!agent`

use super::administer;
use crate::admin::{self, AgentCommand};
use crate::chat::definition::Definition;
use crate::chat::place::{DIRECT, Place};
use crate::chat::reply::Reply;
use crate::chat::request::Request;
use crate::desk::conversation::Outcome;
use crate::domain::queue::Role;

/// Say who works here; for admins
///
/// The same as `ticketloom agent` on the desk's machine.
#[derive(Clone, Debug, PartialEq, clap::Args)]
pub(crate) struct Agent {
    #[command(subcommand)]
    command: AgentCommand,
}

impl Definition for Agent {
    const VERB: &'static str = "agent";
    const PLACES: &'static [Place] = DIRECT;
    const ROLE: Role = Role::Admin;

    async fn run(self, request: &mut Request<'_>) -> Outcome<Reply> {
        administer(request, admin::Command::Agent(self.command)).await
    }
}
