//! A mail of ours does not arrive: what it had closed is open again, and whoever is responsible hears of it.

use crate::desk::words::{self, Said};
use crate::desk::{mark, put_mark, record, say};
use crate::domain::id::{RoomId, UserId};
use crate::domain::ticket::{Action, Actor, AnswerEffect, State, Ticket, TicketEvent};
use crate::store::letters::LetterRow;
use crate::store::{Result, Tx};

/// An answer will not arrive: mark it, reopen what it had closed, and call who is responsible, once, with all that there is to
/// know: `why` is what a server said.
pub(in crate::desk) async fn not_delivered(
    tx: &mut Tx,
    ticket: &mut Ticket,
    row: &LetterRow,
    (why, prefix): (&str, &str),
) -> Result<()> {
    let event = TicketEvent::MailFailed { to: row.sealed.to.clone() };
    tx.audit().record(ticket.id, &Actor::System, &event).await?;
    if row.automatic {
        return Ok(());
    }
    if let Some((room, event)) = &row.command {
        put_mark(tx, room, event, mark::NO);
    }
    call_back(tx, ticket, row, words::not_reached((&row.sealed.to, row.is_forward), why, prefix)).await
}

/// Reopens what an answer had closed, and says to whoever is responsible why.
pub(super) async fn call_back(tx: &mut Tx, ticket: &mut Ticket, row: &LetterRow, why: Said) -> Result<()> {
    let effect = effect_of(tx, row).await?;
    // Of a ticket that was merged, the one that it is part of is what people work on.
    let mut canonical = if ticket.state == State::Merged { tx.merges().lock_canonical(ticket.id).await? } else { None };
    let ticket = canonical.as_mut().unwrap_or(ticket);
    if let Some(effect) = effect {
        let events = ticket.act(None, Action::AnswerFailed { effect }, tx.now()).unwrap_or_default();
        record(tx, ticket, &Actor::System, &events).await?;
    }
    let called = responsible(tx, ticket).await?;
    let room = tx.queues().get(ticket.queue).await?.room;
    if let Some(room) = room.or(row.command.as_ref().map(|(room, _)| room.clone())) {
        say(tx, &room, ticket.id, why, called);
    }
    Ok(())
}

/// What an answer made of its ticket: what its message caused, or, of one that was asked for in no room, what happened with it.
pub(in crate::desk) async fn effect_of(tx: &mut Tx, row: &LetterRow) -> Result<Option<AnswerEffect>> {
    if let Some((_, command)) = &row.command
        && let Some(effect) = AnswerEffect::of(&tx.audit().caused_by(row.ticket, command).await?)
    {
        return Ok(Some(effect));
    }
    Ok(AnswerEffect::of(&tx.audit().written_with(row.ticket, row.article).await?))
}

/// Where an agent's mail is spoken of: where its message stands, else in its queue's room.
pub(in crate::desk) async fn room_of(tx: &mut Tx, row: &LetterRow) -> Result<Option<RoomId>> {
    if let Some((room, _)) = &row.command {
        return Ok(Some(room.clone()));
    }
    let queue = tx.tickets().get(row.ticket).await?.queue;
    Ok(tx.queues().get(queue).await?.room)
}

/// Who is called when something of a ticket went wrong.
pub(in crate::desk) async fn responsible(tx: &mut Tx, ticket: &Ticket) -> Result<Vec<UserId>> {
    Ok(match ticket.owner.or(ticket.last_owner) {
        Some(agent) => vec![tx.agents().get(agent).await?.user],
        None => vec![],
    })
}
