//! `!cc`

use crate::chat::arguments;
use crate::chat::definition::Definition;
use crate::chat::place::{Place, THREAD};
use crate::chat::reply::Reply;
use crate::chat::request::Request;
use crate::desk::conversation::Outcome;
use crate::desk::conversation::participants::{self, Participation};

/// Let somebody take part in the ticket by mail, or no more
///
/// `+carol@example.org` takes part from now on: what they write joins, and `!answer --all` goes to them;
/// `-carol@example.org` does not any more.
#[derive(Clone, Debug, PartialEq, clap::Args)]
pub(crate) struct Cc {
    /// `+ADDRESS` or `-ADDRESS`, one or more
    #[arg(value_name = "±ADDRESS", required = true, num_args = 1.., allow_hyphen_values = true,
          value_parser = arguments::participation)]
    changes: Vec<Participation>,
}

impl Definition for Cc {
    const VERB: &'static str = "cc";
    const PLACES: &'static [Place] = THREAD;

    async fn run(self, request: &mut Request<'_>) -> Outcome<Reply> {
        let (context, ticket) = request.on_ticket();
        participants::change(context, ticket, &self.changes).await?;
        Ok(Reply::done())
    }
}
