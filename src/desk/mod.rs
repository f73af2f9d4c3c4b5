//! The help desk: what happens when a mail, a message or a moment comes in.
//!
//! One method is one transaction. The desk owns the seams to the outside ([`seams`]) and names
//! neither Matrix' nor mail's libraries; whoever holds a transaction here holds no seam that talks.

pub mod agent_mail;
pub mod agents;
pub mod alerts;
pub mod conversation;
pub mod erase;
mod escalation;
pub mod failure;
pub mod feed;
pub mod intake;
mod moved;
pub mod numbers;
pub mod outbound;
pub mod page;
mod pending;
pub mod post;
pub mod projection;
pub mod remirror;
pub mod rooms;
#[cfg(test)]
mod sample;
pub mod seams;
mod sending;
pub mod stats;
mod trouble;
pub mod webhooks;
pub mod words;

use std::sync::Arc;
use std::time::Duration;

use numbers::Numbers;
use seams::Composer;

use crate::domain::id::{EmailAddress, EventId, RoomId, TicketId, UserId};
use crate::domain::listing::Listing;
use crate::domain::ticket::{Action, Actor, Ticket, TicketEvent};
use crate::store::jobs::{Called, Card, Mark, Notice, NoticeText, PendingTime};
use crate::store::{Result, Store, Tx};
use words::Said;

/// The help desk.
#[derive(Clone)]
pub struct Desk {
    store: Store,
    composer: Arc<dyn Composer>,
    settings: Arc<Settings>,
    numbers: Numbers,
}

/// What of the configuration the desk's rules need.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The bot itself.
    pub bot: UserId,
    /// What commands begin with.
    pub prefix: String,
    /// How long an answer can be taken back.
    pub answer_delay: Duration,
    /// How many tickets an hour one address may open.
    pub burst: u16,
    /// How many automatic mails an hour the whole desk writes.
    pub automatic_an_hour: u16,
    /// Two digits in every number.
    pub system_id: u8,
    /// The Space's name.
    pub name: String,
    /// Whether rooms may be joined from other servers.
    pub federate: bool,
    /// How long until a mail whose fate nobody knows is sent again.
    pub retry_unknown: Duration,
    /// The mail server whose word on a sender counts.
    pub authserv_id: Option<String>,
    /// What links to customers' pages begin with, without a slash at its end; `None`: there are no pages.
    pub page: Option<String>,
}

impl Settings {
    /// The same, without a holding time: for what has waited already.
    #[must_use]
    pub fn without_delay(&self) -> Self {
        Self { answer_delay: Duration::ZERO, ..self.clone() }
    }
}

/// The marks on an agent's message, as contract and help explain them.
pub mod mark {
    /// Done.
    pub const DONE: &str = "✅";
    /// Refused, failed, or not sent.
    pub const NO: &str = "❌";
    /// Held or queued.
    pub const WAITS: &str = "⏳";
    /// Accepted by the next mail server.
    pub const SENT: &str = "✉️";
    /// Delayed, or perhaps sent.
    pub const UNSURE: &str = "⚠️";
}

impl Desk {
    /// A desk on a record.
    #[must_use]
    pub fn new(store: Store, composer: Arc<dyn Composer>, settings: Settings) -> Self {
        let numbers = Numbers::of(store.clone(), settings.system_id);
        Self { store, composer, settings: Arc::new(settings), numbers }
    }

    /// The record.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The settings.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }
}

/// Records what happened to a ticket, makes it so, and has its card show it.
async fn record(tx: &mut Tx, ticket: &mut Ticket, actor: &Actor, events: &[TicketEvent]) -> Result<()> {
    for event in events {
        tx.tickets().apply(ticket, event, actor).await?;
    }
    for until in events.iter().filter_map(TicketEvent::waits_until) {
        let wait = (until - tx.now()).to_std().unwrap_or_default();
        tx.enqueue_after(wait, PendingTime { ticket: ticket.id, until });
    }
    for event in events {
        if let TicketEvent::QueueChanged { from, .. } = event {
            moved::carry(tx, ticket, *from).await?;
        }
    }
    Ok(())
}

/// What a customer's mail does to the state, lock and owner of its ticket.
async fn customer_wrote(tx: &mut Tx, ticket: &mut Ticket) -> Result<()> {
    let owner_is_here = match ticket.owner {
        Some(owner) => {
            let now = tx.now();
            tx.agents().get(owner).await?.attends(ticket.queue, now)
        }
        None => false,
    };
    let events = ticket.act(None, Action::FollowUp { owner_is_here }, tx.now()).unwrap_or_default();
    record(tx, ticket, &Actor::Customer, &events).await
}

/// Brings a ticket's card up to date, soon.
fn refresh_card(tx: &mut Tx, ticket: TicketId) {
    tx.enqueue(Card { ticket });
}

/// Marks a message; what marked it before is over, and taken back. All marks of one message are one lane, so they come
/// in their order.
pub(crate) fn put_mark(tx: &mut Tx, room: &RoomId, to: &EventId, mark: &str) {
    put_marks(tx, room, to, &[mark]);
}

/// The same with several marks, or none.
pub(crate) fn put_marks(tx: &mut Tx, room: &RoomId, to: &EventId, marks: &[&str]) {
    let marks = marks.iter().map(|mark| (*mark).to_owned()).collect();
    tx.enqueue(Mark { room: room.clone(), to: to.clone(), marks });
}

/// Says something about a ticket in its thread, calling `mentions`.
pub(crate) fn say(tx: &mut Tx, room: &RoomId, ticket: TicketId, said: Said, mentions: Vec<UserId>) {
    say_calling(tx, room, ticket, said, Called::Users(mentions));
}

/// The same, calling whomever.
fn say_calling(tx: &mut Tx, room: &RoomId, ticket: TicketId, said: Said, called: Called) {
    let notice = NoticeText::calling(said, called);
    tx.enqueue(Notice { room: room.clone(), ticket: Some(ticket), to: None, notice });
}

/// Says something in a room, calling `mentions`; what is said so in one room comes in its order.
fn tell_room(tx: &mut Tx, room: &RoomId, said: Said, mentions: Vec<UserId>) {
    let notice = NoticeText::calling(said, Called::Users(mentions));
    tx.enqueue(Notice { room: room.clone(), ticket: None, to: None, notice });
}

/// Whether an address is one of the desk's own: what is mailed there comes back.
pub(crate) async fn is_ours(tx: &mut Tx, address: &EmailAddress) -> Result<bool> {
    Ok(tx.queues().all().await?.iter().any(|queue| queue.owns(address)))
}

/// Answers somebody's message with a notice, in the thread it stands in.
pub(crate) fn reply(tx: &mut Tx, room: &RoomId, ticket: Option<TicketId>, to: &EventId, said: Said) {
    let notice = NoticeText::quiet(said);
    tx.enqueue(Notice { room: room.clone(), ticket, to: Some(to.clone()), notice });
}

/// Answers somebody's message with a list.
pub(crate) fn reply_with_list(
    tx: &mut Tx,
    room: &RoomId,
    ticket: Option<TicketId>,
    to: &EventId,
    (said, list): (Said, Listing),
) {
    let notice = NoticeText { list: Some(list), ..NoticeText::quiet(said) };
    tx.enqueue(Notice { room: room.clone(), ticket, to: Some(to.clone()), notice });
}
