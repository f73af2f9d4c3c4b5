//! `!quarantine`

use crate::chat::arguments::page;
use crate::chat::definition::Definition;
use crate::chat::place::{Place, QUEUE_OR_THREAD};
use crate::chat::reply::Reply;
use crate::chat::request::Request;
use crate::desk::conversation::refusal::QuarantineRefusal;
use crate::desk::conversation::{Outcome, lists};
use crate::desk::words;
use crate::domain::listing::Listing;

/// List what is in this queue's quarantine, newest first
#[derive(Clone, Debug, PartialEq, clap::Args)]
pub(crate) struct Quarantine {
    /// Which page, if there are several
    #[arg(value_name = "PAGE", value_parser = page)]
    page: Option<i64>,
}

impl Definition for Quarantine {
    const VERB: &'static str = "quarantine";
    const PLACES: &'static [Place] = QUEUE_OR_THREAD;

    async fn run(self, request: &mut Request<'_>) -> Outcome<Reply> {
        let queue = request.queue.as_ref().ok_or(QuarantineRefusal::NoQueue)?;
        let (list, kinds) = lists::quarantine(&mut request.context, queue, self.page.unwrap_or(1)).await?;
        let next = format!("{}quarantine {}", request.context.settings.prefix, list.page + 1);
        let said = words::quarantine::list(&queue.name, (&list, &kinds), queue.room.as_ref(), &next);
        Ok(Reply::listed(said, Listing::page("quarantine", vec![], list.total, (list.page, lists::MOST))))
    }
}
