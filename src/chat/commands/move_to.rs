//! `!move`

use crate::chat::arguments::Text;
use crate::chat::definition::Definition;
use crate::chat::place::{Place, THREAD};
use crate::chat::reply::Reply;
use crate::chat::request::Request;
use crate::desk::conversation::{Outcome, moving};

/// Bring the ticket into another queue
///
/// Its thread goes on in that queue's room, with all that was said; here stands a link to it. It is unlocked then. Its
/// number and its mails keep leading to it. You must work in both queues; what somebody else has locked is refused.
/// `!undo` brings it back.
#[derive(Clone, Debug, PartialEq, clap::Args)]
pub(crate) struct Move {
    /// The other queue's name, as `!queues` shows it
    #[arg(value_name = "QUEUE")]
    queue: String,
    /// Why, for the other agents
    #[arg(value_name = "TEXT")]
    text: Option<Text>,
}

impl Definition for Move {
    const VERB: &'static str = "move";
    const PLACES: &'static [Place] = THREAD;
    const TAKES_REST: bool = true;

    async fn run(self, request: &mut Request<'_>) -> Outcome<Reply> {
        let (context, ticket) = request.on_ticket();
        moving::move_to(context, ticket, &self.queue, self.text.as_ref().map(Text::as_str)).await?;
        Ok(Reply::done())
    }
}
