//! Who takes part in a ticket by mail.

use super::addresses::must_be_outside;
use super::context::Context;
use super::newcomer::show_again;
use super::refusal::{Outcome, ParticipantRefusal};
use crate::domain::id::EmailAddress;
use crate::domain::ticket::{Ticket, TicketEvent};

/// Somebody who takes part from now on, or no more.
#[derive(Clone, Debug, PartialEq)]
pub struct Participation {
    /// Whether they take part.
    pub joins: bool,
    /// Who.
    pub address: EmailAddress,
}

/// Lets people take part, or no more; all of them or, if one can't be, none.
pub async fn change(context: &mut Context<'_>, ticket: &Ticket, changes: &[Participation]) -> Outcome<()> {
    if let Some(part_of) = context.part_of(ticket).await? {
        return Err(part_of.into());
    }
    for change in changes {
        change_one(context, ticket, change).await?;
    }
    Ok(())
}

async fn change_one(context: &mut Context<'_>, ticket: &Ticket, change: &Participation) -> Outcome<()> {
    let address = change.address.clone();
    must_be_outside(context.tx, &address).await?;
    let other = context.tx.customers().at(&address, "").await?;
    let event = if change.joins {
        context.tx.participants().add(ticket.id, other.id).await?;
        show_again(context.tx, ticket.id, other.id).await?;
        TicketEvent::ParticipantAdded { address }
    } else if other.id == ticket.customer {
        return Err(ParticipantRefusal::IsCustomer(address).into());
    } else if context.tx.participants().remove(ticket.id, other.id).await? {
        TicketEvent::ParticipantRemoved { address }
    } else {
        return Err(ParticipantRefusal::TakesNoPart(address).into());
    };
    Ok(context.record(ticket.id, &event).await?)
}
