//! `!quarantine`

use crate::chat::definition::Definition;
use crate::chat::place::{Place, QUEUE_OR_THREAD};
use crate::chat::reply::Reply;
use crate::chat::request::Request;
use crate::desk::conversation::refusal::QuarantineRefusal;
use crate::desk::conversation::{Outcome, lists};
use crate::desk::words;
use crate::domain::listing::Listing;

/// List what is in this queue's quarantine, newest first
#[derive(Clone, Debug, PartialEq, clap::Args)]
pub(crate) struct Quarantine;

impl Definition for Quarantine {
    const VERB: &'static str = "quarantine";
    const PLACES: &'static [Place] = QUEUE_OR_THREAD;

    async fn run(self, request: &mut Request<'_>) -> Outcome<Reply> {
        let queue = request.queue.as_ref().ok_or(QuarantineRefusal::NoQueue)?;
        let list = lists::quarantine(&mut request.context, queue).await?;
        let said = words::quarantine::list(&queue.name, &list.lines, list.total, queue.room.as_ref());
        Ok(Reply::listed(said, Listing::first("quarantine", vec![], list.total, lists::MOST)))
    }
}
