//! `!close`

use crate::chat::arguments::{self, Text};
use crate::chat::definition::Definition;
use crate::chat::place::{Place, THREAD};
use crate::chat::reply::Reply;
use crate::chat::request::Request;
use crate::desk::conversation::{Outcome, state};
use crate::domain::ticket::State;

/// Close and unlock the ticket with an internal note; mails nobody
///
/// To tell the customer, use !answer --state closed.
#[derive(Clone, Debug, PartialEq, clap::Args)]
pub(crate) struct Close {
    /// closed (successful, unless you say so) or unsuccessful
    #[arg(long, value_name = "STATE", value_parser = arguments::state)]
    pub(crate) state: Option<State>,
    /// Why, for the other agents
    #[arg(value_name = "TEXT")]
    pub(crate) text: Option<Text>,
}

impl Definition for Close {
    const VERB: &'static str = "close";
    const PLACES: &'static [Place] = THREAD;
    const TAKES_REST: bool = true;

    async fn run(self, request: &mut Request<'_>) -> Outcome<Reply> {
        let (context, ticket) = request.on_ticket();
        let state = self.state.unwrap_or(State::ClosedSuccessful);
        state::close(context, ticket, state, self.text.as_ref().map(Text::as_str)).await?;
        Ok(Reply::done())
    }
}
