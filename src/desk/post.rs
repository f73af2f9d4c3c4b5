//! A message of the bot, before it is Matrix JSON.

use serde_json::Value;

use super::seams::Media;
use crate::domain::id::{ArticleId, EventId, QuarantineId, UserId};
use crate::domain::number::Number;

/// One message of the bot.
#[derive(Clone, Debug, PartialEq)]
pub struct Post {
    /// Whether clients may notify for it: bookkeeping is a [`Tone::Notice`], which never notifies.
    pub tone: Tone,
    /// The plain text; also the fallback of the HTML.
    pub text: String,
    /// The same as HTML of the subset that Matrix allows ("m.room.message msgtypes", v1.16), already safe.
    pub html: Option<String>,
    /// Whom it calls; written explicitly (`m.mentions`) even if empty.
    pub mentions: Vec<UserId>,
    /// The thread that it stands in.
    pub thread: Option<ThreadPlace>,
    /// The event that it replaces (`m.replace`); never together with `thread`.
    pub replaces: Option<EventId>,
    /// A file instead of a text: `text` is then its caption or name.
    pub file: Option<PostedFile>,
    /// Whose words these are, for clients that show it (MSC4144); the text says it, too.
    pub speaker: Option<Speaker>,
    /// `org.ticketloom.ticket`: on cards.
    pub ticket: Option<TicketMark>,
    /// `org.ticketloom.article`: on articles.
    pub article: Option<ArticleMark>,
    /// `org.ticketloom.quarantine`: on quarantine entries.
    pub quarantine: Option<QuarantineMark>,
}

impl Post {
    /// A notice without anything special about it.
    #[must_use]
    pub fn notice(text: impl Into<String>) -> Self {
        Self::new(Tone::Notice, text)
    }

    /// A text that people may be notified of.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::new(Tone::Text, text)
    }

    fn new(tone: Tone, text: impl Into<String>) -> Self {
        Self {
            tone,
            text: text.into(),
            html: None,
            mentions: Vec::new(),
            thread: None,
            replaces: None,
            file: None,
            speaker: None,
            ticket: None,
            article: None,
            quarantine: None,
        }
    }

    /// The same with HTML.
    #[must_use]
    pub fn with_html(mut self, html: impl Into<String>) -> Self {
        self.html = Some(html.into());
        self
    }

    /// The same inside a thread.
    #[must_use]
    pub fn in_thread(mut self, place: Option<ThreadPlace>) -> Self {
        self.thread = place;
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// What people must see: `m.text`.
    Text,
    /// Bookkeeping: `m.notice`, for which no client notifies (`.m.rule.suppress_notices`).
    Notice,
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

/// A file that has been uploaded.
#[derive(Clone, Debug, PartialEq)]
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

/// A name for MSC4144's per-message profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Speaker {
    /// Stable for one customer, such as `customer-17`.
    pub id: String,
    /// What to show.
    pub name: String,
}

/// What `org.ticketloom.ticket` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TicketMark {
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
}

/// What `org.ticketloom.article` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArticleMark {
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuarantineMark {
    /// The entry.
    pub id: QuarantineId,
    /// Why it is here.
    pub reason: String,
    /// How many mails stand behind it.
    pub count: i64,
}

/// A marker as it stands in an event's content: its key and its value.
pub type Marker = (&'static str, Value);
