//! Where commands are given.

/// A place where agents write to the bot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In a ticket's thread, or as a plain reply to one of its messages.
    Thread,
    /// In a queue's room, outside of tickets.
    Queue,
    /// In a direct room with the bot: any other room.
    Direct,
}

/// Commands about one ticket.
pub(crate) const THREAD: &[Place] = &[Place::Thread];
/// Commands about one queue.
pub(crate) const QUEUE: &[Place] = &[Place::Queue];
/// Commands about one queue, which may be a ticket's.
pub(crate) const QUEUE_OR_THREAD: &[Place] = &[Place::Queue, Place::Thread];
/// Commands about what agents see, wherever they ask.
pub(crate) const ANYWHERE: &[Place] = &[Place::Queue, Place::Direct, Place::Thread];
