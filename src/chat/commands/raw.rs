//! `!raw`

use crate::chat::definition::Definition;
use crate::chat::place::{Place, THREAD};
use crate::chat::reply::Reply;
use crate::chat::request::Request;
use crate::desk::conversation::{Outcome, origin};

/// Get the original mail as a file
///
/// As a reply to an article, or for the ticket's newest mail.
#[derive(Clone, Debug, PartialEq, clap::Args)]
pub(crate) struct Raw;

impl Definition for Raw {
    const VERB: &'static str = "raw";
    const PLACES: &'static [Place] = THREAD;
    const ONLY_IN_ROOMS: bool = true;

    async fn run(self, request: &mut Request<'_>) -> Outcome<Reply> {
        let article = request.replied_article().await?;
        // Nobody asks for it elsewhere (`ONLY_IN_ROOMS`).
        let Some(asked_by) = request.cause else { return Ok(Reply::done()) };
        let (context, ticket) = request.on_ticket();
        origin::raw(context, ticket, article, asked_by).await?;
        Ok(Reply::done())
    }
}
