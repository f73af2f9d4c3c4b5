//! The customers' page of a ticket, as far as agents have to do with it.

use super::context::Context;
use super::refusal::Outcome;
use crate::domain::ticket::{Ticket, TicketEvent};

/// Takes back every link to the ticket's page that stands in a mail so far. The next mail has a new one.
pub async fn revoke(context: &mut Context<'_>, ticket: &Ticket) -> Outcome<()> {
    if let Some(part_of) = context.part_of(ticket).await? {
        return Err(part_of.into());
    }
    context.tx.customer_pages().revoke(ticket.id).await?;
    Ok(context.record(ticket.id, &TicketEvent::PageRevoked).await?)
}
