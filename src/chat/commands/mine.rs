//! `!mine`

use crate::chat::definition::Definition;
use crate::chat::place::{ANYWHERE, Place};
use crate::chat::reply::Reply;
use crate::chat::request::Request;
use crate::desk::conversation::{Outcome, lists};
use crate::desk::words::{self, Shows};

/// List the tickets that you have locked
#[derive(Clone, Debug, PartialEq, clap::Args)]
pub(crate) struct Mine;

impl Definition for Mine {
    const VERB: &'static str = "mine";
    const PLACES: &'static [Place] = ANYWHERE;

    async fn run(self, request: &mut Request<'_>) -> Outcome<Reply> {
        let list = lists::mine(&mut request.context).await?;
        let shows = Shows { owner: false, queue: true };
        let said = words::ticket_list("Locked by you", &list.lines, list.total, shows, request.context.tx.now());
        Ok(Reply::listed(said, lists::listing("mine", &list)))
    }
}
