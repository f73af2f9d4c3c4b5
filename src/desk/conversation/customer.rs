//! Whom a ticket is for.

use super::addresses::must_be_outside;
use super::context::Context;
use super::refusal::Outcome;
use crate::desk::refresh_card;
use crate::domain::id::EmailAddress;
use crate::domain::ticket::Ticket;
use crate::store::letters::LetterState;

/// Makes somebody the one whom the ticket is for: answers go there from now on. Returns where an answer goes that is
/// held at this moment, since that does not change any more.
pub async fn set(context: &mut Context<'_>, ticket: &mut Ticket, to: &EmailAddress) -> Outcome<Option<EmailAddress>> {
    if let Some(part_of) = context.part_of(ticket).await? {
        return Err(part_of.into());
    }
    must_be_outside(context.tx, to).await?;
    let actor = context.actor();
    let tx = &mut *context.tx;
    let customer = tx.customers().at(to, "").await?;
    tx.tickets().set_customer(ticket, &customer, &actor).await?;
    refresh_card(tx, ticket.id);
    let Some(letter) = tx.letters().of_command(ticket.id, None).await? else { return Ok(None) };
    let letter = tx.letters().lock(letter).await?;
    Ok((letter.state == LetterState::Held).then_some(letter.sealed.to))
}
