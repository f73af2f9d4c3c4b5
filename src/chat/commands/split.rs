//! `!split`

use crate::chat::arguments::Text;
use crate::chat::definition::Definition;
use crate::chat::place::{Place, THREAD};
use crate::chat::reply::Reply;
use crate::chat::request::Request;
use crate::desk::conversation::{Outcome, split};
use crate::desk::words::Said;

/// Make a mail of the ticket a ticket of its own
///
/// As a reply to the mail. The new ticket is for whoever wrote it, in the same queue, and linked to this one; what answers
/// that mail goes there from now on. `!merge` puts the two together again.
#[derive(Clone, Debug, PartialEq, clap::Args)]
pub(crate) struct Split {
    /// The new ticket's subject, if not the mail's
    #[arg(value_name = "TEXT")]
    subject: Option<Text>,
}

impl Definition for Split {
    const VERB: &'static str = "split";
    const PLACES: &'static [Place] = THREAD;
    const TAKES_REST: bool = true;

    async fn run(self, request: &mut Request<'_>) -> Outcome<Reply> {
        let article = request.replied_article().await?;
        let (context, ticket) = request.on_ticket();
        let new = split::split(context, ticket, article, self.subject.as_ref().map(Text::as_str)).await?;
        let said = Said::plain(format!("It is Ticket#{} now.", new.number));
        Ok(Reply { made: Some(new.id), ..Reply::told(said) })
    }
}
