//! `!spam`

use crate::chat::definition::Definition;
use crate::chat::place::{Place, THREAD};
use crate::chat::reply::Reply;
use crate::chat::request::Request;
use crate::chat::words;
use crate::desk::conversation::{Outcome, blocks};

/// Close the ticket as spam and block who wrote last; mails nobody
///
/// What they send from then on goes into quarantine. An admin takes it back with !unblock.
#[derive(Clone, Debug, PartialEq, clap::Args)]
pub(crate) struct Spam;

impl Definition for Spam {
    const VERB: &'static str = "spam";
    const PLACES: &'static [Place] = THREAD;

    async fn run(self, request: &mut Request<'_>) -> Outcome<Reply> {
        let (context, ticket) = request.on_ticket();
        let blocked = blocks::mark_as_spam(context, ticket).await?;
        Ok(Reply::told(words::blocked(&blocked)))
    }
}
