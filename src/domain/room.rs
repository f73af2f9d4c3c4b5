//! What the desk has rooms for.

use super::id::{AgentId, QueueId};

/// What a room is for. There is at most one for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// The Space that holds all queues' rooms.
    Space,
    /// A queue's tickets.
    Queue(QueueId),
    /// An agent and the bot alone.
    Home(AgentId),
    /// Who sets the desk up.
    Admins,
}
