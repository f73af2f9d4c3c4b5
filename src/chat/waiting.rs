//! Messages that can't be read yet: their file is still to be fetched, or what they answer is not in the record yet.
//!
//! A room's events are read in their order, one lane a room. One that has to wait is put aside, into a lane of its
//! ticket (or of what it answers), and what comes for that meanwhile goes behind it; all others of the room pass by.

use std::time::Duration;

use super::event::{ChatEvent, EventKind};
use super::place::ticket_of;
use crate::desk::Desk;
use crate::desk::failure::{Failure, Outcome};
use crate::domain::id::{EventId, EventRowId, TicketId};
use crate::store::jobs::{Fetch, Lane, Leased, ReadEvent};
use crate::store::{Result, Tx};

/// How long an event waits for the record of what it answers: a little more than one attempt to send that may take
/// (`Policy::CHAT`), since the next one learns what the homeserver made of it.
const FOR_RECORD: Duration = Duration::from_mins(4);

/// Puts an event aside if its file, an earlier event of its ticket, or the record of what it answers has to be waited for;
/// then its job is done.
///
/// # Errors
/// [`Failure::TooEarly`] if it stands aside already and what it waits for is not here yet.
pub async fn put_aside(desk: &Desk, leased: &Leased, row: EventRowId, event: &ChatEvent) -> Outcome<bool> {
    let mut tx = desk.store().begin().await?;
    let Some(ticket) = ticket_of_event(&mut tx, event).await? else {
        return await_record(tx, leased, row, event).await;
    };
    let lane = Lane::ticket_events(ticket);
    let waits = wants_file(&mut tx, event, ticket).await?;
    if leased.lane == lane {
        // What was asked for.
        tx.commit().await?;
        return if waits { Err(Failure::TooEarly("its file is being fetched".to_owned())) } else { Ok(false) };
    }
    // What came before its ticket was known goes first.
    let before = about(event).map(Lane::answers).filter(|before| leased.lane != *before);
    if let Some(before) = before
        && tx.is_busy(&before).await?
    {
        return move_to(tx, leased, before, row).await;
    }
    if !waits && !tx.is_busy(&lane).await? {
        return Ok(false);
    }
    // So that what is said of this message meanwhile finds its ticket.
    if let EventKind::Message(_) = event.what {
        tx.threads().add_event(&event.id, &event.room, ticket, None).await?;
    }
    move_to(tx, leased, lane, row).await
}

/// Puts an event aside that answers what the record does not know, if that may be the bot's own: the homeserver may have
/// it, and the answer that told us its id was lost. What is known to be somebody else's is never waited for.
async fn await_record(mut tx: Tx, leased: &Leased, row: EventRowId, event: &ChatEvent) -> Outcome<bool> {
    let Some(answered) = about(event) else { return Ok(false) };
    let lane = Lane::answers(answered);
    let waits = leased.age < FOR_RECORD && tx.threads().may_become_known(answered, &event.room).await?;
    if leased.lane == lane {
        return if waits { Err(Failure::TooEarly("what it answers is being recorded".to_owned())) } else { Ok(false) };
    }
    if waits || tx.is_busy(&lane).await? { move_to(tx, leased, lane, row).await } else { Ok(false) }
}

async fn move_to(mut tx: Tx, leased: &Leased, lane: Lane, row: EventRowId) -> Outcome<bool> {
    tx.finish(leased).await?;
    tx.enqueue_in(lane, ReadEvent { event: row });
    tx.commit().await?;
    Ok(true)
}

/// The ticket that an event is about.
async fn ticket_of_event(tx: &mut Tx, event: &ChatEvent) -> Result<Option<TicketId>> {
    if let EventKind::Message(message) = &event.what {
        return ticket_of(tx, message).await;
    }
    match about(event) {
        Some(about) => Ok(tx.threads().ticket_of(about).await?.map(|(ticket, _)| ticket)),
        None => Ok(None),
    }
}

/// The event that an event is about: a message's thread or what it replies to, else what was changed or reacted to.
fn about(event: &ChatEvent) -> Option<&EventId> {
    match &event.what {
        EventKind::Message(message) => message.thread.as_ref().or(message.reply_to.as_ref()),
        EventKind::Edit { of, .. } | EventKind::Redaction { of } => Some(of),
        EventKind::Reaction { to, .. } => Some(to),
        EventKind::Undecryptable { thread } => thread.as_ref(),
    }
}

/// Whether an agent's message has a file that is not in the record yet; then it is asked for.
async fn wants_file(tx: &mut Tx, event: &ChatEvent, ticket: TicketId) -> Result<bool> {
    let EventKind::Message(message) = &event.what else { return Ok(false) };
    let Some(file) = &message.file else { return Ok(false) };
    let Some(agent) = tx.agents().by_user(&event.sender).await? else { return Ok(false) };
    if !agent.works_in(tx.tickets().get(ticket).await?.queue) || tx.fetched_files().get(&event.id).await?.is_some() {
        return Ok(false);
    }
    if tx.fetched_files().request(&event.id).await? {
        tx.enqueue(Fetch { event: event.id.clone(), media: file.media.clone(), size: file.size });
    }
    Ok(true)
}
