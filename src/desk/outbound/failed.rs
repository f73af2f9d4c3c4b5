//! A mail of ours does not arrive: what it had closed is open again, and whoever is responsible hears of it.

use crate::desk::words::{self, Said};
use crate::desk::{mark, put_mark, record, say};
use crate::domain::id::UserId;
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
    let Some((room, event)) = &row.command else { return Ok(()) };
    put_mark(tx, room, event, mark::NO);
    call_back(tx, ticket, row, words::not_reached((&row.sealed.to, row.is_forward), why, prefix)).await
}

/// Reopens what an answer had closed, and says to whoever is responsible why.
pub(super) async fn call_back(tx: &mut Tx, ticket: &mut Ticket, row: &LetterRow, why: Said) -> Result<()> {
    let Some((room, command)) = &row.command else { return Ok(()) };
    let caused = tx.audit().caused_by(row.ticket, command).await?;
    // Of a ticket that was merged, the one that it is part of is what people work on.
    let mut canonical = if ticket.state == State::Merged { tx.merges().lock_canonical(ticket.id).await? } else { None };
    let ticket = canonical.as_mut().unwrap_or(ticket);
    let room = &tx.queues().get(ticket.queue).await?.room.unwrap_or_else(|| room.clone());
    if let Some(effect) = AnswerEffect::of(&caused) {
        let events = ticket.act(None, Action::AnswerFailed { effect }, tx.now()).unwrap_or_default();
        record(tx, ticket, &Actor::System, &events).await?;
    }
    let called = responsible(tx, ticket).await?;
    say(tx, room, ticket.id, why, called);
    Ok(())
}

/// Who is called when something of a ticket went wrong.
pub(in crate::desk) async fn responsible(tx: &mut Tx, ticket: &Ticket) -> Result<Vec<UserId>> {
    Ok(match ticket.owner.or(ticket.last_owner) {
        Some(agent) => vec![tx.agents().get(agent).await?.user],
        None => vec![],
    })
}
