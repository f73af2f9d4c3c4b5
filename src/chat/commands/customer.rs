//! `!customer`

use crate::chat::arguments;
use crate::chat::definition::Definition;
use crate::chat::place::{Place, THREAD};
use crate::chat::reply::{Reply, Voice};
use crate::chat::request::Request;
use crate::chat::words;
use crate::desk::conversation::{Outcome, customer};
use crate::domain::id::EmailAddress;

/// Set whom the ticket is for: answers go there from now on
#[derive(Clone, Debug, PartialEq, clap::Args)]
pub(crate) struct Customer {
    /// Their mail address
    #[arg(value_name = "ADDRESS", value_parser = arguments::address)]
    address: EmailAddress,
}

impl Definition for Customer {
    const VERB: &'static str = "customer";
    const PLACES: &'static [Place] = THREAD;

    async fn run(self, request: &mut Request<'_>) -> Outcome<Reply> {
        let (context, ticket) = request.on_ticket();
        let held = customer::set(context, ticket, &self.address).await?;
        let voice = Voice::of(context.settings);
        Ok(held.map_or_else(Reply::done, |to| Reply::told(words::held_answer_goes_to(&to, voice))))
    }
}
