//! A mail to an agent.

use chrono::{DateTime, Utc};

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
