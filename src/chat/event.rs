//! A Matrix event as the desk sees it.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::domain::id::{EventId, RoomId, UserId};

/// Something that somebody did in one of our rooms.
#[derive(Clone, Debug, PartialEq)]
pub struct ChatEvent {
    /// The event.
    pub id: EventId,
    /// Where.
    pub room: RoomId,
    /// Who. Never the bot itself.
    pub sender: UserId,
    /// When it was sent, by their homeserver's clock, and not later than it came in.
    pub sent_at: DateTime<Utc>,
    /// What.
    pub what: EventKind,
}

/// What somebody did.
#[derive(Clone, Debug, PartialEq)]
pub enum EventKind {
    /// Wrote a message.
    Message(Message),
    /// Changed a message that they had written.
    Edit {
        /// The message.
        of: EventId,
        /// Its new text.
        text: String,
    },
    /// Reacted to an event.
    Reaction {
        /// The event.
        to: EventId,
        /// The reaction, without variation selectors (U+FE0F).
        key: String,
    },
    /// Took an event back.
    Redaction {
        /// The event.
        of: EventId,
    },
    /// Wrote something that the bot has no key for.
    Undecryptable {
        /// The thread it stands in (this part stays readable).
        thread: Option<EventId>,
    },
}

/// A message.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Message {
    /// The text as it was typed: `body` (never the formatted body), or a file's caption. Empty for a
    /// file without one.
    pub text: String,
    /// Whether it may be a command: `m.text` or a file's caption, not a notice or an emote.
    pub may_command: bool,
    /// The root of the thread it stands in.
    pub thread: Option<EventId>,
    /// The message it replies to, unless that is only the fallback of a thread.
    pub reply_to: Option<EventId>,
    /// Whom it mentions (`m.mentions.user_ids`), and every user that a link in its formatted body names.
    pub mentions: Vec<UserId>,
    /// Whom its words themselves link: clients mention whom a message answers, too.
    pub pills: Vec<UserId>,
    /// The file, if it is one.
    pub file: Option<MessageFile>,
}

/// A file in a message.
#[derive(Clone, Debug, PartialEq)]
pub struct MessageFile {
    /// The file's name.
    pub name: String,
    /// Its media type as the client says.
    pub mime: String,
    /// Its size in bytes as the client says.
    pub size: u64,
    /// `{"url": …}` or `{"file": …}` as it stands in the content.
    pub media: Value,
}
