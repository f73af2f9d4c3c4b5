//! `!quarantine`

use crate::chat::arguments::page;
use crate::chat::definition::Definition;
use crate::chat::place::{Place, QUEUE_OR_THREAD};
use crate::chat::reply::Reply;
use crate::chat::request::Request;
use crate::desk::conversation::lists::Begin;
use crate::desk::conversation::refusal::QuarantineRefusal;
use crate::desk::conversation::{Outcome, lists};
use crate::desk::words;
use crate::domain::listing::Listing;
use crate::store::last_lists::Seen;

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
        let queue = request.queue.clone().ok_or(QuarantineRefusal::NoQueue)?;
        let begin = Begin { page: self.page.unwrap_or(1), behind: request.behind.and_then(Seen::entry) };
        let (list, kinds) = lists::quarantine(&mut request.context, &queue, begin).await?;
        let next = format!("quarantine {}", list.page + 1);
        let behind = list.lines.last().map(|entry| Seen::Entry(entry.id));
        request.goes_on(list.goes_on.then(|| (next.clone(), behind))).await?;
        let next = (request.context.settings.prefix.as_str(), next.as_str());
        let said = words::quarantine::list(&queue.name, (&list, &kinds), queue.room.as_ref(), next);
        let listing = Listing::page("quarantine", vec![], list.total, (list.page, lists::MOST));
        Ok(Reply::listed(said, Listing { pages: list.pages(), ..listing }))
    }
}
