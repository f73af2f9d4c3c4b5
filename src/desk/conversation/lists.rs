//! Lists, as far as the agent may know what stands in them.

use super::context::Context;
use crate::domain::listing::Listing;
use crate::domain::queue::Queue;
use crate::domain::ticket::Ticket;
use crate::store::Result;
use crate::store::audit::History;
use crate::store::page::Page;
use crate::store::quarantine::OpenEntry;
use crate::store::ticket_lists::TicketLine;

/// How many lines a list has at most: it must fit a phone.
pub const MOST: i64 = 20;
/// How many lines of a history are shown: its newest.
const HISTORY: i64 = 200;

/// What a list of tickets shows, for programs.
#[must_use]
pub fn listing(kind: &str, list: &List<TicketLine>) -> Listing {
    Listing::first(kind, list.lines.iter().map(|line| line.number.clone()).collect(), list.total, MOST)
}

/// The first lines of a list.
#[derive(Clone, Debug)]
pub struct List<T> {
    /// The lines.
    pub lines: Vec<T>,
    /// How many there are altogether.
    pub total: i64,
    /// How many of them are overdue.
    pub overdue: i64,
}

/// The open tickets of some queues: the unlocked ones, or all of them.
pub async fn open(context: &mut Context<'_>, queues: &[Queue], locked_too: bool) -> Result<List<TicketLine>> {
    let ids: Vec<_> = queues.iter().filter(|queue| context.by.sees(queue.id)).map(|queue| queue.id).collect();
    let (lines, total) = context.tx.ticket_lists().open(&ids, locked_too, Page::first(MOST)).await?;
    let overdue = context.tx.ticket_lists().overdue(&ids, locked_too).await?;
    Ok(List { lines, total, overdue })
}

/// The tickets that the agent has locked.
pub async fn mine(context: &mut Context<'_>) -> Result<List<TicketLine>> {
    let (lines, total) = context.tx.ticket_lists().owned_by(context.by.id, Page::first(MOST)).await?;
    Ok(List { lines, total, overdue: 0 })
}

/// The queues that the agent sees.
pub async fn queues(context: &mut Context<'_>) -> Result<Vec<Queue>> {
    let queues = context.tx.queues().all().await?;
    Ok(queues.into_iter().filter(|queue| context.by.sees(queue.id)).collect())
}

/// What of a queue's quarantine nobody has decided about.
pub async fn quarantine(context: &mut Context<'_>, queue: &Queue) -> Result<List<OpenEntry>> {
    let (lines, total) = context.tx.quarantine().open(queue.id, Page::first(MOST)).await?;
    Ok(List { lines, total, overdue: 0 })
}

/// Who did what to a ticket, and when.
pub async fn history(context: &mut Context<'_>, ticket: &Ticket) -> Result<History> {
    context.tx.audit().of(ticket.id, Page::first(HISTORY)).await
}
