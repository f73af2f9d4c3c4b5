//! `!history`

use crate::chat::definition::Definition;
use crate::chat::place::{Place, THREAD};
use crate::chat::reply::Reply;
use crate::chat::request::Request;
use crate::desk::conversation::{Outcome, lists};
use crate::desk::words;

/// Show who did what and when
#[derive(Clone, Debug, PartialEq, clap::Args)]
pub(crate) struct History;

impl Definition for History {
    const VERB: &'static str = "history";
    const PLACES: &'static [Place] = THREAD;

    async fn run(self, request: &mut Request<'_>) -> Outcome<Reply> {
        let (context, ticket) = request.on_ticket();
        let history = lists::history(context, ticket).await?;
        let clock = context.wall_clock(Some(ticket.queue)).await?;
        Ok(Reply::told(words::history(&ticket.number, &history, clock)))
    }
}
