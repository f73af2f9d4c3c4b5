//! `!mine`

use super::last;
use crate::chat::arguments::page;
use crate::chat::definition::Definition;
use crate::chat::place::{ANYWHERE, Place};
use crate::chat::reply::Reply;
use crate::chat::request::Request;
use crate::desk::conversation::lists::Begin;
use crate::desk::conversation::{Outcome, lists};
use crate::desk::words::{self, Shows};
use crate::store::last_lists::Seen;

/// List the tickets that you have locked
#[derive(Clone, Debug, PartialEq, clap::Args)]
pub(crate) struct Mine {
    /// Which page, if there are several
    #[arg(value_name = "PAGE", value_parser = page)]
    page: Option<i64>,
}

impl Definition for Mine {
    const VERB: &'static str = "mine";
    const PLACES: &'static [Place] = ANYWHERE;

    async fn run(self, request: &mut Request<'_>) -> Outcome<Reply> {
        let begin = Begin { page: self.page.unwrap_or(1), behind: request.behind.and_then(Seen::ticket) };
        let list = lists::mine(&mut request.context, begin).await?;
        let shows = Shows { owner: false, queue: true, number: false };
        let next = format!("mine {}", list.page + 1);
        request.goes_on(list.goes_on.then(|| (next.clone(), last(&list)))).await?;
        let clock = request.context.wall_clock(None).await?;
        let said = words::ticket_list("Locked by you", &list, shows, (&request.context.settings.prefix, &next), clock);
        Ok(Reply::listed(said, lists::listing("mine", &list)))
    }
}
