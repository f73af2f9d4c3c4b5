//! Messages that can't be read yet: their file is still to be fetched.
//!
//! A room's events are read in their order, one lane a room. One that has to wait is put aside, into a lane of its
//! ticket, and what comes for that ticket meanwhile goes behind it; all others of the room pass by.

use super::event::{ChatEvent, EventKind};
use super::place::ticket_of;
use crate::desk::Desk;
use crate::desk::deliver::{Failure, Outcome};
use crate::domain::id::{EventRowId, TicketId};
use crate::store::jobs::{Fetch, Lane, Leased, ReadEvent};
use crate::store::{Result, Tx};

/// Puts an event aside if its file, or an earlier event of its ticket, has to be waited for; then its job is done.
///
/// # Errors
/// [`Failure::TooEarly`] if it stands aside already and its file is not here yet.
pub async fn put_aside(desk: &Desk, leased: &Leased, row: EventRowId, event: &ChatEvent) -> Outcome<bool> {
    let mut tx = desk.store().begin().await?;
    let Some(ticket) = ticket_of_event(&mut tx, event).await? else { return Ok(false) };
    let lane = Lane::ticket_events(ticket);
    let waits = wants_file(&mut tx, event, ticket).await?;
    if leased.lane == lane {
        // What was asked for.
        tx.commit().await?;
        return if waits { Err(Failure::TooEarly("its file is being fetched".to_owned())) } else { Ok(false) };
    }
    if !waits && !tx.is_busy(&lane).await? {
        return Ok(false);
    }
    // So that what is said of this message meanwhile finds its ticket.
    if let EventKind::Message(_) = event.what {
        tx.threads().add_event(&event.id, &event.room, ticket, None).await?;
    }
    tx.finish(leased).await?;
    tx.enqueue_in(lane, ReadEvent { event: row });
    tx.commit().await?;
    Ok(true)
}

/// The ticket that an event is about.
async fn ticket_of_event(tx: &mut Tx, event: &ChatEvent) -> Result<Option<TicketId>> {
    let about = match &event.what {
        EventKind::Message(message) => return ticket_of(tx, message).await,
        EventKind::Edit { of, .. } | EventKind::Redaction { of } => Some(of),
        EventKind::Reaction { to, .. } => Some(to),
        EventKind::Undecryptable { thread } => thread.as_ref(),
    };
    match about {
        Some(about) => Ok(tx.threads().ticket_of(about).await?.map(|(ticket, _)| ticket)),
        None => Ok(None),
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
