//! The moment of a scheduled answer is there.

use super::reply::Voice;
use super::words;
use crate::crash;
use crate::desk::conversation::schedule::{self, Obstacle};
use crate::desk::conversation::{Cause, Context, Stop};
use crate::desk::{Desk, say};
use crate::domain::id::ScheduledId;
use crate::domain::queue::Agent;
use crate::domain::ticket::Ticket;
use crate::store::jobs::{Leased, SendScheduled};
use crate::store::scheduled::{ScheduledRow, ScheduledState};
use crate::store::{Result, Tx};

/// Sends an answer whose moment is there, in one transaction with the end of the job; or stops it and calls its writer, if
/// its ticket is not as it was.
///
/// # Errors
/// If the record failed: then nothing happened, and the job is tried again.
pub async fn send(desk: &Desk, leased: &Leased, job: &SendScheduled) -> Result<()> {
    let mut tx = desk.store().begin().await?;
    if let Some((mut ticket, row)) = waiting(&mut tx, job.answer).await?
        && row.plan.at == job.at
    {
        let writer = tx.agents().get(row.agent).await?;
        if let Some((obstacle, why)) = try_to_send(desk, &mut tx, &mut ticket, (&row, &writer)).await? {
            schedule::stop(&mut tx, &row, obstacle.as_ref()).await?;
            say_stopped(desk, &mut tx, &ticket, (&writer, &why)).await?;
        }
    }
    tx.finish(leased).await?;
    crash::point("command.before_commit");
    tx.commit().await?;
    crash::point("command.after_commit");
    Ok(())
}

async fn waiting(tx: &mut Tx, id: ScheduledId) -> Result<Option<(Ticket, ScheduledRow)>> {
    let Some(ticket) = tx.scheduled().ticket_of(id).await? else { return Ok(None) };
    let ticket = tx.tickets().lock(ticket).await?;
    let row = tx.scheduled().lock(id).await?;
    Ok(row.filter(|row| row.state == ScheduledState::Waiting).map(|row| (ticket, row)))
}

/// Sends it, or says why not.
async fn try_to_send(
    desk: &Desk,
    tx: &mut Tx,
    ticket: &mut Ticket,
    (row, writer): (&ScheduledRow, &Agent),
) -> Result<Option<(Option<Obstacle>, String)>> {
    if let Some(obstacle) = schedule::obstacle(tx, ticket, row, writer).await? {
        let why = words::obstacle(&obstacle);
        return Ok(Some((Some(obstacle), why)));
    }
    let settings = desk.settings().without_delay();
    // What they had not read then stopped it above.
    let at = tx.now();
    let cause = row.command.as_ref().map(|(room, event)| Cause { room, event, at });
    tx.savepoint().await?;
    let mut context = Context { settings: &settings, ..Context::of(desk, tx, writer, cause) };
    match schedule::send(&mut context, ticket, row).await {
        Ok(()) => Ok(None),
        Err(Stop::Refused(refusal)) => {
            tx.back_to_savepoint().await?;
            *ticket = tx.tickets().lock(ticket.id).await?;
            Ok(Some((None, words::refusal(&refusal, "", Voice::of(desk.settings())).words())))
        }
        Err(Stop::Store(error)) => Err(error),
    }
}

/// Calls its writer, or who is responsible if they are gone.
async fn say_stopped(desk: &Desk, tx: &mut Tx, ticket: &Ticket, (writer, why): (&Agent, &str)) -> Result<()> {
    let called = schedule::who_is_told(tx, ticket, writer).await?;
    let said = words::stopped(&writer.user, why, Voice::of(desk.settings()));
    if let Some(room) = tx.queues().get(ticket.queue).await?.room {
        say(tx, &room, ticket.id, said, called);
    }
    Ok(())
}
