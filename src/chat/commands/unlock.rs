//! `!unlock`

use crate::chat::definition::Definition;
use crate::chat::place::{Place, THREAD};
use crate::chat::reply::Reply;
use crate::chat::request::Request;
use crate::desk::conversation::{Outcome, lock};

/// Hand the ticket back to the queue
///
/// Only its owner or an admin can. Who had it last is remembered.
#[derive(Clone, Debug, PartialEq, clap::Args)]
pub(crate) struct Unlock;

impl Definition for Unlock {
    const VERB: &'static str = "unlock";
    const PLACES: &'static [Place] = THREAD;

    async fn run(self, request: &mut Request<'_>) -> Outcome<Reply> {
        let (context, ticket) = request.on_ticket();
        lock::unlock(context, ticket).await?;
        Ok(Reply::done())
    }
}
