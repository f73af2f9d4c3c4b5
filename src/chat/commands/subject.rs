//! `!subject`

use crate::chat::arguments::Text;
use crate::chat::definition::Definition;
use crate::chat::place::{Place, THREAD};
use crate::chat::reply::Reply;
use crate::chat::request::Request;
use crate::desk::conversation::{Outcome, marks};

/// Say what the ticket is about
///
/// Mails from then on have the new subject, behind the number. `!undo` takes it back.
#[derive(Clone, Debug, PartialEq, clap::Args)]
pub(crate) struct Subject {
    /// The new subject
    #[arg(value_name = "TEXT")]
    text: Text,
}

impl Definition for Subject {
    const VERB: &'static str = "subject";
    const PLACES: &'static [Place] = THREAD;
    const TAKES_REST: bool = true;

    async fn run(self, request: &mut Request<'_>) -> Outcome<Reply> {
        let (context, ticket) = request.on_ticket();
        marks::rename(context, ticket, self.text.as_str()).await?;
        Ok(Reply::done())
    }
}
