//! `!more`

use super::Command;
use crate::chat::definition::Definition;
use crate::chat::grammar::{Parsed, parse};
use crate::chat::place::{ANYWHERE, Place};
use crate::chat::reply::{Reply, Voice};
use crate::chat::request::Request;
use crate::chat::words;
use crate::desk::conversation::Outcome;

/// Show what comes next in the list that you saw last in this room
///
/// It goes on behind the last line that you saw, whatever has changed above it meanwhile.
#[derive(Clone, Debug, PartialEq, clap::Args)]
pub(crate) struct More;

impl Definition for More {
    const VERB: &'static str = "more";
    const PLACES: &'static [Place] = ANYWHERE;

    async fn run(self, request: &mut Request<'_>) -> Outcome<Reply> {
        let refused = Reply::refused(words::no_list_goes_on(Voice::of(request.context.settings)));
        let Some(cause) = request.cause else { return Ok(refused) };
        let list = request.context.tx.last_lists().get(request.context.by.id, cause.room).await?;
        // In the thread that a moved ticket has left, lists are of another queue.
        let is_here = |queue| queue == request.queue.as_ref().map(|queue| queue.id);
        let Some(list) = list.filter(|list| is_here(list.queue)) else { return Ok(refused) };
        request.behind = list.behind;
        match parse("", &list.command) {
            Parsed::Command(Command::Queue(command)) => command.run(request).await,
            Parsed::Command(Command::Mine(command)) => command.run(request).await,
            Parsed::Command(Command::Search(command)) => command.run(request).await,
            Parsed::Command(Command::Quarantine(command)) => command.run(request).await,
            _ => Ok(refused),
        }
    }
}
