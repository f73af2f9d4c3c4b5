//! `!attach`

use crate::chat::arguments;
use crate::chat::definition::Definition;
use crate::chat::place::{Place, QUEUE};
use crate::chat::reply::Reply;
use crate::chat::request::Request;
use crate::desk::conversation::{Outcome, quarantine};
use crate::domain::number::Number;

/// File a quarantined mail in a ticket
///
/// As a reply to it.
#[derive(Clone, Debug, PartialEq, clap::Args)]
pub(crate) struct Attach {
    /// The ticket's number, with or without Ticket#
    #[arg(value_name = "NUMBER", value_parser = arguments::number)]
    number: Number,
}

impl Definition for Attach {
    const VERB: &'static str = "attach";
    const PLACES: &'static [Place] = QUEUE;
    const ONLY_IN_ROOMS: bool = true;

    async fn run(self, request: &mut Request<'_>) -> Outcome<Reply> {
        quarantine::attach(&mut request.context, request.said.reply_to, &self.number).await?;
        Ok(Reply::done())
    }
}
