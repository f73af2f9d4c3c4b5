//! `!untag`

use crate::chat::arguments;
use crate::chat::definition::Definition;
use crate::chat::place::{Place, THREAD};
use crate::chat::reply::Reply;
use crate::chat::request::Request;
use crate::desk::conversation::{Outcome, marks};
use crate::domain::ticket;

/// Take tags off the ticket
#[derive(Clone, Debug, PartialEq, clap::Args)]
pub(crate) struct Untag {
    /// A tag, one or more
    #[arg(value_name = "TAG", required = true, num_args = 1.., value_parser = arguments::tag)]
    tags: Vec<ticket::Tag>,
}

impl Definition for Untag {
    const VERB: &'static str = "untag";
    const PLACES: &'static [Place] = THREAD;

    async fn run(self, request: &mut Request<'_>) -> Outcome<Reply> {
        let (context, ticket) = request.on_ticket();
        marks::tag(context, ticket, vec![], self.tags).await?;
        Ok(Reply::done())
    }
}
