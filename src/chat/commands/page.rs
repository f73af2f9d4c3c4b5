//! `!page`

use crate::chat::definition::Definition;
use crate::chat::place::{Place, THREAD};
use crate::chat::reply::Reply;
use crate::chat::request::Request;
use crate::desk::conversation::{Outcome, page};

/// Take back the links to the ticket's web page
///
/// Each mail to a customer has one, with which its reader sees on the web what they wrote and got. None that was written so far
/// opens anything any more; the next mail has a new one. It takes no lock.
#[derive(Clone, Debug, PartialEq, clap::Args)]
pub(crate) struct Page {
    /// The one thing that can be done to it
    #[arg(value_name = "revoke")]
    what: What,
}

#[derive(Clone, Copy, Debug, PartialEq, clap::ValueEnum)]
enum What {
    Revoke,
}

impl Definition for Page {
    const VERB: &'static str = "page";
    const PLACES: &'static [Place] = THREAD;

    async fn run(self, request: &mut Request<'_>) -> Outcome<Reply> {
        let What::Revoke = self.what;
        let (context, ticket) = request.on_ticket();
        page::revoke(context, ticket).await?;
        Ok(Reply::done())
    }
}
