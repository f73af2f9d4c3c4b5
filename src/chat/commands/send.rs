//! `!send`

use crate::chat::definition::Definition;
use crate::chat::entry::{ReactedTo, Reaction};
use crate::chat::place::{Place, THREAD};
use crate::chat::reply::Reply;
use crate::chat::request::Request;
use crate::desk::conversation::{Outcome, schedule};

/// Send your answer now that is still held, or waits for its moment
///
/// The one that the message asked for that yours replies to, else the ticket's next one of yours. A ✉️ as a reaction on that
/// message does the same.
#[derive(Clone, Debug, PartialEq, clap::Args)]
pub(crate) struct Send;

impl Definition for Send {
    const VERB: &'static str = "send";
    const PLACES: &'static [Place] = THREAD;
    const REACTION: Option<Reaction> = Some(Reaction { keys: &["✉"], on: ReactedTo::Answer });

    async fn run(self, request: &mut Request<'_>) -> Outcome<Reply> {
        let of = request.said.reply_to;
        let (context, ticket) = request.on_ticket();
        schedule::send_now(context, ticket, of).await?;
        Ok(Reply::done())
    }
}
