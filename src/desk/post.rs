//! A message of the bot, before it is Matrix JSON.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};

use crate::domain::due::DueTimes;
use crate::domain::id::{ArticleId, EventId, QuarantineId, UserId};
use crate::domain::listing::Listing;
use crate::domain::number::Number;
use crate::domain::said::Said;
use crate::domain::ticket::Tag;

/// One message of the bot: what it shows, in which words. Where it stands is its [`Place`].
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Post {
    /// What of the record it shows; the events say so to programs, too.
    pub marker: Marker,
    /// The words; of a file its caption.
    pub said: Said,
    /// A file instead of a text.
    pub file: Option<PostedFile>,
    /// Whether clients may notify for it.
    pub tone: Tone,
    /// Whom it calls; written explicitly (`m.mentions`) even if empty.
    pub mentions: Vec<UserId>,
    /// Whether it calls everybody in the room.
    pub calls_room: bool,
}

/// What a message shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Marker {
    /// Nothing that stays: an answer to somebody, a file of an article, the root of a day's thread.
    None,
    /// A ticket's card, and the article that stands wholly on it: `org.ticketloom.ticket` and `org.ticketloom.article`.
    Card(TicketMarker, Option<ArticleMarker>),
    /// An article, and whose words they are: `org.ticketloom.article`.
    Article(ArticleMarker, Option<Speaker>),
    /// A quarantine entry: `org.ticketloom.quarantine`.
    Quarantine(QuarantineMarker),
    /// A list that answers a command: `org.ticketloom.list`.
    List(Listing),
    /// What there is to do in a queue, or for an agent: `org.ticketloom.board`.
    Board(BoardMarker),
}

impl Post {
    /// Bookkeeping, which calls nobody.
    #[must_use]
    pub fn notice(said: Said) -> Self {
        Self { marker: Marker::None, said, file: None, tone: Tone::Notice, mentions: Vec::new(), calls_room: false }
    }

    /// Words that people may be notified of.
    #[must_use]
    pub fn text(said: Said) -> Self {
        Self { tone: Tone::Text, ..Self::notice(said) }
    }

    /// A file that somebody has to see.
    #[must_use]
    pub fn file(file: PostedFile) -> Self {
        Self { file: Some(file), ..Self::text(Said::nothing()) }
    }

    /// The same as something of the record.
    #[must_use]
    pub fn marked(mut self, marker: Marker) -> Self {
        self.marker = marker;
        self
    }

    /// The same, calling somebody.
    #[must_use]
    pub fn calling(mut self, who: impl IntoIterator<Item = UserId>) -> Self {
        self.mentions.extend(who);
        self
    }
}

/// `m.text` or `m.notice`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Tone {
    /// What people must see: `m.text`.
    Text,
    /// Bookkeeping: `m.notice`, for which no client notifies (`.m.rule.suppress_notices`).
    Notice,
}

/// Where a message stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the room itself.
    Room,
    /// In a thread.
    Thread(ThreadPlace),
    /// In the place of an earlier message (`m.replace`), which stays in its thread.
    Replacing(EventId),
}

impl From<Option<ThreadPlace>> for Place {
    fn from(thread: Option<ThreadPlace>) -> Self {
        thread.map_or(Self::Room, Self::Thread)
    }
}

/// A place in a thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThreadPlace {
    /// The thread's root: the ticket's card.
    pub root: EventId,
    /// The thread's newest event that we know, as the fallback for clients without threads.
    pub last: EventId,
    /// A real reply to `last`, rather than the fallback.
    pub is_reply: bool,
}

/// An uploaded file, as JSON that goes into a message: `{"url": "mxc://…"}` or `{"file": {…}}`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Media(pub Value);

/// A file that has been uploaded.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PostedFile {
    /// Its cleaned name.
    pub name: String,
    /// Its media type, such as `image/png`.
    pub mime: String,
    /// Its size in bytes.
    pub size: u64,
    /// Where it is.
    pub media: Media,
}

/// A name for MSC4144's per-message profile; the words say it, too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Speaker {
    /// Stable for one customer, such as `customer-17`.
    pub id: String,
    /// What to show.
    pub name: String,
}

/// What `org.ticketloom.ticket` says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TicketMarker {
    /// The ticket's number.
    pub number: Number,
    /// The queue's name.
    pub queue: String,
    /// The subject.
    pub subject: String,
    /// The customer's address.
    pub customer: String,
    /// The state's name.
    pub state: &'static str,
    /// The state's type.
    pub state_type: &'static str,
    /// The owner, if locked.
    pub owner: Option<UserId>,
    /// 1 (very low) to 5 (very high).
    pub priority: i16,
    /// Its tags.
    pub tags: Vec<Tag>,
    /// Until when it is pending.
    pub pending_until: Option<DateTime<Utc>>,
    /// What is due when, and since when something is overdue.
    pub due: DueTimes,
}

impl TicketMarker {
    /// As programs read it, on a card, in the feed and by the webhooks.
    #[must_use]
    pub fn json(&self) -> Value {
        json!({
            "number": self.number,
            "queue": self.queue,
            "subject": self.subject,
            "customer": self.customer,
            "state": self.state,
            "state_type": self.state_type,
            "locked": self.owner.is_some(),
            "owner": self.owner,
            "priority": self.priority,
            "tags": self.tags,
            "pending_until": self.pending_until,
            "due": { "first": self.due.first, "update": self.due.update, "solution": self.due.solution },
            "breached": self.due.breached_at.is_some(),
        })
    }
}

/// What `org.ticketloom.article` says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ArticleMarker {
    /// The ticket's number.
    pub ticket: Number,
    /// The article.
    pub id: ArticleId,
    /// `customer`, `agent` or `system`.
    pub sender: &'static str,
    /// `customer`, `internal` or `held`.
    pub visibility: &'static str,
}

/// What `org.ticketloom.quarantine` says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct QuarantineMarker {
    /// The entry.
    pub id: QuarantineId,
    /// Why it is here.
    pub reason: String,
    /// How many mails stand behind it.
    pub count: i64,
}

/// What `org.ticketloom.board` says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum BoardMarker {
    /// A queue's, in its room.
    Queue {
        /// The queue's name.
        queue: String,
        /// How many of its tickets are not over and nobody's.
        unlocked: i64,
        /// How many somebody has locked.
        locked: i64,
        /// How many of both wait for a time.
        pending: i64,
        /// How many are overdue with something.
        breached: i64,
        /// Those that it lists, in that order.
        tickets: Vec<Number>,
    },
    /// An agent's, in their home.
    Home {
        /// What they have locked, as far as it is listed.
        locked: Vec<Number>,
        /// What nobody has locked in their queues, as far as it is listed.
        queues: Vec<Number>,
    },
}
