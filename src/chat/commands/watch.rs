//! `!watch`

use crate::chat::definition::Definition;
use crate::chat::place::{Place, THREAD};
use crate::chat::reply::Reply;
use crate::chat::request::Request;
use crate::desk::conversation::{Outcome, watch};

/// Be called for the ticket's mail though it is not yours
///
/// Its owner is called anyway. It takes no lock.
#[derive(Clone, Debug, PartialEq, clap::Args)]
pub(crate) struct Watch;

impl Definition for Watch {
    const VERB: &'static str = "watch";
    const PLACES: &'static [Place] = THREAD;

    async fn run(self, request: &mut Request<'_>) -> Outcome<Reply> {
        let (context, ticket) = request.on_ticket();
        watch::watch(context, ticket).await?;
        Ok(Reply::done())
    }
}
