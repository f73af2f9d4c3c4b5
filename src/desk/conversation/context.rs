//! What every use-case works with.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::lists;
use super::refusal::{NotAllowed, Outcome, Refusal, TicketRefusal};
use crate::desk::numbers::Numbers;
use crate::desk::seams::Composer;
use crate::desk::words::Said;
use crate::desk::{self, Desk, Settings, outbound};
use crate::domain::id::{ArticleId, EventId, QueueId, RoomId, TicketId, UserId};
use crate::domain::queue::{Agent, Role};
use crate::domain::ticket::{Action, Actor, Refusal as RuleRefusal, Ticket, TicketEvent};
use crate::domain::wall_clock::WallClock;
use crate::store::threads::Thread;
use crate::store::{Result, Tx, jobs};

/// A transaction, what of the desk its use-cases need, and the agent who acts.
///
/// A use-case that refuses may have written something before: whoever goes on with the transaction afterwards (to
/// say why, for instance) goes back to a savepoint first.
pub struct Context<'t> {
    /// The transaction.
    pub tx: &'t mut Tx,
    /// What of the configuration rules need.
    pub settings: &'t Settings,
    /// Makes the numbers of new tickets.
    pub numbers: &'t Numbers,
    /// Makes the bytes of mails.
    pub composer: &'t dyn Composer,
    /// Who acts: an active agent.
    pub by: &'t Agent,
    /// The message or reaction that asks for it, if it comes from a room: what is sent for it is marked there.
    pub cause: Option<Cause<'t>>,
}

/// An event of an agent.
#[derive(Clone, Copy, Debug)]
pub struct Cause<'t> {
    /// Its room.
    pub room: &'t RoomId,
    /// The event.
    pub event: &'t EventId,
    /// When it was sent: what was shown later they had not read.
    pub at: DateTime<Utc>,
}

/// What is locked before a ticket is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Locks {
    /// Its row.
    Ticket,
    /// All merging, then its row: two who merge two tickets into each other would else wait for one another.
    Merges,
}

/// A ticket to be worked on, its row locked. Merging is locked before any row is.
///
/// # Errors
/// [`Refusal::NotAllowed`] if the agent doesn't work in its queue.
pub async fn open(context: &mut Context<'_>, ticket: TicketId, locks: Locks) -> Outcome<Ticket> {
    if locks == Locks::Merges {
        context.tx.merges().lock().await?;
    }
    let ticket = context.tx.tickets().lock(ticket).await?;
    if context.by.works_in(ticket.queue) { Ok(ticket) } else { Err(NotAllowed::of(context.by).into()) }
}

impl<'t> Context<'t> {
    /// An agent acts in a transaction of a desk.
    #[must_use]
    pub fn of(desk: &'t Desk, tx: &'t mut Tx, by: &'t Agent, cause: Option<Cause<'t>>) -> Self {
        let (settings, numbers, composer) = (desk.settings(), &desk.numbers, &*desk.composer);
        Self { tx, settings, numbers, composer, by, cause }
    }

