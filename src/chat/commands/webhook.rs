//! `!webhook`

use super::administer;
use crate::admin::{self, WebhookCommand};
use crate::chat::definition::Definition;
use crate::chat::place::{DIRECT, Place};
use crate::chat::reply::Reply;
use crate::chat::request::Request;
use crate::desk::conversation::Outcome;
use crate::domain::queue::Role;

/// See which programs are told what happens, and stop that; for admins
///
/// The same as `ticketloom webhook` on the desk's machine. Only there one is added, since its secret is shown then.
#[derive(Clone, Debug, PartialEq, clap::Args)]
pub(crate) struct Webhook {
    #[command(subcommand)]
    command: WebhookCommand,
}

impl Definition for Webhook {
    const VERB: &'static str = "webhook";
    const PLACES: &'static [Place] = DIRECT;
    const ROLE: Role = Role::Admin;

    async fn run(self, request: &mut Request<'_>) -> Outcome<Reply> {
        administer(request, admin::Command::Webhook(self.command)).await
    }
}
