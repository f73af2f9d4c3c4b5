//! Closing, reopening and any other change of state; none of them mails anybody.

use super::context::Context;
use super::note;
use super::refusal::{Outcome, TicketRefusal};
use crate::domain::ticket::{Action, State, Ticket};
use crate::store::Tx;

/// Closes a ticket, with a note if there is one.
pub async fn close(context: &mut Context<'_>, ticket: &mut Ticket, state: State, note: Option<&str>) -> Outcome<()> {
    if !state.is_closed() {
        return Err(TicketRefusal::NotClosing(state).into());
    }
    must_be_read(context.tx, ticket).await?;
    context.act(ticket, Action::Close { state }).await?;
    with_note(context, ticket, note).await
}

/// Opens a closed ticket and locks it, with a note if there is one.
pub async fn reopen(context: &mut Context<'_>, ticket: &mut Ticket, note: Option<&str>) -> Outcome<()> {
    context.act(ticket, Action::Reopen).await?;
    with_note(context, ticket, note).await
}

/// Sets any state that can be set by hand.
pub async fn set(context: &mut Context<'_>, ticket: &mut Ticket, state: State) -> Outcome<()> {
    context.act(ticket, Action::Set { state }).await
}

/// Refuses to end a ticket while a mail of its customer is on its way into the thread: nobody can have read it (R67).
pub(super) async fn must_be_read(tx: &mut Tx, ticket: &Ticket) -> Outcome<()> {
    if tx.articles().has_unseen_mail(ticket.id).await? { Err(TicketRefusal::CustomerWrote.into()) } else { Ok(()) }
}

async fn with_note(context: &mut Context<'_>, ticket: &Ticket, note: Option<&str>) -> Outcome<()> {
    if let Some(text) = note.filter(|text| !text.trim().is_empty()) {
        note::write(context, ticket, text).await?;
    }
    Ok(())
}
