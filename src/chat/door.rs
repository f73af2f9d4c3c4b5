//! Something happened in a room: a command, a note, an edit, a reaction, or none of our business.
//!
//! One event is one transaction, together with the end of its job.

use super::event::{ChatEvent, EventKind};
use super::place::ticket_of;
use super::reply::Reply;
use super::{edits, messages, reactions, words};
use crate::crash;
use crate::desk::Desk;
use crate::domain::id::EventId;
use crate::store::jobs::{Job, Leased};
use crate::store::{Result, Tx};

/// Handles one event, in one transaction with the end of its job. `event` is `None` for what is
/// none of our business.
///
/// # Errors
/// If the record failed: then nothing happened, and the job is tried again.
pub async fn receive(desk: &Desk, leased: &Leased, event: Option<&ChatEvent>) -> Result<()> {
    let mut tx = desk.store().begin().await?;
    if let Some(event) = event {
        handle(desk, &mut tx, event).await?;
    }
    tx.finish(leased).await?;
    crash::point("command.before_commit");
    tx.commit().await?;
    crash::point("command.after_commit");
    Ok(())
}

/// Whether an agent's message has a file that is not in the record yet; then it is asked for, and the event is to be
/// received again later.
pub async fn waits_for_file(desk: &Desk, event: &ChatEvent) -> Result<bool> {
    let EventKind::Message(message) = &event.what else { return Ok(false) };
    let Some(file) = &message.file else { return Ok(false) };
    let mut tx = desk.store().begin().await?;
    let Some(agent) = tx.agents().by_user(&event.sender).await? else { return Ok(false) };
    let Some(ticket) = ticket_of(&mut tx, message).await? else { return Ok(false) };
    let works_there = agent.works_in(tx.tickets().get(ticket).await?.queue);
    if !works_there || tx.fetched_files().get(&event.id).await?.is_some() {
        return Ok(false);
    }
    if tx.fetched_files().request(&event.id).await? {
        let job = Job::Fetch { event: event.id.clone(), media: file.media.clone(), size: file.size };
        tx.enqueue(&format!("fetch:{}", event.id), &job).await?;
    }
    tx.commit().await?;
    Ok(true)
}

async fn handle(desk: &Desk, tx: &mut Tx, event: &ChatEvent) -> Result<()> {
    let agent = tx.agents().by_user(&event.sender).await?.filter(|agent| agent.active);
    match (&event.what, &agent) {
        (EventKind::Message(message), _) => messages::handle(desk, tx, event, message, agent.as_ref()).await,
        (EventKind::Edit { of, text }, Some(agent)) => edits::edited(desk, tx, event, (of, text), agent).await,
        (EventKind::Reaction { to, key }, Some(agent)) => reactions::handle(desk, tx, event, (to, key), agent).await,
        (EventKind::Redaction { of }, _) => edits::redacted(desk, tx, event, of, agent.as_ref()).await,
        (EventKind::Undecryptable { thread }, Some(_)) => undecryptable(tx, event, thread.as_ref()).await,
        (_, None) => Ok(()),
    }
}

async fn undecryptable(tx: &mut Tx, event: &ChatEvent, thread: Option<&EventId>) -> Result<()> {
    let ticket = match thread {
        Some(root) => tx.threads().ticket_of(root).await?.map(|(ticket, _)| ticket),
        None => None,
    };
    Reply::refused(words::undecryptable()).mark(tx, (&event.room, &event.id), ticket).await
}
