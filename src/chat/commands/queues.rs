//! `!queues`

use crate::chat::definition::Definition;
use crate::chat::place::{ANYWHERE, Place};
use crate::chat::reply::Reply;
use crate::chat::request::Request;
use crate::desk::conversation::{Outcome, lists};
use crate::desk::words;
use crate::domain::listing::Listing;

/// List the queues with a link to each room
#[derive(Clone, Debug, PartialEq, clap::Args)]
pub(crate) struct Queues;

impl Definition for Queues {
    const VERB: &'static str = "queues";
    const PLACES: &'static [Place] = ANYWHERE;

    async fn run(self, request: &mut Request<'_>) -> Outcome<Reply> {
        let mut queues = lists::queues(&mut request.context).await?;
        queues.retain(|queue| !queue.archived);
        let count = i64::try_from(queues.len()).unwrap_or(i64::MAX);
        Ok(Reply::listed(words::queue_list(&queues), Listing::first("queues", vec![], count, count.max(1))))
    }
}
