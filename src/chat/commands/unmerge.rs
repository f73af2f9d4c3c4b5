//! `!unmerge`

use crate::chat::definition::Definition;
use crate::chat::place::{Place, THREAD};
use crate::chat::reply::Reply;
use crate::chat::request::Request;
use crate::desk::conversation::{Locks, Outcome, merge};

/// Take this ticket out of the one that it was merged into
///
/// It is open again, and locked by you.
#[derive(Clone, Debug, PartialEq, clap::Args)]
pub(crate) struct Unmerge;

impl Definition for Unmerge {
    const VERB: &'static str = "unmerge";
    const PLACES: &'static [Place] = THREAD;
    const LOCKS: Locks = Locks::Merges;

    async fn run(self, request: &mut Request<'_>) -> Outcome<Reply> {
        let (context, ticket) = request.on_ticket();
        merge::unmerge(context, ticket).await?;
        Ok(Reply::done())
    }
}
