//! `!why`

use crate::chat::definition::Definition;
use crate::chat::place::{Place, THREAD};
use crate::chat::reply::{Reply, Voice};
use crate::chat::request::Request;
use crate::chat::words;
use crate::desk::conversation::{Outcome, origin};

/// Show how a mail came here, and what was sent for it
///
/// As a reply to an article, or for the ticket's newest mail: its way, the rule that matched, what the
/// mail server found of its sender, what was folded away, and each answer of the mail servers that took
/// what was sent.
#[derive(Clone, Debug, PartialEq, clap::Args)]
pub(crate) struct Why;

impl Definition for Why {
    const VERB: &'static str = "why";
    const PLACES: &'static [Place] = THREAD;

    async fn run(self, request: &mut Request<'_>) -> Outcome<Reply> {
        let article = request.replied_article().await?;
        let (context, ticket) = request.on_ticket();
        let origin = origin::why(context, ticket, article).await?;
        let clock = context.wall_clock(Some(ticket.queue)).await?;
        Ok(Reply::told(words::origin(&ticket.number, &origin, (clock, Voice::of(context.settings)))))
    }
}
