//! `!pending`

use crate::chat::arguments::{self, Text};
use crate::chat::definition::Definition;
use crate::chat::place::{Place, THREAD};
use crate::chat::reply::Reply;
use crate::chat::request::Request;
use crate::desk::conversation::{Outcome, pending};
use crate::desk::words::Said;
use crate::domain::moment::When;
use crate::domain::ticket::State;

/// Let the ticket wait until a time, and be called then
///
/// WHEN is 30min, 4h, 2d, 1w, 14:00, tomorrow 9:00, mon 14:00, 2026-12-01 or 2026-12-01 9:00, by the queue's clock; a day
/// alone is its morning, 9:00; 4wh are four hours of the queue's working time. A mail of the customer ends the waiting. It locks an unlocked ticket.
#[derive(Clone, Debug, PartialEq, clap::Args)]
pub(crate) struct Pending {
    /// What happens then: remind (calls the owner, unless you say so), close or close-unsuccessful (mails nobody)
    #[arg(long, value_name = "WHAT", value_enum, default_value_t = Then::Remind, hide_default_value = true)]
    then: Then,
    /// Until when
    #[arg(value_name = "WHEN", value_parser = arguments::when)]
    when: When,
    /// Why, for the other agents
    #[arg(value_name = "TEXT")]
    text: Option<Text>,
}

/// What happens at the end of the waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Then {
    /// The owner is called.
    Remind,
    /// It closes as successful.
    Close,
    /// It closes as unsuccessful.
    CloseUnsuccessful,
}

impl Then {
    fn state(self) -> State {
        match self {
            Self::Remind => State::PendingReminder,
            Self::Close => State::PendingAutoClosePlus,
            Self::CloseUnsuccessful => State::PendingAutoCloseMinus,
        }
    }
}

impl Definition for Pending {
    const VERB: &'static str = "pending";
    const PLACES: &'static [Place] = THREAD;
    const TAKES_REST: bool = true;

    async fn run(self, request: &mut Request<'_>) -> Outcome<Reply> {
        let (context, ticket) = request.on_ticket();
        let wanted = (self.then.state(), self.when);
        let until = pending::wait(context, ticket, wanted, self.text.as_ref().map(Text::as_str)).await?;
        Ok(Reply::told(Said::plain(format!("{} until {until}", self.then.state().name()))))
    }
}