    /// What writing to customers takes of it.
    pub(super) fn outbound(&mut self) -> outbound::Context<'_> {
        outbound::Context { tx: self.tx, settings: self.settings, composer: self.composer }
    }

    /// Who acts, for the audit trail.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor::Agent(self.by.id, self.cause.map(|cause| cause.event.clone()))
    }

    /// The clock by which the agent is told times: a queue's, else that of the first one that they see.
    pub async fn wall_clock(&mut self, queue: Option<QueueId>) -> Result<WallClock> {
        let zone = match queue {
            Some(queue) => self.tx.queues().get(queue).await?.time_zone,
            None => lists::queues(self).await?.first().map_or(Tz::UTC, |queue| queue.time_zone),
        };
        Ok(WallClock::new(zone, self.tx.now()))
    }

    /// Refuses whoever is no admin.
    ///
    /// # Errors
    /// [`NotAllowed::AdminsOnly`].
    pub fn must_be_admin(&self) -> Outcome<()> {
        if self.by.role == Role::Admin { Ok(()) } else { Err(NotAllowed::AdminsOnly.into()) }
    }

    /// Does what the ticket's rules allow.
    pub(super) async fn act(&mut self, ticket: &mut Ticket, action: Action) -> Outcome<()> {
        match ticket.act(Some(self.by.id), action, self.tx.now()) {
            Ok(events) => Ok(desk::record(self.tx, ticket, &self.actor(), &events).await?),
            Err(refusal) => Err(self.explained(ticket, refusal).await?.into()),
        }
    }

    /// Records what the agent did to a ticket, besides what its rules make of it.
    pub(super) async fn record(&mut self, ticket: TicketId, event: &TicketEvent) -> Result<()> {
        let actor = self.actor();
        self.tx.audit().record(ticket, &actor, event).await
    }

    /// A rule's refusal with what has to be looked up to understand it. Of a ticket that is part of another one
    /// that is all there is to say.
    pub(super) async fn explained(&mut self, ticket: &Ticket, refusal: RuleRefusal) -> Result<Refusal> {
        if let Some(part_of) = self.part_of(ticket).await? {
            return Ok(part_of);
        }
        Ok(Refusal::Ticket(match refusal {
            RuleRefusal::HeldBy(owner) => TicketRefusal::HeldBy(self.tx.agents().get(owner).await?.user),
            RuleRefusal::NotLocked => TicketRefusal::NotLocked,
            RuleRefusal::Over(state) => TicketRefusal::Over(state),
            RuleRefusal::Already(state) => TicketRefusal::Already(state),
            RuleRefusal::NotByHand(state) => TicketRefusal::NotByHand(state),
            RuleRefusal::Until(state) => TicketRefusal::Until(state),
            RuleRefusal::Past(moment) => {
                let queue = self.tx.queues().get(ticket.queue).await?;
                TicketRefusal::Past(moment.with_timezone(&queue.time_zone).naive_local())
            }
            RuleRefusal::TooManyTags => TicketRefusal::TooManyTags,
            RuleRefusal::AsItIs => TicketRefusal::AsItIs,
            RuleRefusal::ChangedSince => TicketRefusal::ChangedSince,
        }))
    }

    /// The refusal of what would change nothing any more, if a ticket is part of another one.
    pub(super) async fn part_of(&mut self, ticket: &Ticket) -> Result<Option<Refusal>> {
        let Some((target, number)) = self.tx.merges().target(ticket.id).await? else { return Ok(None) };
        let target = self.tx.tickets().get(target).await?;
        let end = self.end_of(&target).await?;
        Ok(Some(Refusal::Ticket(TicketRefusal::PartOf { number, end })))
    }

    /// Where a ticket's thread is, if its card is posted.
    pub async fn thread_of(&mut self, ticket: &Ticket) -> Result<Option<(RoomId, Thread)>> {
        let Some(room) = self.tx.queues().get(ticket.queue).await?.room else { return Ok(None) };
        let thread = self.tx.threads().get(ticket.id, &room).await?;
        Ok(thread.map(|thread| (room, thread)))
    }

    /// The newest event of a ticket's thread, for a link: one to the card leaves open, beside the room, whatever other
    /// ticket's thread was open there, and the next answer would go to that one's customer.
    pub async fn end_of(&mut self, ticket: &Ticket) -> Result<Option<(RoomId, EventId)>> {
        Ok(self.thread_of(ticket).await?.map(|(room, thread)| (room, thread.last)))
    }

    /// Shows what the agent wrote in the ticket's thread if they wrote it elsewhere: in the thread that a moved ticket has
    /// left, or in no room at all.
    pub(super) async fn show_elsewhere(&mut self, ticket: &Ticket, article: ArticleId) -> Result<()> {
        let room = self.tx.queues().get(ticket.queue).await?.room;
        if self.cause.map(|cause| cause.room) != room.as_ref() {
            self.tx.enqueue(jobs::Article { ticket: ticket.id, article });
        }
        Ok(())
    }

    /// Says something in a ticket's thread, calling somebody.
    pub(super) async fn say(&mut self, ticket: &Ticket, said: Said, called: Vec<UserId>) -> Result<()> {
        if let Some(room) = self.tx.queues().get(ticket.queue).await?.room {
            desk::say(self.tx, &room, ticket.id, said, called);
        }
        Ok(())
    }
}
