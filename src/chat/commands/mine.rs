//! `!mine`

use crate::chat::arguments::page;
use crate::chat::definition::Definition;
use crate::chat::place::{ANYWHERE, Place};
use crate::chat::reply::Reply;
use crate::chat::request::Request;
use crate::desk::conversation::{Outcome, lists};
use crate::desk::words::{self, Shows};

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
        let list = lists::mine(&mut request.context, self.page.unwrap_or(1)).await?;
        let shows = Shows { owner: false, queue: true, number: false };
        let next = format!("{}mine {}", request.context.settings.prefix, list.page + 1);
        let clock = request.context.wall_clock(None).await?;
        let said = words::ticket_list("Locked by you", &list, shows, &next, clock);
        Ok(Reply::listed(said, lists::listing("mine", &list)))
    }
}
