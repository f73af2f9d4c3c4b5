//! `!drop`

use crate::chat::definition::Definition;
use crate::chat::entry::{ReactedTo, Reaction};
use crate::chat::place::{Place, QUEUE};
use crate::chat::reply::Reply;
use crate::chat::request::Request;
use crate::desk::conversation::{Outcome, quarantine};
use crate::desk::words::quarantine::DROP;

/// Leave a quarantined mail where it is: somebody has seen it
///
/// As a reply to it; as a reply to the beginning of a day's thread it is for all of them that nobody has decided about. A 🗑
/// as a reaction does the same. The mail stays in the record.
#[derive(Clone, Debug, PartialEq, clap::Args)]
pub(crate) struct Drop;

impl Definition for Drop {
    const VERB: &'static str = "drop";
    const PLACES: &'static [Place] = QUEUE;
    const ONLY_IN_ROOMS: bool = true;
    const REACTION: Option<Reaction> = Some(Reaction { keys: &[DROP], on: ReactedTo::QuarantineEntryOrDay });

    async fn run(self, request: &mut Request<'_>) -> Outcome<Reply> {
        quarantine::drop(&mut request.context, request.said.reply_to).await?;
        Ok(Reply::done())
    }
}
