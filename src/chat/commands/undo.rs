//! `!undo`

use crate::chat::definition::Definition;
use crate::chat::entry::{ReactedTo, Reaction};
use crate::chat::place::{Place, THREAD};
use crate::chat::reply::Reply;
use crate::chat::request::Request;
use crate::chat::words;
use crate::desk::conversation::{Outcome, undo};
use crate::desk::mark;

/// Stop the answer that is still held, or take back what a command changed
///
/// What the message did that yours replies to; else the answer that is held; else your own newest change of this ticket
/// (state, lock, owner, priority, subject, tags, queue). Too late once an answer is on its way, or if somebody has changed
/// it since.
#[derive(Clone, Debug, PartialEq, clap::Args)]
pub(crate) struct Undo;

impl Definition for Undo {
    const VERB: &'static str = "undo";
    const PLACES: &'static [Place] = THREAD;
    const REACTION: Option<Reaction> = Some(Reaction { keys: &[mark::NO], on: ReactedTo::Answer });

    async fn run(self, request: &mut Request<'_>) -> Outcome<Reply> {
        let of = request.said.reply_to;
        let (context, ticket) = request.on_ticket();
        let undone = undo::undo(context, ticket, of).await?;
        Ok(Reply::told(words::undone(undone, &context.by.user)))
    }
}
