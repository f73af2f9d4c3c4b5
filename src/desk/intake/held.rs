//! A stranger's mail that claims to belong to a ticket waits there for an agent.

use super::arrival::Arrival;
use super::context::Context;
use super::filing::add_mail;
use super::open::open;
use crate::desk::refresh_card;
use crate::domain::article::Visibility;
use crate::domain::id::TicketId;
use crate::store::Result;

/// Files a mail in a ticket as no part of its conversation, and has the card say that it waits.
pub(super) async fn hold(context: &mut Context<'_>, arrival: &Arrival<'_>, ticket: TicketId) -> Result<()> {
    let Some(ticket) = context.tx.merges().lock_canonical(ticket).await? else {
        return open(context, arrival, None).await;
    };
    add_mail(context, arrival, &ticket, Visibility::Held, false).await?;
    refresh_card(context.tx, ticket.id);
    Ok(())
}
