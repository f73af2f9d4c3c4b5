//! What is said when a job is given up: nothing ends silently (R90).

use super::webhooks::not_told;
use super::{Desk, mark, put_mark, reply, say, tell_room};
use crate::domain::id::{EventId, EventRowId, QuarantineId, RoomId, TicketId};
use crate::store::jobs::{Job, Leased};
use crate::store::{Result, Tx};

use super::words::Said;

impl Desk {
    /// Tells those whom a job was for that it was given up. What can't be said in Matrix, because
    /// saying it is what failed, is in the log, the metrics and `ticketloom jobs`.
    ///
    /// # Errors
    /// If the record failed: then it is not said.
    pub async fn tell_given_up(&self, leased: &Leased, why: &str) -> Result<()> {
        let mut tx = self.store.begin().await?;
        let id = leased.id;
        match &leased.job {
            Job::ReadEvent(job) => not_done(&mut tx, job.event, id).await?,
            Job::Card(job) => no_card(&mut tx, job.ticket, id, why).await?,
            Job::Article(job) => not_shown(&mut tx, job.ticket, "An article", id, why).await?,
            Job::File(job) => not_shown(&mut tx, job.ticket, "A file", id, why).await?,
            Job::PendingTime(job) => not_shown(&mut tx, job.ticket, "The end of the waiting", id, why).await?,
            Job::SendScheduled(job) => {
                if let Some(ticket) = tx.scheduled().ticket_of(job.answer).await? {
                    not_shown(&mut tx, ticket, "A scheduled answer", id, why).await?;
                }
            }
            Job::TicketTime(job) => not_shown(&mut tx, job.ticket, "How late it is", id, why).await?,
            Job::Signpost(job) => not_shown(&mut tx, job.ticket, "The way to its new place", id, why).await?,
            Job::Raw(job) => not_shown(&mut tx, job.ticket, "An original mail", id, why).await?,
            Job::Mark(job) => {
                let ticket = tx.threads().ticket_of(&job.to).await?.map(|(ticket, _)| ticket);
                let said = format!("⚠ The mark {} could not be put here: {why} (job {id}).", job.marks.concat());
                reply(&mut tx, &job.room, ticket, &job.to, Said::plain(said));
            }
            Job::Quarantine(job) => not_quarantined(&mut tx, job.entry, id, why).await?,
            Job::QuarantineFile(job) => not_quarantined(&mut tx, job.entry, id, why).await?,
            // The message goes on without its file, and says so.
            Job::Fetch(job) => tx.fetched_files().set(&job.event, Err(why)).await?,
            Job::Webhook(job) => not_told(&mut tx, job, id, why).await?,
            // What can't be said is not said once more; a mail stays where it is, the rooms are made
            // at the next start, `erase` and `remirror` begin anew what they do, pins and boards are written with the next change, and times with what happens next to each ticket.
            Job::Notice(_)
            | Job::Chart(_)
            | Job::ReadMail(_)
            | Job::Letter(_)
            | Job::TellAgents(_)
            | Job::AgentMail(_)
            | Job::PageMail(_)
            | Job::Rooms(_)
            | Job::Pins(_)
            | Job::Retime(_)
            | Job::Erase(_)
            | Job::Remirror(_)
            | Job::Sweep(_)
            | Job::QuarantineDay(_)
            | Job::QueueBoard(_)
            | Job::HomeBoard(_) => {}
        }
        tx.commit().await
    }
}

async fn not_done(tx: &mut Tx, event: EventRowId, job: i64) -> Result<()> {
    let Some((room, body, _)) = tx.events().get(event).await? else { return Ok(()) };
    let json: serde_json::Value = serde_json::from_str(&body).unwrap_or_default();
    let event = json["event_id"].as_str().and_then(EventId::parse);
    let (Some(room), Some(event)) = (RoomId::parse(&room), event) else { return Ok(()) };
    let ticket = tx.threads().ticket_of(&event).await?.map(|(ticket, _)| ticket);
    put_mark(tx, &room, &event, mark::NO);
    let said = format!(
        "Nothing was done: the desk could not act on this message (job {job}). An admin can look it up with ticketloom jobs."
    );
    reply(tx, &room, ticket, &event, Said::plain(said));
    Ok(())
}

/// What an operator does about it.
fn retry(job: i64) -> String {
    format!("It is in the record; ticketloom jobs --retry {job} tries again.")
}

async fn not_shown(tx: &mut Tx, ticket: TicketId, what: &str, job: i64, why: &str) -> Result<()> {
    let ticket = tx.tickets().get(ticket).await?;
    let Some(room) = tx.queues().get(ticket.queue).await?.room else { return Ok(()) };
    let said = format!("⚠ {what} of this ticket could not be shown here: {why} (job {job}). {}", retry(job));
    say(tx, &room, ticket.id, Said::plain(said), vec![]);
    Ok(())
}

async fn no_card(tx: &mut Tx, ticket: TicketId, job: i64, why: &str) -> Result<()> {
    let ticket = tx.tickets().get(ticket).await?;
    let Some(room) = tx.queues().get(ticket.queue).await?.room else { return Ok(()) };
    let said = format!(
        "⚠ The card of Ticket#{} could not be shown as it is now: {why} (job {job}). {}",
        ticket.number,
        retry(job)
    );
    match tx.threads().get(ticket.id, &room).await? {
        Some(_) => say(tx, &room, ticket.id, Said::plain(said), vec![]),
        None => tell_room(tx, &room, Said::plain(said), vec![]),
    }
    Ok(())
}

async fn not_quarantined(tx: &mut Tx, entry: QuarantineId, job: i64, why: &str) -> Result<()> {
    let entry = tx.quarantine().get(entry).await?;
    let Some(room) = tx.queues().get(entry.queue).await?.room else { return Ok(()) };
    let said = format!("⚠ A quarantine entry could not be shown here: {why} (job {job}). {}", retry(job));
    tell_room(tx, &room, Said::plain(said), vec![]);
    Ok(())
}
