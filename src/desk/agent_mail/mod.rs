//! Agents who want mail (product §10): each mail tells of one thing that a customer wrote, and what comes back to its signed
//! address is an internal note of that agent, never anything else.
//!
//! A mail of this kind has no link with which anything could be done but the way to the thread, for which one has to be logged
//! in, and no address but that one. It is sent once at most: what it tells stands in the thread anyway.

mod deliver;
mod reply;
mod tell;

use chrono::{DateTime, Utc};

pub use self::deliver::deliver;
pub(super) use self::reply::{NoNote, ToAgent, taken};
pub(super) use self::tell::ask_to_tell;
pub use self::tell::tell;
use crate::domain::id::{EmailAddress, MessageId};

/// A mail to an agent, before it is bytes.
#[derive(Clone, Debug)]
pub struct AgentMail {
    /// The queue's name.
    pub from_name: String,
    /// The queue's address.
    pub from: EmailAddress,
    /// The agent's own address.
    pub to: EmailAddress,
    /// What comes there is a note of theirs.
    pub reply_to: EmailAddress,
    /// The subject, without a tag: an answer to the queue itself would else look for its ticket.
    pub subject: String,
    /// Its own id.
    pub message_id: MessageId,
    /// What all mails to that agent about that ticket refer to, so that mail programs put them together.
    pub thread: MessageId,
    /// When it was written.
    pub date: DateTime<Utc>,
    /// The text.
    pub text: String,
}
