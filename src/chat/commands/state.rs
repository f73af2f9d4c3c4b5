//! `!state`

use crate::chat::arguments;
use crate::chat::definition::Definition;
use crate::chat::place::{Place, THREAD};
use crate::chat::reply::Reply;
use crate::chat::request::Request;
use crate::desk::conversation::{Outcome, state};
use crate::domain::ticket;

/// Set the ticket's state
///
/// new, open, closed successful (closed for short) or closed unsuccessful (unsuccessful); any
/// unambiguous beginning will do.
#[derive(Clone, Debug, PartialEq, clap::Args)]
pub(crate) struct State {
    /// The state
    #[arg(value_name = "STATE", value_parser = arguments::state)]
    state: ticket::State,
}

impl Definition for State {
    const VERB: &'static str = "state";
    const PLACES: &'static [Place] = THREAD;
    const TAKES_REST: bool = true;

    async fn run(self, request: &mut Request<'_>) -> Outcome<Reply> {
        let (context, ticket) = request.on_ticket();
        state::set(context, ticket, self.state).await?;
        Ok(Reply::done())
    }
}
