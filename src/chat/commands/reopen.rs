//! `!reopen`

use crate::chat::arguments::Text;
use crate::chat::definition::Definition;
use crate::chat::place::{Place, THREAD};
use crate::chat::reply::Reply;
use crate::chat::request::Request;
use crate::desk::conversation::{Outcome, state};

/// Open a closed ticket again and lock it
#[derive(Clone, Debug, PartialEq, clap::Args)]
pub(crate) struct Reopen {
    /// Why, for the other agents
    #[arg(value_name = "TEXT")]
    text: Option<Text>,
}

impl Definition for Reopen {
    const VERB: &'static str = "reopen";
    const PLACES: &'static [Place] = THREAD;
    const TAKES_REST: bool = true;

    async fn run(self, request: &mut Request<'_>) -> Outcome<Reply> {
        let (context, ticket) = request.on_ticket();
        state::reopen(context, ticket, self.text.as_ref().map(Text::as_str)).await?;
        Ok(Reply::done())
    }
}
