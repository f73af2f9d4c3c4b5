//! Tickets by their number, as far as the agent may know of them.

use super::context::Context;
use super::refusal::{Outcome, Refusal};
use crate::domain::id::{EventId, RoomId, TicketId};
use crate::domain::number::Number;
use crate::domain::queue::Queue;
use crate::domain::ticket::{State, Ticket};

/// A ticket, and where it is.
#[derive(Clone, Debug)]
pub struct Found {
    /// The ticket.
    pub ticket: Ticket,
    /// Its queue.
    pub queue: Queue,
    /// Where its thread ends, once its card is posted.
    pub end: Option<(RoomId, EventId)>,
}

/// Where a ticket is. What one may not see is not told from what is not there (R33).
pub async fn find(context: &mut Context<'_>, number: &Number) -> Outcome<Found> {
    let none = || Refusal::NoneToSee(number.clone());
    let ticket = context.tx.tickets().numbered(number).await?.ok_or_else(none)?;
    let ticket = context.tx.tickets().get(ticket).await?;
    if !context.by.sees(ticket.queue) {
        return Err(none().into());
    }
    let queue = context.tx.queues().get(ticket.queue).await?;
    let end = context.end_of(&ticket).await?;
    Ok(Found { ticket, queue, end })
}

/// The ticket that a number leads to: its own, or what that one was merged into, if the agent may know of both.
pub async fn leading(context: &mut Context<'_>, number: &Number) -> Outcome<TicketId> {
    let none = || Refusal::NoneToSee(number.clone());
    let named = context.tx.tickets().numbered(number).await?.ok_or_else(none)?;
    let canonical = context.tx.merges().canonical(named).await?.ok_or_else(none)?;
    for ticket in [named, canonical] {
        let queue = context.tx.tickets().get(ticket).await?.queue;
        if !context.by.sees(queue) {
            return Err(none().into());
        }
    }
    Ok(canonical)
}

/// The ticket that a number leads to, if the agent may write to it and to what it is part of.
pub(super) async fn to_write_in(context: &mut Context<'_>, number: &Number) -> Outcome<TicketId> {
    let none = || Refusal::NoneToWrite(number.clone());
    let named = context.tx.tickets().numbered(number).await?.ok_or_else(none)?;
    let canonical = context.tx.merges().canonical(named).await?.ok_or_else(none)?;
    let (named, canonical) = (context.tx.tickets().get(named).await?, context.tx.tickets().get(canonical).await?);
    let may = context.by.works_in(named.queue) && context.by.works_in(canonical.queue);
    if may && canonical.state != State::Removed { Ok(canonical.id) } else { Err(none().into()) }
}
