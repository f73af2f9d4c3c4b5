//! `!new`

use crate::chat::arguments::{self, Text};
use crate::chat::definition::Definition;
use crate::chat::place::{Place, QUEUE};
use crate::chat::reply::Reply;
use crate::chat::request::Request;
use crate::desk::conversation::refusal::QuarantineRefusal;
use crate::desk::conversation::{Draft, Outcome, begin};
use crate::desk::words::Said;
use crate::domain::id::EmailAddress;
use crate::domain::ticket::State;

/// Begin a ticket with a mail to somebody
///
/// The mail is held for a moment like an answer; the ticket is yours, and what they answer comes into its thread.
/// `!undo` as a reply to your message stops the mail.
#[derive(Clone, Debug, PartialEq, clap::Args)]
pub(crate) struct New {
    /// Whom it goes to
    #[arg(value_name = "ADDRESS", value_parser = arguments::address)]
    to: EmailAddress,
    /// What it is about; in quotes if it is more than a word
    #[arg(long, value_name = "SUBJECT", required = true)]
    subject: String,
    /// Somebody else who gets it, too; may stand several times
    #[arg(long, value_name = "OTHER", value_parser = arguments::address)]
    cc: Vec<EmailAddress>,
    /// What they get to read
    #[arg(value_name = "TEXT")]
    text: Text,
}

impl Definition for New {
    const VERB: &'static str = "new";
    const PLACES: &'static [Place] = QUEUE;
    const TAKES_REST: bool = true;
    const TAKES_FILES: bool = true;

    async fn run(self, request: &mut Request<'_>) -> Outcome<Reply> {
        let files = request.own_file().await?;
        let Some(queue) = request.queue.clone() else { return Err(QuarantineRefusal::NoQueue.into()) };
        let draft = Draft {
            next: State::Open,
            until: None,
            cc: self.cc,
            to_all: false,
            newest_files: None,
            files,
            is_sure: false,
            text: self.text.as_str().to_owned(),
        };
        let (ticket, _) = begin::begin(&mut request.context, &queue, (&self.to, &self.subject), &draft).await?;
        let said = Said::plain(format!("Ticket#{} begins with this mail to {}.", ticket.number, self.to));
        Ok(Reply { made: Some(ticket.id), ..Reply::held(vec![said]) })
    }
}
