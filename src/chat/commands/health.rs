//! `!health`

use super::must_set_up;
use crate::chat::definition::Definition;
use crate::chat::place::{DIRECT, Place};
use crate::chat::reply::Reply;
use crate::chat::request::Request;
use crate::desk::conversation::Outcome;
use crate::desk::words;
use crate::domain::queue::Role;

/// Show what waits, what was given up, and which mails could not be sent; for admins
///
/// What the machine sees besides, /health and /ready say.
#[derive(Clone, Debug, PartialEq, clap::Args)]
pub(crate) struct Health;

impl Definition for Health {
    const VERB: &'static str = "health";
    const PLACES: &'static [Place] = DIRECT;
    const ROLE: Role = Role::Admin;

    async fn run(self, request: &mut Request<'_>) -> Outcome<Reply> {
        must_set_up(request)?;
        let health = request.context.tx.health().await?;
        Ok(Reply::told(words::health(&health)))
    }
}
