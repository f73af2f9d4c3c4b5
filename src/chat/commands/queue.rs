//! `!queue`

use crate::chat::definition::Definition;
use crate::chat::place::{ANYWHERE, Place};
use crate::chat::reply::Reply;
use crate::chat::request::Request;
use crate::desk::conversation::{Outcome, lists};
use crate::desk::words::{self, Shows};

/// List this queue's unlocked tickets, oldest first; in the direct room, those of all your queues
///
/// What somebody has locked is in their !mine instead.
#[derive(Clone, Debug, PartialEq, clap::Args)]
pub(crate) struct Queue {
    /// Say all to see locked tickets, too
    #[arg(value_name = "all")]
    all: Option<Which>,
}

/// Which tickets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Which {
    /// Locked ones, too.
    All,
}

impl Queue {
    /// Whether locked tickets are listed, too.
    pub(crate) fn shows_all(&self) -> bool {
        self.all.is_some()
    }
}

impl Definition for Queue {
    const VERB: &'static str = "queue";
    const PLACES: &'static [Place] = ANYWHERE;

    async fn run(self, request: &mut Request<'_>) -> Outcome<Reply> {
        let (queues, name) = match &request.queue {
            Some(queue) => (vec![queue.clone()], queue.name.clone()),
            None => (lists::queues(&mut request.context).await?, "your queues".to_owned()),
        };
        let list = lists::open(&mut request.context, &queues, self.shows_all()).await?;
        let shows = Shows { owner: self.shows_all(), queue: queues.len() > 1 };
        let overdue = if list.overdue > 0 { format!(" · 🔥 {}", list.overdue) } else { String::new() };
        let title = format!("{name} · {}{overdue}", if self.shows_all() { "open" } else { "unlocked" });
        let said = words::ticket_list(&title, &list.lines, list.total, shows, request.context.tx.now());
        Ok(Reply::listed(said, lists::listing("queue", &list)))
    }
}
