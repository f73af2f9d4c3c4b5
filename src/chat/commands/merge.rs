//! `!merge`

use crate::chat::arguments;
use crate::chat::definition::Definition;
use crate::chat::place::{Place, THREAD};
use crate::chat::reply::Reply;
use crate::chat::request::Request;
use crate::desk::conversation::{Locks, Outcome, merge};
use crate::domain::number::Number;

/// Make this ticket part of another one
///
/// What stands here stays here, and further mail to either goes to the other one. Asks once if the two are for
/// different customers, or if the other one is closed. `!unmerge` takes it back.
#[derive(Clone, Debug, PartialEq, clap::Args)]
pub(crate) struct Merge {
    /// Merge though the other ticket is for another customer, or closed
    #[arg(long)]
    yes: bool,
    /// The other ticket's number, with or without Ticket#
    #[arg(value_name = "NUMBER", value_parser = arguments::number)]
    number: Number,
}

impl Definition for Merge {
    const VERB: &'static str = "merge";
    const PLACES: &'static [Place] = THREAD;
    const LOCKS: Locks = Locks::Merges;

    async fn run(self, request: &mut Request<'_>) -> Outcome<Reply> {
        let (context, ticket) = request.on_ticket();
        merge::merge(context, ticket, &self.number, self.yes).await?;
        Ok(Reply::done())
    }
}
