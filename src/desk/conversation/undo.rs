//! Taking an answer back while it is held.

use super::context::Context;
use super::refusal::{Outcome, UndoRefusal};
use crate::desk::{mark, put_mark, record};
use crate::domain::id::{EventId, LetterId};
use crate::domain::ticket::{Action, Actor, AnswerEffect, Ticket, TicketEvent};
use crate::store::letters::{LetterRow, LetterState};
use crate::store::{Result, Tx};

/// Takes back the answer that a message asked for, or else the ticket's newest.
pub async fn undo(context: &mut Context<'_>, ticket: &mut Ticket, of: Option<&EventId>) -> Outcome<()> {
    let named = match of {
        Some(event) => context.tx.letters().of_command(ticket.id, Some(event)).await?,
        None => None,
    };
    let letter = match named {
        Some(letter) => Some(letter),
        None => context.tx.letters().of_command(ticket.id, None).await?,
    };
    let letter = letter.ok_or(UndoRefusal::NoAnswer)?;
    take_back(context.tx, ticket, letter, &context.actor()).await
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
    let Some((room, command)) = &letter.command else { return Ok(()) };
    if let Some(effect) = AnswerEffect::of(&tx.audit().caused_by(ticket.id, command).await?) {
        let events = ticket.act(by.agent(), Action::UndoAnswer { effect }).unwrap_or_default();
        record(tx, ticket, by, &events).await?;
    }
    put_mark(tx, room, command, mark::NO);
    Ok(())
}
