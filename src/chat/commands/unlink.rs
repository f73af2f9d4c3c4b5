//! `!unlink`

use crate::chat::arguments;
use crate::chat::definition::Definition;
use crate::chat::place::{Place, THREAD};
use crate::chat::reply::Reply;
use crate::chat::request::Request;
use crate::desk::conversation::{Outcome, link};
use crate::domain::number::Number;

/// Untie the ticket from another one
#[derive(Clone, Debug, PartialEq, clap::Args)]
pub(crate) struct Unlink {
    /// The other ticket's number, with or without Ticket#
    #[arg(value_name = "NUMBER", value_parser = arguments::number)]
    number: Number,
}

impl Definition for Unlink {
    const VERB: &'static str = "unlink";
    const PLACES: &'static [Place] = THREAD;

    async fn run(self, request: &mut Request<'_>) -> Outcome<Reply> {
        let (context, ticket) = request.on_ticket();
        link::unlink(context, ticket, &self.number).await?;
        Ok(Reply::done())
    }
}
