//! `!priority`

use crate::chat::definition::Definition;
use crate::chat::place::{Place, THREAD};
use crate::chat::reply::Reply;
use crate::chat::request::Request;
use crate::desk::conversation::{Outcome, marks};

/// Say how urgent the ticket is
///
/// Lists show the most urgent ones first. `!undo` takes it back.
#[derive(Clone, Debug, PartialEq, clap::Args)]
pub(crate) struct Priority {
    /// 1 (very low) to 5 (very high); 3 is normal
    #[arg(value_name = "1-5", value_parser = clap::value_parser!(i16).range(1..=5))]
    priority: i16,
}

impl Definition for Priority {
    const VERB: &'static str = "priority";
    const PLACES: &'static [Place] = THREAD;

    async fn run(self, request: &mut Request<'_>) -> Outcome<Reply> {
        let (context, ticket) = request.on_ticket();
        marks::prioritise(context, ticket, self.priority).await?;
        Ok(Reply::done())
    }
}
