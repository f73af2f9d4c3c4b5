//! Something happened in a room: a command, a note, an edit, a reaction, or none of our business.
//!
//! One event is one transaction, together with the end of its job.

use super::event::{ChatEvent, EventKind, Message};
use super::reply::Reply;
use super::{edits, messages, reactions, words};
use crate::crash;
use crate::desk::Desk;
use crate::domain::id::EventId;
use crate::store::jobs::Leased;
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

async fn handle(desk: &Desk, tx: &mut Tx, event: &ChatEvent) -> Result<()> {
    let agent = tx.agents().by_user(&event.sender).await?.filter(|agent| agent.active);
    match (&event.what, &agent) {
        (EventKind::Message(message), _) => messages::handle(desk, tx, event, message, agent.as_ref()).await,
        (EventKind::Edit { of, text }, agent) if mutant!("edits_run_again") => {
            let (text, reply_to) = (text.clone(), Some(of.clone()));
            let message = Message { text, may_command: true, reply_to, ..Message::default() };
            messages::handle(desk, tx, event, &message, agent.as_ref()).await
        }
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
    Reply::refused(words::undecryptable()).mark(tx, (&event.room, &event.id), ticket);
    Ok(())
}
