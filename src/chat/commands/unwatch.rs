//! `!unwatch`

use crate::chat::definition::Definition;
use crate::chat::place::{Place, THREAD};
use crate::chat::reply::Reply;
use crate::chat::request::Request;
use crate::desk::conversation::{Outcome, watch};

/// Be called for the ticket's mail no more, unless it is yours
#[derive(Clone, Debug, PartialEq, clap::Args)]
pub(crate) struct Unwatch;

impl Definition for Unwatch {
    const VERB: &'static str = "unwatch";
    const PLACES: &'static [Place] = THREAD;

    async fn run(self, request: &mut Request<'_>) -> Outcome<Reply> {
        let (context, ticket) = request.on_ticket();
        watch::unwatch(context, ticket).await?;
        Ok(Reply::done())
    }
}
