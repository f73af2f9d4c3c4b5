//! A customer says on the page that it is solved.

use super::link::Opened;
use crate::desk::{record, say, words};
use crate::domain::ticket::{Action, Actor};
use crate::store::{Result, Tx};

/// Closes the ticket, tells who had it, and is done with it if it is closed already; `false` if its queue lets nobody do that.
///
/// # Errors
/// If the record failed: then nothing happened.
pub async fn solve(mut tx: Tx, opened: &Opened) -> Result<bool> {
    if !opened.queue.page_closes {
        return Ok(false);
    }
    let Some(mut ticket) = tx.merges().lock_canonical(opened.ticket.id).await? else { return Ok(false) };
    let owner = ticket.owner;
    let events = ticket.act(None, Action::Solve, tx.now()).unwrap_or_default();
    if events.is_empty() {
        return Ok(true);
    }
    record(&mut tx, &mut ticket, &Actor::Customer, &events).await?;
    let queue = tx.queues().get(ticket.queue).await?;
    if let Some(room) = &queue.room {
        let called = match owner {
            Some(owner) => vec![tx.agents().get(owner).await?.user],
            None => vec![],
        };
        say(&mut tx, room, ticket.id, words::solved(), called);
    }
    tx.commit().await?;
    Ok(true)
}
