//! Lists, as far as the agent may know what stands in them.

use super::context::Context;
use super::refusal::{MoveRefusal, Outcome};
use crate::domain::id::QuarantineId;
use crate::domain::listing::{Listing, pages};
use crate::domain::queue::Queue;
use crate::domain::ticket::Ticket;
use crate::store::Result;
use crate::store::audit::History;
use crate::store::page::Page;
use crate::store::quarantine::{Kinds, OpenEntry};
use crate::store::ticket_lists::{TicketLine, TicketPlace};

/// How many lines a list has at most: it must fit a phone.
pub const MOST: i64 = 20;
/// How many lines of a history are shown: its newest.
const HISTORY: i64 = 200;

/// What a list of tickets shows, for programs.
#[must_use]
pub fn listing(kind: &str, list: &List<TicketLine>) -> Listing {
    let tickets = list.lines.iter().map(|line| line.number.clone()).collect();
    Listing { pages: list.pages(), ..Listing::page(kind, tickets, list.total, (list.page, MOST)) }
}

/// A page of a list.
#[derive(Clone, Debug)]
pub struct List<T> {
    /// The lines.
    pub lines: Vec<T>,
    /// How many there are altogether.
    pub total: i64,
    /// How many of them are overdue.
    pub overdue: i64,
    /// Which page it is, from 1.
    pub page: i64,
    /// Whether there is another one.
    pub goes_on: bool,
    /// Whether it goes on behind a line that was seen: then how many lines stand on other pages is not known.
    pub is_behind: bool,
}

/// Where a page of a list begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Begin<K> {
    /// Which page it is, from 1.
    pub page: i64,
    /// The place of the line behind which it begins, whatever comes and goes above; `None`: where pages before it end now.
    pub behind: Option<K>,
}

impl<K> Begin<K> {
    /// With a page, by its number.
    #[must_use]
    pub fn at(page: i64) -> Self {
        Self { page, behind: None }
    }
}

impl<T> List<T> {
    /// How many pages there are.
    #[must_use]
    pub fn pages(&self) -> i64 {
        if self.is_behind {
            return pages(self.total, MOST).max(self.page + i64::from(self.goes_on));
        }
        pages(self.total, MOST)
    }

    /// How many lines stand on later pages; `None`: nobody knows.
    #[must_use]
    pub fn more(&self) -> Option<i64> {
        (!self.is_behind).then(|| (self.total - self.page * MOST).max(0))
    }

    /// A page of what was asked for with one line more.
    fn of<K>(mut lines: Vec<T>, total: i64, begin: &Begin<K>) -> Self {
        let is_behind = begin.behind.is_some();
        if !is_behind && begin.page > pages(total, MOST) {
            lines.clear();
        }
        let most = usize::try_from(MOST).unwrap_or_default();
        let goes_on = lines.len() > most;
        lines.truncate(most);
        Self { lines, total, overdue: 0, page: begin.page, goes_on, is_behind }
    }
}

/// How many lines are asked for: one more than are shown says whether the list goes on.
const ASKED: i64 = MOST + 1;

/// What stands before a page by its number: pages are asked for by the place of the last row before them, so that number is
/// counted from the first page on, as far as anybody turns pages.
fn before<K>(page: i64) -> Option<Page<K>> {
    (page > 1).then(|| Page::first((page - 1) * MOST))
}

/// A page of the open tickets of some queues: the unlocked ones, or all of them.
pub async fn open(
    context: &mut Context<'_>,
    queues: &[Queue],
    locked_too: bool,
    begin: Begin<TicketPlace>,
) -> Result<List<TicketLine>> {
    let ids: Vec<_> = queues.iter().filter(|queue| context.by.sees(queue.id)).map(|queue| queue.id).collect();
    let at = match (begin.behind, before(begin.page)) {
        (Some(seen), _) => Page::behind(seen, ASKED),
        (None, Some(before)) => behind(context.tx.ticket_lists().open(&ids, locked_too, before).await?.0.last()),
        (None, None) => Page::first(ASKED),
    };
    let (lines, total) = context.tx.ticket_lists().open(&ids, locked_too, at).await?;
    let overdue = context.tx.ticket_lists().overdue(&ids, locked_too).await?;
    Ok(List { overdue, ..List::of(lines, total, &begin) })
}

/// A page of the tickets that the agent has locked.
pub async fn mine(context: &mut Context<'_>, begin: Begin<TicketPlace>) -> Result<List<TicketLine>> {
    let by = context.by.id;
    let at = match (begin.behind, before(begin.page)) {
        (Some(seen), _) => Page::behind(seen, ASKED),
        (None, Some(before)) => behind(context.tx.ticket_lists().owned_by(by, before).await?.0.last()),
        (None, None) => Page::first(ASKED),
    };
    let (lines, total) = context.tx.ticket_lists().owned_by(by, at).await?;
    Ok(List::of(lines, total, &begin))
}

/// The queues that the agent sees.
pub async fn queues(context: &mut Context<'_>) -> Result<Vec<Queue>> {
    let queues = context.tx.queues().all().await?;
    Ok(queues.into_iter().filter(|queue| context.by.sees(queue.id)).collect())
}

/// One of them, by its name.
///
/// # Errors
/// [`MoveRefusal::NoSuchQueue`], with those that the agent sees.
pub async fn queue_named(context: &mut Context<'_>, name: &str) -> Outcome<Queue> {
    let name = name.trim().trim_start_matches('#').to_lowercase();
    let queues = queues(context).await?;
    if let Some(queue) = queues.iter().find(|queue| queue.name == name) {
        return Ok(queue.clone());
    }
    Err(MoveRefusal::NoSuchQueue { name, queues: queues.into_iter().map(|queue| queue.name).collect() }.into())
}

/// A page of what of a queue's quarantine nobody has decided about, and how much there is of each kind.
pub async fn quarantine(
    context: &mut Context<'_>,
    queue: &Queue,
    begin: Begin<QuarantineId>,
) -> Result<(List<OpenEntry>, Kinds)> {
    let at = match (begin.behind, before(begin.page)) {
        (Some(seen), _) => Page::behind(seen, ASKED),
        (None, Some(before)) => {
            let (entries, _) = context.tx.quarantine().open(queue.id, before).await?;
            entries.last().map_or(Page::first(ASKED), |last| Page::behind(last.id, ASKED))
        }
        (None, None) => Page::first(ASKED),
    };
    let (lines, kinds) = context.tx.quarantine().open(queue.id, at).await?;
    let total = kinds.iter().map(|(_, count)| count).sum();
    Ok((List::of(lines, total, &begin), kinds))
}

fn behind(last: Option<&TicketLine>) -> Page<TicketPlace> {
    last.map_or(Page::first(ASKED), |last| Page::behind(last.place, ASKED))
}

/// Who did what to a ticket, and when.
pub async fn history(context: &mut Context<'_>, ticket: &Ticket) -> Result<History> {
    context.tx.audit().of(ticket.id, Page::first(HISTORY)).await
}
