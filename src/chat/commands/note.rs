//! `!note`

use crate::chat::arguments::Text;
use crate::chat::definition::Definition;
use crate::chat::place::{Place, THREAD};
use crate::chat::reply::Reply;
use crate::chat::request::Request;
use crate::desk::conversation::{Draft, Outcome, answer, note};
use crate::domain::ticket::State;

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
        if mutant!("note_is_mailed") {
            let (next, text) = (State::Open, self.text.as_str().to_owned());
            let (cc, files, until, newest_files) = (vec![], vec![], None, None);
            let draft = Draft { next, until, cc, to_all: false, newest_files, files, is_sure: true, text };
            return answer::answer(context, ticket, &draft).await.map(|_| Reply::done());
        }
        note::write(context, ticket, self.text.as_str()).await?;
        Ok(Reply::done())
    }
}
