//! What stands in a ticket, and what of it may leave the house.
//!
//! An [`Answer`] and an [`Automatic`] are meant for the customer, a [`Forward`] for somebody else outside; a [`Note`] is for
//! nobody there, and nothing that makes a mail takes one. Which of them a text is, is decided where the agent's command is read and
//! never again.

use super::id::{AgentId, ArticleId, EmailAddress, TicketId};
use super::printed::Printed;

/// What kind of article.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A mail that came in.
    Mail,
    /// An agent's answer.
    Answer,
    /// An agent's note. The record refuses one that is not internal.
    Note,
    /// The desk's own mail.
    Automatic,
    /// A report about a mail of ours.
    Bounce,
    /// What monitoring says of its alerts. Internal.
    Alert,
    /// What an agent wrote to somebody who takes no part, with what the customer may see below it. Internal.
    Forward,
}

impl Kind {
    const ALL: [Self; 7] =
        [Self::Mail, Self::Answer, Self::Note, Self::Automatic, Self::Bounce, Self::Alert, Self::Forward];

    /// The word in the record.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Answer => "answer",
            Self::Note => "note",
            Self::Automatic => "automatic",
            Self::Bounce => "bounce",
            Self::Alert => "alert",
            Self::Forward => "forward",
        }
    }

    /// The kind of that word.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Who wrote an article, as in OTRS' sender types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sender {
    /// The customer, or somebody who takes part in the ticket by mail.
    Customer,
    /// An agent.
    Agent,
    /// The desk itself: acknowledgements, bounces, notices.
    System,
}

impl Sender {
    const ALL: [Self; 3] = [Self::Customer, Self::Agent, Self::System];

    /// The word in the record and in `org.ticketloom.article.sender`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Agent => "agent",
            Self::System => "system",
        }
    }

    /// The sender of that word.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sender| sender.name() == name)
    }
}

/// Who may ever get to see an article.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visibility {
    /// The customer wrote it or it was mailed to the customer.
    Customer,
    /// Agents only.
    Internal,
    /// A stranger's mail that claims to belong to a ticket: agents only, and no part of the
    /// conversation until an agent says so.
    Held,
}

impl Visibility {
    const ALL: [Self; 3] = [Self::Customer, Self::Internal, Self::Held];

    /// The word in the record and in `org.ticketloom.article.visibility`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Internal => "internal",
            Self::Held => "held",
        }
    }

    /// The visibility of that word.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|visibility| visibility.name() == name)
    }
}

/// What an agent wrote to the customer, in Markdown, every blank and line as it was typed.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The article that records it.
    pub article: ArticleId,
    /// The ticket it belongs to.
    pub ticket: TicketId,
    /// The agent who wrote it.
    pub author: AgentId,
    /// The text.
    pub markdown: String,
}

/// What an agent wrote for the other agents. It has no way out: no mail can be made of it.
#[derive(Clone, Debug)]
pub struct Note {
    /// The article that records it.
    pub article: ArticleId,
    /// The ticket it belongs to.
    pub ticket: TicketId,
    /// The agent who wrote it.
    pub author: AgentId,
    /// The text.
    pub text: String,
}

/// What an agent forwards to somebody who takes no part in the ticket: their own words, and what the customer may see.
#[derive(Clone, Debug)]
pub struct Forward {
    /// The article that records it.
    pub article: ArticleId,
    /// The ticket it belongs to.
    pub ticket: TicketId,
    /// The agent who wrote it.
    pub author: AgentId,
    /// The agent's words, in Markdown; may be empty.
    pub markdown: String,
}

/// What the desk writes to the customer by itself, in fixed words that echo nothing.
#[derive(Clone, Debug)]
pub struct Automatic {
    /// The article that records it.
    pub article: ArticleId,
    /// The ticket it belongs to.
    pub ticket: TicketId,
    /// The text.
    pub text: String,
}

/// A mail with its envelope, frozen; its files are whatever says what their bytes are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed<F> {
    /// The envelope's sender; `None` is the null sender `<>`.
    pub from: Option<EmailAddress>,
    /// The envelope's one recipient.
    pub to: EmailAddress,
    /// Header and body, lines ended by CRLF, not dot-stuffed.
    pub mail: Printed<F>,
}

impl<F> Sealed<F> {
    /// The same mail with its files themselves, in their order; one that is missing is left out.
    #[must_use]
    pub fn with_files<G>(&self, files: Vec<G>) -> Sealed<G> {
        let places = self.mail.files().iter().map(|(at, _)| *at);
        let mail = Printed::new(self.mail.text().to_vec(), places.zip(files).collect());
        Sealed {
            from: self.from.clone(),
            to: self.to.clone(),
            mail: mail.unwrap_or_else(|| Printed::plain(Vec::new())),
        }
    }
}
