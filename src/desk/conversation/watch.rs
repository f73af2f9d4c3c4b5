//! Being called for a ticket's mail though it is not one's own.

use super::context::Context;
use super::refusal::{Outcome, TicketRefusal};
use crate::domain::ticket::{Ticket, TicketEvent};

/// Lets the agent be called for the ticket's mail.
pub async fn watch(context: &mut Context<'_>, ticket: &Ticket) -> Outcome<()> {
    let is_new = context.tx.watches().add(ticket.id, context.by.id).await?;
    changed(context, ticket, is_new, &TicketEvent::Watched).await
}

/// Lets the agent be called no more.
pub async fn unwatch(context: &mut Context<'_>, ticket: &Ticket) -> Outcome<()> {
    let did = context.tx.watches().remove(ticket.id, context.by.id).await?;
    changed(context, ticket, did, &TicketEvent::Unwatched).await
}

async fn changed(context: &mut Context<'_>, ticket: &Ticket, is_change: bool, event: &TicketEvent) -> Outcome<()> {
    if !is_change {
        return Err(TicketRefusal::AsItIs.into());
    }
    Ok(context.record(ticket.id, event).await?)
}
