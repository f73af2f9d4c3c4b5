//! `!forward`

use crate::chat::arguments::{self, Text};
use crate::chat::definition::Definition;
use crate::chat::place::{Place, THREAD};
use crate::chat::reply::Reply;
use crate::chat::request::Request;
use crate::chat::words;
use crate::desk::conversation::{Draft, Outcome, forward};
use crate::domain::id::EmailAddress;

/// Mail what the customer may see to somebody else
///
/// All mails and answers, the newest 50, with their files, below your text; no note. It takes the ticket and is held for a
/// moment, like an answer. What they answer comes into this thread and stays internal: they take no part, and the customer
/// sees nothing of it. To have somebody take part, use !cc, or !answer --cc.
#[derive(Clone, Debug, PartialEq, clap::Args)]
pub(crate) struct Forward {
    /// Leave the files of its mails away
    #[arg(long)]
    no_files: bool,
    /// So many files that you put into the thread last go with it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=20))]
    attach: Option<u8>,
    /// It is meant so, though it says what a note says, leads into Matrix, or goes to an address that nobody reads
    #[arg(long)]
    yes: bool,
    /// Whom it goes to
    #[arg(value_name = "ADDRESS", value_parser = arguments::address)]
    to: EmailAddress,
    /// What they read first
    #[arg(value_name = "TEXT")]
    text: Option<Text>,
}

impl Definition for Forward {
    const VERB: &'static str = "forward";
    const PLACES: &'static [Place] = THREAD;
    const TAKES_REST: bool = true;
    const TAKES_FILES: bool = true;

    async fn run(self, request: &mut Request<'_>) -> Outcome<Reply> {
        let files = request.own_file().await?;
        let (context, ticket) = request.on_ticket();
        let draft = Draft {
            next: ticket.state,
            until: None,
            cc: Vec::new(),
            to_all: false,
            newest_files: self.attach,
            files,
            is_sure: self.yes,
            text: self.text.as_ref().map(|text| text.as_str().to_owned()).unwrap_or_default(),
        };
        let forwarded = forward::forward(context, ticket, (&self.to, !self.no_files), &draft).await?;
        Ok(Reply::held(vec![words::forwarded(&self.to, &forwarded)]))
    }
}
