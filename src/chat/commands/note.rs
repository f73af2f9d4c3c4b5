//! `!note`

use crate::chat::arguments::Text;
use crate::chat::definition::Definition;
use crate::chat::place::{Place, THREAD};
use crate::chat::reply::Reply;
use crate::chat::request::Request;
use crate::desk::conversation::{Outcome, note};

/// Write an internal note
///
/// Plain text in a ticket's thread is a note, too. No note ever leaves the house.
#[derive(Clone, Debug, PartialEq, clap::Args)]
pub(crate) struct Note {
    /// What the other agents get to read
    #[arg(value_name = "TEXT")]
    pub(crate) text: Text,
}

impl Definition for Note {
    const VERB: &'static str = "note";
    const PLACES: &'static [Place] = THREAD;
    const TAKES_REST: bool = true;

    async fn run(self, request: &mut Request<'_>) -> Outcome<Reply> {
        let (context, ticket) = request.on_ticket();
        note::write(context, ticket, self.text.as_str()).await?;
        Ok(Reply::done())
    }
}
