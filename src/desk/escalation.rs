//! A ticket's times: who is called when most of one is over, and when all of it is; whose lock is taken back.

use chrono::{DateTime, Utc};

use super::{Desk, record, say_calling, words};
use crate::crash;
use crate::domain::due::{Deadline, Stage, Timing};
use crate::domain::id::{RoomId, TicketId};
use crate::domain::queue::NotifyNew;
use crate::domain::ticket::{Action, Actor, Ticket, TicketEvent};
use crate::domain::wall_clock::WallClock;
use crate::store::deadlines::PAGE;
use crate::store::jobs::{Called, Leased, Retime};
use crate::store::page::Page;
use crate::store::{Result, Tx};

impl Desk {
    /// A moment is there at which a ticket's times are to be looked at: says how late it is, and takes the lock back, in one
    /// transaction with the end of the job; nothing if something has moved the times since. Late is as good as in time:
    /// after days without a desk each thing is said once.
    ///
    /// # Errors
    /// If the record failed: then nothing happened, and the job is tried again.
    pub async fn ticket_time(&self, leased: &Leased, ticket: TicketId, at: DateTime<Utc>) -> Result<()> {
        let mut tx = self.store.begin().await?;
        let mut ticket = tx.tickets().lock(ticket).await?;
        // This instance's clock may be a little behind the one that sent the job.
        let now = tx.now().max(at);
        tx.deadlines().fired(ticket.id, at).await?;
        if let Some((timing, due)) = tx.deadlines().of(ticket.id).await? {
            let room = tx.queues().get(ticket.queue).await?.room;
            tell(&mut tx, &ticket, (&timing, room.as_ref()), &due.untold(now)).await?;
            if due.unlock_at.is_some_and(|unlock| unlock <= now) {
                take_lock_back(&mut tx, &mut ticket, (&timing, room.as_ref())).await?;
            }
        }
        tx.finish(leased).await?;
        crash::point("command.before_commit");
        tx.commit().await
    }

    /// A queue's time has changed: computes the times of a page of its open tickets anew. What is past by that was promised
    /// to nobody, so the cards and the history say so and nobody is called.
    ///
    /// # Errors
    /// If the record failed: then nothing happened, and the job is tried again.
    pub async fn retime(&self, leased: &Leased, job: &Retime) -> Result<()> {
        let mut tx = self.store.begin().await?;
        tx.come_last();
        let page = tx.ticket_lists().lock_open(job.queue, Page { after: job.after, most: PAGE }).await?;
        let now = tx.now();
        for place in &page {
            if let Some((_, due)) = tx.deadlines().of(place.ticket).await? {
                for told in due.untold(now) {
                    tx.audit().record(place.ticket, &Actor::System, &event_of(told)).await?;
                }
            }
            tx.touch(place.ticket);
        }
        if let Some(last) = page.last().filter(|_| page.len() == usize::try_from(PAGE).unwrap_or(usize::MAX)) {
            tx.enqueue(Retime { queue: job.queue, after: Some(*last) });
        }
        tx.finish(leased).await?;
        tx.commit().await
    }
}

/// Says how late it is to whoever is responsible, in one message.
async fn tell(
    tx: &mut Tx,
    ticket: &Ticket,
    (timing, room): (&Timing, Option<&RoomId>),
    told: &[(Stage, Deadline)],
) -> Result<()> {
    if told.is_empty() {
        return Ok(());
    }
    for told in told {
        tx.audit().record(ticket.id, &Actor::System, &event_of(*told)).await?;
    }
    let called = who_is_called(tx, ticket).await?;
    if let Some(room) = room {
        let clock = WallClock::new(timing.calendar.zone, tx.now());
        say_calling(tx, room, ticket.id, words::late(ticket, told, clock), called);
    }
    Ok(())
}

fn event_of((stage, deadline): (Stage, Deadline)) -> TicketEvent {
    let (is_overdue, moment) = match stage {
        Stage::Warned => (false, deadline.warn_at),
        Stage::Breached => (true, deadline.due),
    };
    TicketEvent::TimeTold { target: deadline.target, is_overdue, moment }
}

/// Its owner, if they are there; else those whom the queue's new tickets call by name; else everybody in the room.
async fn who_is_called(tx: &mut Tx, ticket: &Ticket) -> Result<Called> {
    let now = tx.now();
    if let Some(owner) = ticket.owner {
        let owner = tx.agents().get(owner).await?;
        if owner.attends(ticket.queue, now) {
            return Ok(Called::Users(vec![owner.user]));
        }
    }
    Ok(match tx.queues().get(ticket.queue).await?.notify_new {
        NotifyNew::List(users) if !users.is_empty() => Called::Users(users),
        _ => Called::Room,
    })
}

/// Takes a lock back whose owner did nothing, and tells them.
async fn take_lock_back(tx: &mut Tx, ticket: &mut Ticket, (timing, room): (&Timing, Option<&RoomId>)) -> Result<()> {
    let Some(owner) = ticket.owner else { return Ok(()) };
    let mut events = ticket.act(None, Action::Unlock { admin: true }, tx.now()).unwrap_or_default();
    events.insert(0, TicketEvent::LockTakenBack);
    record(tx, ticket, &Actor::System, &events).await?;
    let owner = tx.agents().get(owner).await?;
    let called = if owner.works_in(ticket.queue) { vec![owner.user.clone()] } else { vec![] };
    if let (Some(room), Some(after)) = (room, timing.unlock_after) {
        say_calling(tx, room, ticket.id, words::lock_taken_back(&owner.user, after), Called::Users(called));
    }
    Ok(())
}
