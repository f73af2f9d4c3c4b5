//! What is answered, as JSON.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::PATH;
use crate::store::article_readouts::{ArticleReadout, FileReadout};
use crate::store::readouts::TicketHead;

/// A ticket
#[derive(Serialize, ToSchema)]
#[schema(as = Ticket)]
pub(super) struct TicketShape {
    /// What people call it
    number: String,
    /// The queue's name
    queue: String,
    /// What it is about
    subject: String,
    /// The customer's address; of a ticket of alerts, which has no customer, one below `.invalid`
    customer: String,
    /// The customer's name; may be empty
    customer_name: String,
    /// `new`, `open`, `pending reminder`, `pending auto close+`, `pending auto close-`, `closed successful`, `closed
    /// unsuccessful`, `merged` or `removed`
    state: &'static str,
    /// `new`, `open`, `pending reminder`, `pending auto`, `closed`, `merged` or `removed`
    state_type: &'static str,
    /// Whether somebody has locked it
    locked: bool,
    /// Who has, as a Matrix id
    owner: Option<String>,
    /// 1 (very low) to 5 (very high)
    priority: i16,
    /// By what it is found again
    tags: Vec<String>,
    /// Until when it is pending
    pending_until: Option<DateTime<Utc>>,
    /// What of it is due when
    due: DueShape,
    /// Whether something of it is overdue
    breached: bool,
    /// Of a closed ticket: whether the customer was told
    informed: Option<bool>,
    /// When it was made
    created_at: DateTime<Utc>,
    /// When it was changed last
    changed_at: DateTime<Utc>,
    /// When it was closed
    closed_at: Option<DateTime<Utc>>,
    /// In lists, of a merged ticket: the number of the one that it is part of. Of one that was asked for by the number of a
    /// ticket that is part of it now: its own number
    merged_into: Option<String>,
}

/// What is due when
#[derive(Serialize, ToSchema)]
#[schema(as = Due)]
pub(super) struct DueShape {
    /// The first answer
    first: Option<DateTime<Utc>>,
    /// The next word to the customer
    update: Option<DateTime<Utc>>,
    /// The solution
    solution: Option<DateTime<Utc>>,
}

/// A page of tickets, the youngest first; of a search the best first
#[derive(Serialize, ToSchema)]
#[schema(as = Tickets)]
pub(super) struct TicketsShape {
    /// The tickets
    pub(super) tickets: Vec<TicketShape>,
    /// The next page's `after`; null on the last page
    pub(super) next: Option<String>,
}

/// A mail, an answer, a note, or what the desk wrote by itself
#[derive(Serialize, ToSchema)]
#[schema(as = Article)]
pub(super) struct ArticleShape {
    /// What it is known by
    id: i64,
    /// Its ticket's number
    ticket: String,
    /// `mail`, `answer`, `note`, `forward`, `automatic`, `bounce` or `alert`
    kind: String,
    /// `customer`, `agent` or `system`
    sender: String,
    /// `customer`, `internal`, or `held`: a stranger's mail, until an agent decides
    visibility: String,
    /// Of an agent's: their Matrix id
    agent: Option<String>,
    /// Of what came from outside: the address
    from: Option<String>,
    /// And the name; may be empty
    from_name: Option<String>,
    /// Of a mail: its subject, without tags
    subject: Option<String>,
    /// When
    at: DateTime<Utc>,
    /// What is new in it; of agents' in Markdown
    text: String,
    /// The same as safe HTML, if that says more
    html: Option<String>,
    /// Its files
    files: Vec<FileShape>,
}

/// A file of an article
#[derive(Serialize, ToSchema)]
#[schema(as = File)]
pub(super) struct FileShape {
    /// Its place, from 1
    position: i32,
    /// Its name
    name: String,
    /// Its media type
    r#type: String,
    /// How many bytes it is
    size: i64,
    /// Where it is
    url: String,
}

/// A page of articles, oldest first
#[derive(Serialize, ToSchema)]
#[schema(as = Articles)]
pub(super) struct ArticlesShape {
    /// The articles
    pub(super) articles: Vec<ArticleShape>,
    /// The next page's `after`; null on the last page
    pub(super) next: Option<String>,
}

/// An answer that is held for a moment, in which agents can take it back in chat
#[derive(Serialize, ToSchema)]
#[schema(as = Answered)]
pub(super) struct AnsweredShape {
    /// The article
    #[serde(flatten)]
    pub(super) article: ArticleShape,
    /// Who gets it, the customer first
    pub(super) to: Vec<String>,
    /// The ticket's state with it: one that was to be closed stays open if a mail of its customer is still unread
    pub(super) state: &'static str,
    /// For how many seconds it is held
    pub(super) held_seconds: u64,
}

/// A ticket that was made
#[derive(Serialize, ToSchema)]
#[schema(as = Created)]
pub(super) struct CreatedShape {
    /// The ticket
    pub(super) ticket: TicketShape,
    /// What it begins with
    pub(super) article: ArticleShape,
}

impl TicketShape {
    /// The same, asked for by the number of one that was merged into it.
    pub(super) fn led_to(self) -> Self {
        Self { merged_into: Some(self.number.clone()), ..self }
    }

    /// Its number.
    pub(super) fn number(&self) -> &str {
        &self.number
    }
}

impl From<TicketHead> for TicketShape {
    fn from(head: TicketHead) -> Self {
        Self {
            number: head.number.to_string(),
            queue: head.queue,
            subject: head.subject,
            customer: head.customer,
            customer_name: head.customer_name,
            state: head.state.name(),
            state_type: head.state.type_name(),
            locked: head.owner.is_some(),
            owner: head.owner.as_ref().map(ToString::to_string),
            priority: head.priority,
            tags: head.tags.iter().map(|tag| tag.as_str().to_owned()).collect(),
            pending_until: head.pending_until,
            due: DueShape { first: head.due.first, update: head.due.update, solution: head.due.solution },
            breached: head.due.breached_at.is_some(),
            informed: head.informed,
            created_at: head.created_at,
            changed_at: head.changed_at,
            closed_at: head.closed_at,
            merged_into: head.merged_into,
        }
    }
}

impl From<ArticleReadout> for ArticleShape {
    fn from(article: ArticleReadout) -> Self {
        let id = article.id.0;
        Self {
            id,
            ticket: article.ticket,
            kind: article.kind,
            sender: article.sender,
            visibility: article.visibility,
            agent: article.agent,
            from: article.from,
            from_name: article.from_name,
            subject: article.subject,
            at: article.at,
            text: article.text,
            html: article.html,
            files: article.files.into_iter().map(|file| FileShape::of(id, file)).collect(),
        }
    }
}

impl FileShape {
    fn of(article: i64, file: FileReadout) -> Self {
        Self {
            position: file.position,
            name: file.name,
            r#type: file.mime,
            size: file.size,
            url: format!("{PATH}/articles/{article}/files/{}", file.position),
        }
    }
}
