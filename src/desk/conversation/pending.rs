//! Letting a ticket wait.

use chrono::{DateTime, Utc};

use super::context::Context;
use super::note;
use super::refusal::{Outcome, TicketRefusal};
use super::state::must_be_read;
use crate::domain::moment::When;
use crate::domain::ticket::{Action, State, Ticket};

/// Lets a ticket wait in one of the pending states, with a note if there is one. Returns until when, by the clock of its
/// queue.
pub async fn wait(
    context: &mut Context<'_>,
    ticket: &mut Ticket,
    (state, when): (State, When),
    note: Option<&str>,
) -> Outcome<String> {
    must_be_read(context, ticket).await?;
    let until = moment(context, ticket, when).await?;
    context.act(ticket, Action::Wait { state, until }).await?;
    if let Some(text) = note {
        note::write(context, ticket, text).await?;
    }
    Ok(context.wall_clock(Some(ticket.queue)).await?.agreed(until))
}

/// A moment as an agent names it, by the clock and the working hours of the ticket's queue.
pub(super) async fn moment(context: &mut Context<'_>, ticket: &Ticket, when: When) -> Outcome<DateTime<Utc>> {
    let calendar = context.tx.timings().of(ticket.queue).await?.calendar;
    Ok(when.at(context.tx.now(), &calendar).ok_or(TicketRefusal::TooFar)?)
}
