//! `!jobs`

use super::must_set_up;
use crate::chat::definition::Definition;
use crate::chat::place::{DIRECT, Place};
use crate::chat::reply::Reply;
use crate::chat::request::Request;
use crate::desk::conversation::Outcome;
use crate::desk::words;
use crate::domain::queue::Role;

/// List what was given up, or try one of it again; for admins
///
/// The same as `ticketloom jobs` on the desk's machine.
#[derive(Clone, Debug, PartialEq, clap::Args)]
pub(crate) struct Jobs {
    /// The job to be tried again, by its number
    #[arg(long, value_name = "ID")]
    retry: Option<i64>,
}

impl Definition for Jobs {
    const VERB: &'static str = "jobs";
    const PLACES: &'static [Place] = DIRECT;
    const ROLE: Role = Role::Admin;

    async fn run(self, request: &mut Request<'_>) -> Outcome<Reply> {
        must_set_up(request)?;
        let tx = &mut *request.context.tx;
        let Some(id) = self.retry else { return Ok(Reply::told(words::dead_jobs(&tx.dead_jobs().await?))) };
        let is_there = tx.retry_dead(id).await?;
        Ok(Reply::told(words::retried(id, is_there)))
    }
}
