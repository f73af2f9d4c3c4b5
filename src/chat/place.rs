//! Where commands are given, and who may give any there.

use super::event::Message;
use crate::desk::conversation::NotAllowed;
use crate::domain::id::{RoomId, TicketId};
use crate::domain::queue::{Agent, Queue, Role};
use crate::domain::room::Purpose;
use crate::domain::ticket::Ticket;
use crate::store::{Result, Tx};

/// A place where agents write to the bot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In a ticket's thread, or as a plain reply to one of its messages.
    Thread,
    /// In a queue's room, outside of tickets.
    Queue,
    /// In a direct room with the bot, or in the admins' room: any other room.
    Direct,
}

/// Commands about one ticket.
pub(crate) const THREAD: &[Place] = &[Place::Thread];
/// Commands about the desk itself, in the admins' room or a direct one.
pub(crate) const DIRECT: &[Place] = &[Place::Direct];
/// Commands about one queue.
pub(crate) const QUEUE: &[Place] = &[Place::Queue];
/// Commands about one queue, which may be a ticket's.
pub(crate) const QUEUE_OR_THREAD: &[Place] = &[Place::Queue, Place::Thread];
/// Commands about what agents see, wherever they ask.
pub(crate) const ANYWHERE: &[Place] = &[Place::Queue, Place::Direct, Place::Thread];

impl Place {
    /// Where a message about a ticket, or in a queue's room, stands.
    pub(super) fn of(ticket: Option<&Ticket>, queue: Option<&Queue>) -> Self {
        match (ticket, queue) {
            (Some(_), _) => Self::Thread,
            (None, Some(_)) => Self::Queue,
            (None, None) => Self::Direct,
        }
    }
}

/// The ticket that a message speaks of: its thread's, or that of the message it replies to.
pub(super) async fn ticket_of(tx: &mut Tx, message: &Message) -> Result<Option<TicketId>> {
    for event in message.thread.iter().chain(&message.reply_to) {
        if let Some((ticket, _)) = tx.threads().ticket_of(event).await? {
            return Ok(Some(ticket));
        }
    }
    Ok(None)
}

/// The queue that somebody speaks in: the ticket's, else the room's. Refused is who may do nothing there.
pub(super) async fn standing(
    tx: &mut Tx,
    room: &RoomId,
    agent: &Agent,
    ticket: Option<TicketId>,
) -> Result<std::result::Result<Option<Queue>, NotAllowed>> {
    let queue = match ticket {
        Some(ticket) => {
            let ticket = tx.tickets().get(ticket).await?;
            Some(tx.queues().get(ticket.queue).await?)
        }
        None => queue_of_room(tx, room).await?,
    };
    let may = queue.as_ref().map_or(agent.role != Role::Observer, |queue| agent.works_in(queue.id));
    Ok(if may { Ok(queue) } else { Err(NotAllowed::of(agent)) })
}

async fn queue_of_room(tx: &mut Tx, room: &RoomId) -> Result<Option<Queue>> {
    match tx.rooms().purpose_of(room).await? {
        Some(Purpose::Queue(queue)) => Ok(Some(tx.queues().get(queue).await?)),
        _ => Ok(None),
    }
}
