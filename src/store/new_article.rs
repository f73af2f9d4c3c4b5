//! An article to be written.

use chrono::{DateTime, Utc};

use crate::domain::article::{Kind, Sender, Visibility};
use crate::domain::id::{AgentId, CustomerId, EmailAddress, EventId, MailId, TicketId};
use crate::domain::response::Response;

/// An article to be written.
#[derive(Clone, Debug)]
pub struct NewArticle<'a> {
    /// The ticket, its row locked.
    pub ticket: TicketId,
    /// Its kind.
    pub kind: Kind,
    /// Who wrote it.
    pub sender: Sender,
    /// Who may see it.
    pub visibility: Visibility,
    /// What it came in.
    pub origin: Origin<'a>,
    /// What it says.
    pub body: Body<'a>,
    /// Whether it stands on the card.
    pub on_card: bool,
}

/// What an article came in.
#[derive(Clone, Debug)]
pub enum Origin<'a> {
    /// Nothing: the desk wrote it by itself.
    Desk,
    /// An agent: their own message shows it, if it came from a room.
    Agent(AgentId, Option<&'a EventId>),
    /// An agent's mail that becomes their note.
    AgentsMail(AgentId, MailId),
    /// A mail that is about another mail, or shown for somebody else's sake.
    Report(MailId),
    /// A mail of a customer, or of the desk's own that an archive has.
    Mail(Source<'a>),
}

/// The mail that an article came in.
#[derive(Clone, Debug)]
pub struct Source<'a> {
    /// The mail.
    pub mail: MailId,
    /// Who wrote it.
    pub customer: CustomerId,
    /// Its subject, cleaned.
    pub subject: &'a str,
    /// When it says that it was written.
    pub written_at: Option<DateTime<Utc>>,
    /// Where it wants the answer, if not at who wrote it.
    pub reply_to: Option<&'a EmailAddress>,
    /// Who else it went to.
    pub copies: Option<&'a str>,
    /// What it says, if it only answers another one.
    pub response: Option<Response>,
}

/// What an article says.
#[derive(Clone, Copy, Debug)]
pub struct Body<'a> {
    /// What is new.
    pub text: &'a str,
    /// The same as HTML.
    pub html: Option<&'a str>,
    /// The whole text, if something was folded away.
    pub whole_text: Option<&'a str>,
    /// How many lines were folded.
    pub folded: usize,
}

impl<'a> Body<'a> {
    /// Plain words, nothing folded away.
    #[must_use]
    pub fn plain(text: &'a str) -> Self {
        Self { text, html: None, whole_text: None, folded: 0 }
    }

    /// How many lines were folded, as the record has it.
    pub(super) fn folded_lines(&self) -> i32 {
        i32::try_from(self.folded).unwrap_or(i32::MAX)
    }
}
