//! `!mine`

use crate::chat::definition::Definition;
use crate::chat::place::{ANYWHERE, Place};
use crate::chat::reply::Reply;
use crate::chat::request::Request;
use crate::desk::conversation::{Outcome, lists};
use crate::desk::words;

/// List the tickets that you have locked
#[derive(Clone, Debug, PartialEq, clap::Args)]
pub(crate) struct Mine;

impl Definition for Mine {
    const VERB: &'static str = "mine";
    const PLACES: &'static [Place] = ANYWHERE;

    async fn run(self, request: &mut Request<'_>) -> Outcome<Reply> {
        let list = lists::mine(&mut request.context).await?;
        let title = format!("Locked by {}", request.context.by.user);
        let said = words::ticket_list(&title, &list.lines, list.total, request.context.tx.now());
        Ok(Reply::told(said))
    }
}
