//! A letter as it is written, and as it is delivered.

use std::time::Duration;

use chrono::TimeDelta;

use super::{Result, StoreError};
use crate::domain::article::Sealed;
use crate::domain::blob::Digest;
use crate::domain::id::{ArticleId, AttachmentId, EventId, LetterId, MessageId, RoomId, TicketId};

/// A letter to be written.
#[derive(Clone, Debug)]
pub struct NewLetter<'a> {
    /// Its row, taken beforehand by [`Letters::next_id`]: it is part of the mail's own addresses.
    pub id: LetterId,
    /// What it carries.
    pub article: ArticleId,
    /// The ticket.
    pub ticket: TicketId,
    /// Whether it forwards the ticket to somebody who takes no part in it: then its article is internal.
    pub is_forward: bool,
    /// The article whose mail made the desk write it by itself; `None`: an agent's answer.
    pub cause: Option<ArticleId>,
    /// Its id.
    pub message_id: &'a MessageId,
    /// Envelope and bytes; its files are kept already.
    pub sealed: &'a Sealed<Digest>,
    /// Which of its files are those of articles: they stay where they are, such as in a raw mail, until it is sent.
    pub sources: &'a [(Digest, AttachmentId)],
    /// How long it can be taken back.
    pub hold: Duration,
    /// The message that asked for it.
    pub command: Option<(&'a RoomId, &'a EventId)>,
}

/// A letter as it is delivered.
#[derive(Clone, Debug)]
pub struct LetterRow {
    /// Its row.
    pub id: LetterId,
    /// What it carries.
    pub article: ArticleId,
    /// The ticket.
    pub ticket: TicketId,
    /// The name of the queue that it is from.
    pub queue: String,
    /// Whether the desk wrote it.
    pub automatic: bool,
    /// Whether it forwards the ticket to somebody who takes no part in it.
    pub is_forward: bool,
    /// Where it stands.
    pub state: LetterState,
    /// How often it was tried.
    pub attempts: i32,
    /// How many attempts ended with nobody knowing.
    pub uncertain: i32,
    /// Whether the final dot may have been written.
    pub is_past_dot: bool,
    /// The message that stands for it: the one that asked for it, or, of what was asked for in no room, the bot's that shows it.
    pub command: Option<(RoomId, EventId)>,
    /// Its Message-ID.
    pub message_id: MessageId,
    /// Envelope and bytes.
    pub sealed: Sealed<Digest>,
    /// How long ago it was written.
    pub age: TimeDelta,
}

/// Where a letter stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LetterState {
    /// It can be taken back.
    Held,
    /// It is to be sent.
    Queued,
    /// Somebody is sending it, or died while doing so.
    Sending,
    /// It may have been sent; it will be sent again.
    Unknown,
    /// The next mail server has it.
    Sent,
    /// It will not be sent.
    Failed,
    /// It was taken back.
    Cancelled,
}

impl LetterState {
    const ALL: [Self; 7] =
        [Self::Held, Self::Queued, Self::Sending, Self::Unknown, Self::Sent, Self::Failed, Self::Cancelled];

    /// The word in the record.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Unknown => "unknown",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// The state that a letter's row has in words.
    pub(super) fn read(letter: LetterId, word: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|state| state.name() == word).ok_or_else(|| unsound(letter, "state"))
    }
}

pub(super) fn unsound(letter: LetterId, what: &str) -> StoreError {
    StoreError::Unsound { table: "letter", row: letter.to_string(), what: what.to_owned() }
}
