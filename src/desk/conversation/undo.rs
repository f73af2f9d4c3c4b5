//! Taking back: an answer while it is held, or what a command changed.

use super::context::Context;
use super::refusal::{Outcome, UndoRefusal};
use super::schedule;
use crate::desk::outbound::failed::effect_of;
use crate::desk::{mark, put_mark, record};
use crate::domain::id::{EventId, LetterId};
use crate::domain::ticket::{Action, Actor, Ticket, TicketEvent};
use crate::store::letters::{LetterRow, LetterState};
use crate::store::scheduled::ScheduledRow;
use crate::store::{Result, Tx};

/// What was taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undone {
    /// An answer: nothing was sent.
    Answer,
    /// A change of the ticket.
    Change,
}

/// Takes back what a message asked for: an answer, or a change of the ticket; else the ticket's answer that is held, else
/// the agent's own newest change, or their answer that waits for a moment, whichever came last.
pub async fn undo(context: &mut Context<'_>, ticket: &mut Ticket, of: Option<&EventId>) -> Outcome<Undone> {
    if let Some(row) = scheduled(context, ticket, of).await? {
        let actor = context.actor();
        return if schedule::cancel(context.tx, &row, &actor).await? {
            Ok(Undone::Answer)
        } else {
            Err(UndoRefusal::TooLate.into())
        };
    }
    if let Some(event) = of {
        if let Some(letter) = context.tx.letters().of_command(ticket.id, Some(event)).await? {
            return answer(context, ticket, letter).await;
        }
        if is_changed_by(context.tx, ticket, event).await? {
            return change(context, ticket, event).await;
        }
    }
    let letter = context.tx.letters().of_command(ticket.id, None).await?;
    if let Some(letter) = letter
        && context.tx.letters().lock(letter).await?.state == LetterState::Held
    {
        return answer(context, ticket, letter).await;
    }
    match (context.tx.audit().newest_change_of(ticket.id, context.by.id).await?, letter) {
        (Some(event), _) => change(context, ticket, &event).await,
        (None, Some(letter)) => answer(context, ticket, letter).await,
        (None, None) => Err(UndoRefusal::NoAnswer.into()),
    }
}

/// The answer that waits for a moment: that of a message; else the agent's own next one, if nothing is held and they have
/// changed nothing since. A colleague's is taken back by whoever names it.
async fn scheduled(context: &mut Context<'_>, ticket: &Ticket, of: Option<&EventId>) -> Result<Option<ScheduledRow>> {
    let (tx, by) = (&mut *context.tx, context.by.id);
    let id = if let Some(event) = of {
        tx.scheduled().of_event(event).await?
    } else {
        let held = tx.letters().of_command(ticket.id, None).await?;
        if let Some(held) = held
            && tx.letters().lock(held).await?.state == LetterState::Held
        {
            return Ok(None);
        }
        if tx.audit().newest_change_of(ticket.id, by).await?.is_some() {
            return Ok(None);
        }
        tx.scheduled().open_of(ticket.id).await?.into_iter().find(|(_, agent, ..)| *agent == by).map(|(id, ..)| id)
    };
    let Some(id) = id else { return Ok(None) };
    Ok(tx.scheduled().lock(id).await?.filter(|row| row.ticket == ticket.id && row.state.is_open()))
}

async fn is_changed_by(tx: &mut Tx, ticket: &Ticket, event: &EventId) -> Result<bool> {
    Ok(tx.audit().caused_by(ticket.id, event).await?.iter().any(TicketEvent::is_reversible))
}

async fn answer(context: &mut Context<'_>, ticket: &mut Ticket, letter: LetterId) -> Outcome<Undone> {
    take_back(context.tx, ticket, letter, &context.actor()).await?;
    Ok(Undone::Answer)
}

/// Takes back what a message changed, if all of it can be and nobody has changed it since.
async fn change(context: &mut Context<'_>, ticket: &mut Ticket, of: &EventId) -> Outcome<Undone> {
    let events = context.tx.audit().caused_by(ticket.id, of).await?;
    // A note that was written with it stays in the record, and in the thread.
    let can_be = |event: &TicketEvent| event.is_reversible() || matches!(event, TicketEvent::NoteWritten { .. });
    if !events.iter().all(can_be) {
        return Err(UndoRefusal::NotThis.into());
    }
    must_work_there(context, &events)?;
    let events = match ticket.reverse(&events) {
        Ok(events) => events,
        Err(refusal) => return Err(context.explained(ticket, refusal).await?.into()),
    };
    record(context.tx, ticket, &context.actor(), &events).await?;
    context.record(ticket.id, &TicketEvent::Undone { of: of.clone() }).await?;
    Ok(Undone::Change)
}

/// A ticket is moved back only by who works where it came from.
fn must_work_there(context: &Context<'_>, events: &[TicketEvent]) -> Outcome<()> {
    let is_elsewhere =
        |event: &TicketEvent| matches!(event, TicketEvent::QueueChanged { from, .. } if !context.by.works_in(*from));
    if events.iter().any(is_elsewhere) { Err(UndoRefusal::NotThis.into()) } else { Ok(()) }
}

/// Takes a held answer back, and the closing that came with it. Cancelling and sending are each one
/// conditional update, so exactly one of them wins.
pub async fn take_back(tx: &mut Tx, ticket: &mut Ticket, letter: LetterId, by: &Actor) -> Outcome<()> {
    let letter = tx.letters().lock(letter).await?;
    if letter.state == LetterState::Cancelled {
        return Err(UndoRefusal::Undone.into());
    }
    if !tx.letters().cancel_all(letter.article).await? {
        return Err(UndoRefusal::TooLate.into());
    }
    tx.articles().cancel(letter.article).await?;
    tx.audit().record(ticket.id, by, &TicketEvent::AnswerUndone { article: letter.article }).await?;
    Ok(reverse(tx, ticket, &letter, by).await?)
}

/// Takes back what the answer made of its ticket, and marks the message that asked for it.
async fn reverse(tx: &mut Tx, ticket: &mut Ticket, letter: &LetterRow, by: &Actor) -> Result<()> {
    if let Some(effect) = effect_of(tx, letter).await? {
        let events = ticket.act(by.agent(), Action::UndoAnswer { effect }, tx.now()).unwrap_or_default();
        record(tx, ticket, by, &events).await?;
    }
    if let Some((room, command)) = &letter.command {
        put_mark(tx, room, command, mark::NO);
    }
    Ok(())
}
