//! Closing, reopening and any other change of state; none of them mails anybody.

use super::context::Context;
use super::note;
use super::refusal::{Outcome, TicketRefusal};
use crate::domain::ticket::{Action, State, Ticket};
use crate::store::Result;

/// Closes a ticket, with a note if there is one.
pub async fn close(context: &mut Context<'_>, ticket: &mut Ticket, state: State, note: Option<&str>) -> Outcome<()> {
    if !state.is_closed() {
        return Err(TicketRefusal::NotClosing(state).into());
    }
    must_be_read(context, ticket).await?;
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

/// Refuses to end a ticket if a mail of its customer came into the thread after the agent wrote, or is still on its way
/// there: they can't have read it (R67).
pub(super) async fn must_be_read(context: &mut Context<'_>, ticket: &Ticket) -> Outcome<()> {
    if has_unseen_mail(context, ticket).await? { Err(TicketRefusal::CustomerWrote.into()) } else { Ok(()) }
}

/// Whether the ticket has a mail of its customer that whoever acts can't have read.
pub(super) async fn has_unseen_mail(context: &mut Context<'_>, ticket: &Ticket) -> Result<bool> {
    let at = context.cause.map(|cause| cause.at);
    context.tx.articles().has_unseen_mail(ticket.id, at).await
}

async fn with_note(context: &mut Context<'_>, ticket: &Ticket, note: Option<&str>) -> Outcome<()> {
    if let Some(text) = note.filter(|text| !text.trim().is_empty()) {
        note::write(context, ticket, text).await?;
    }
    Ok(())
}
