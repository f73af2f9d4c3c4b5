//! `!accept`

use crate::chat::definition::Definition;
use crate::chat::entry::{ReactedTo, Reaction};
use crate::chat::place::{Place, QUEUE};
use crate::chat::reply::Reply;
use crate::chat::request::Request;
use crate::desk::conversation::{Outcome, quarantine};
use crate::desk::mark;
use crate::desk::words::quarantine::ACCEPT;

/// Make a ticket of a quarantined mail
///
/// As a reply to it. A 🎫 (or ✅) as a reaction on it does the same.
#[derive(Clone, Debug, PartialEq, clap::Args)]
pub(crate) struct Accept;

impl Definition for Accept {
    const VERB: &'static str = "accept";
    const PLACES: &'static [Place] = QUEUE;
    const ONLY_IN_ROOMS: bool = true;
    const REACTION: Option<Reaction> = Some(Reaction { keys: &[mark::DONE, ACCEPT], on: ReactedTo::QuarantineEntry });

    async fn run(self, request: &mut Request<'_>) -> Outcome<Reply> {
        quarantine::accept(&mut request.context, request.said.reply_to).await?;
        Ok(Reply::done())
    }
}
