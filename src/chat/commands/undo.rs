//! `!undo`

use crate::chat::definition::Definition;
use crate::chat::entry::{ReactedTo, Reaction};
use crate::chat::place::{Place, THREAD};
use crate::chat::reply::Reply;
use crate::chat::request::Request;
use crate::chat::words;
use crate::desk::conversation::{Outcome, undo};
use crate::desk::mark;

/// Stop the answer that is still held
///
/// The newest of this ticket, or the one that your message replies to. Too late once it is on its way.
#[derive(Clone, Debug, PartialEq, clap::Args)]
pub(crate) struct Undo;

impl Definition for Undo {
    const VERB: &'static str = "undo";
    const PLACES: &'static [Place] = THREAD;
    const REACTION: Option<Reaction> = Some(Reaction { keys: &[mark::NO], on: ReactedTo::Answer });

    async fn run(self, request: &mut Request<'_>) -> Outcome<Reply> {
        let of = request.said.reply_to;
        let (context, ticket) = request.on_ticket();
        undo::undo(context, ticket, of).await?;
        Ok(Reply::told(words::answer_undone(&context.by.user)))
    }
}
