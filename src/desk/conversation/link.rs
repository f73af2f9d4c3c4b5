//! Tickets that have to do with each other.

use super::context::Context;
use super::find;
use super::merge::lead;
use super::refusal::{MergeRefusal, Outcome, TicketRefusal};
use crate::domain::id::TicketId;
use crate::domain::number::Number;
use crate::domain::ticket::{Ticket, TicketEvent};
use crate::store::Result;

/// Ties a ticket to another one that the agent works on, and says so in both threads.
pub async fn link(context: &mut Context<'_>, ticket: &Ticket, to: &Number) -> Outcome<()> {
    let other = other(context, ticket, to).await?;
    if !context.tx.tickets().link(ticket.id.max(other.id), ticket.id.min(other.id)).await? {
        return Err(TicketRefusal::AsItIs.into());
    }
    record(context, ticket, &other, |other| TicketEvent::Linked { other }).await?;
    lead(context, ticket, &other, "Has to do with", vec![]).await?;
    Ok(lead(context, &other, ticket, "Has to do with", vec![]).await?)
}

/// Unties two tickets.
pub async fn unlink(context: &mut Context<'_>, ticket: &Ticket, from: &Number) -> Outcome<()> {
    let other = other(context, ticket, from).await?;
    if !context.tx.tickets().unlink(ticket.id, other.id).await? {
        return Err(TicketRefusal::AsItIs.into());
    }
    Ok(record(context, ticket, &other, |other| TicketEvent::Unlinked { other }).await?)
}

async fn other(context: &mut Context<'_>, ticket: &Ticket, number: &Number) -> Outcome<Ticket> {
    let other: TicketId = find::to_write_in(context, number).await?;
    if other == ticket.id {
        return Err(MergeRefusal::Itself(number.clone()).into());
    }
    Ok(context.tx.tickets().get(other).await?)
}

async fn record(
    context: &mut Context<'_>,
    one: &Ticket,
    other: &Ticket,
    event: impl Fn(Number) -> TicketEvent,
) -> Result<()> {
    context.record(one.id, &event(other.number.clone())).await?;
    context.record(other.id, &event(one.number.clone())).await
}
