//! Senders whose mail goes into quarantine.

use super::context::Context;
use super::refusal::{BlockRefusal, Outcome};
use crate::desk::is_ours;
use crate::domain::id::EmailAddress;
use crate::domain::ticket::{Action, State, Ticket, TicketEvent};

/// Blocks an address that an admin names.
pub async fn block_named(context: &mut Context<'_>, address: &EmailAddress) -> Outcome<()> {
    if context.must_be_admin().is_err() {
        return Err(BlockRefusal::AdminsName.into());
    }
    block(context, address).await
}

/// Takes mail of an address again.
pub async fn unblock(context: &mut Context<'_>, address: &EmailAddress) -> Outcome<()> {
    context.must_be_admin()?;
    let was_blocked = context.tx.blocks().remove(address).await?;
    if was_blocked { Ok(()) } else { Err(BlockRefusal::NotBlocked(address.clone()).into()) }
}

/// Closes a ticket without a mail and blocks who wrote last: whom the ticket is for may be somebody whom that one named.
/// Returns who is blocked.
pub async fn mark_as_spam(context: &mut Context<'_>, ticket: &mut Ticket) -> Outcome<EmailAddress> {
    let writer = context.tx.participants().last_writer(ticket.id).await?.unwrap_or(ticket.customer);
    let blocked = context.tx.customers().get(writer).await?.address;
    block(context, &blocked).await?;
    if ticket.state != State::ClosedUnsuccessful {
        context.act(ticket, Action::Close { state: State::ClosedUnsuccessful }).await?;
    }
    let event = TicketEvent::MarkedAsSpam { blocked: blocked.clone() };
    context.record(ticket.id, &event).await?;
    Ok(blocked)
}

pub(super) async fn block(context: &mut Context<'_>, address: &EmailAddress) -> Outcome<()> {
    if is_ours(context.tx, address).await? {
        return Err(BlockRefusal::OwnAddress.into());
    }
    context.tx.blocks().add(address, context.by.id).await?;
    Ok(())
}
