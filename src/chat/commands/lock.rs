//! `!lock`

use crate::chat::definition::Definition;
use crate::chat::entry::{ReactedTo, Reaction};
use crate::chat::place::{Place, THREAD};
use crate::chat::reply::Reply;
use crate::chat::request::Request;
use crate::desk::conversation::{Outcome, lock};

/// Take the ticket: lock it and become its owner
///
/// Nobody else can answer or close it then. A 🔒 as a reaction on the card does the same.
#[derive(Clone, Debug, PartialEq, clap::Args)]
pub(crate) struct Lock;

impl Definition for Lock {
    const VERB: &'static str = "lock";
    const PLACES: &'static [Place] = THREAD;
    const REACTION: Option<Reaction> = Some(Reaction { keys: &["🔒"], on: ReactedTo::Card });

    async fn run(self, request: &mut Request<'_>) -> Outcome<Reply> {
        let (context, ticket) = request.on_ticket();
        lock::lock(context, ticket).await?;
        Ok(Reply::done())
    }
}
