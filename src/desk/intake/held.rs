//! A mail that is no part of its ticket's conversation: a stranger's, which waits there for an agent, or an answer to what was
//! forwarded.

use super::arrival::Arrival;
use super::context::Context;
use super::filing::add_mail;
use super::open::open;
use crate::desk::refresh_card;
use crate::domain::article::Visibility;
use crate::domain::id::TicketId;
use crate::store::Result;

/// Files a mail in a ticket as no part of its conversation, held or internal, and has the card say what waits.
pub(super) async fn hold(
    context: &mut Context<'_>,
    arrival: &Arrival<'_>,
    ticket: TicketId,
    visibility: Visibility,
) -> Result<()> {
    let Some(ticket) = context.tx.merges().lock_canonical(ticket).await? else {
        return open(context, arrival, None).await;
    };
    add_mail(context, arrival, &ticket, visibility, false).await?;
    refresh_card(context.tx, ticket.id);
    Ok(())
}
