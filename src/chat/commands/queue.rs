//! `!queue`

use super::{administer, last};
use crate::admin::{self, QueueCommand};
use crate::chat::arguments::page;
use crate::chat::definition::Definition;
use crate::chat::place::{ANYWHERE, Place};
use crate::chat::reply::Reply;
use crate::chat::request::Request;
use crate::desk::conversation::lists::Begin;
use crate::desk::conversation::{Outcome, lists};
use crate::desk::words::{self, Shows};
use crate::store::last_lists::Seen;

/// List this queue's unlocked tickets, oldest first; in the direct room, those of all your queues
///
/// What somebody has locked is in their !mine instead. Admins set queues up in their room, as `ticketloom queue` does on the
/// desk's machine: `!queue add NAME ADDRESS`, `!queue set NAME --title TITLE`, `!queue archive NAME`, `!queue list`.
#[derive(Clone, Debug, PartialEq, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Queue {
    #[command(subcommand)]
    change: Option<QueueCommand>,
    /// Say all to see locked tickets, too
    #[arg(value_name = "all", value_parser = which)]
    all: Option<Which>,
    /// Which page, if there are several
    #[arg(value_name = "PAGE", value_parser = page)]
    page: Option<i64>,
}

/// The first word: which tickets, or at once which page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    /// Locked ones, too.
    All,
    /// That page of the unlocked ones.
    Page(i64),
}

fn which(word: &str) -> Result<Which, String> {
    if word.eq_ignore_ascii_case("all") {
        return Ok(Which::All);
    }
    page(word).map(Which::Page).map_err(|_| format!("{word} is neither all nor a page's number"))
}

impl Queue {
    /// Whether locked tickets are listed, too.
    pub(crate) fn shows_all(&self) -> bool {
        self.all == Some(Which::All)
    }

    fn page(&self) -> i64 {
        match self.all {
            Some(Which::Page(page)) => page,
            _ => self.page.unwrap_or(1),
        }
    }
}

impl Definition for Queue {
    const VERB: &'static str = "queue";
    const PLACES: &'static [Place] = ANYWHERE;

    async fn run(self, request: &mut Request<'_>) -> Outcome<Reply> {
        if let Some(command) = self.change {
            return administer(request, admin::Command::Queue(command)).await;
        }
        let (queues, name) = match &request.queue {
            Some(queue) => (vec![queue.clone()], queue.name.clone()),
            None => (lists::queues(&mut request.context).await?, "your queues".to_owned()),
        };
        let begin = Begin { page: self.page(), behind: request.behind.and_then(Seen::ticket) };
        let list = lists::open(&mut request.context, &queues, self.shows_all(), begin).await?;
        let shows = Shows { owner: self.shows_all(), queue: queues.len() > 1, number: false };
        let overdue = if list.overdue > 0 { format!(" · 🔥 {}", list.overdue) } else { String::new() };
        let title = format!("{name} · {}{overdue}", if self.shows_all() { "open" } else { "unlocked" });
        let all = if self.shows_all() { "all " } else { "" };
        let next = format!("queue {all}{}", list.page + 1);
        request.goes_on(list.goes_on.then(|| (next.clone(), last(&list)))).await?;
        let clock = request.context.wall_clock(request.queue.as_ref().map(|queue| queue.id)).await?;
        let said = words::ticket_list(&title, &list, shows, (&request.context.settings.prefix, &next), clock);
        Ok(Reply::listed(said, lists::listing("queue", &list)))
    }
}
