//! What the page shows.

use chrono::{DateTime, Utc};

use super::link::Opened;
use crate::desk::Desk;
use crate::domain::article::Sender;
use crate::domain::id::ArticleId;
use crate::domain::queue::ClosedFollowUp;
use crate::store::customer_pages::{PageArticle, PageFile};
use crate::store::files::FileRow;
use crate::store::{Result, Tx};

/// How many articles are shown, the newest.
const MOST: i64 = 200;

/// What the page shows of a ticket, besides what it is called and how it stands.
#[derive(Clone, Debug)]
pub struct View {
    /// Oldest first.
    pub articles: Vec<Shown>,
    /// What becomes of a reply.
    pub may_reply: MayReply,
    /// Whether the customer may close it.
    pub may_solve: bool,
}

/// An article as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Its id.
    pub id: ArticleId,
    /// Who wrote it, of the three. No agent is named: the signature in it says as much as the queue wants to be known.
    pub sender: Sender,
    /// When.
    pub at: DateTime<Utc>,
    /// Its words: plain text, or HTML in which nothing is run or loaded.
    pub words: Words,
    /// Its files.
    pub files: Vec<PageFile>,
}

/// An article's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Words {
    /// As they were typed.
    Plain(String),
    /// Of an answer, as its mail shows them.
    Html(String),
}

/// What becomes of a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MayReply {
    /// It is filed in the ticket.
    Yes,
    /// It opens the closed ticket again.
    Reopens,
    /// It begins another ticket.
    Begins,
    /// Nothing: the ticket stays closed, and a new mail is wanted.
    No,
}

/// What a customer sees of their ticket.
pub async fn view(desk: &Desk, tx: &mut Tx, opened: &Opened) -> Result<View> {
    let articles = tx.customer_pages().articles(opened.ticket.id, opened.customer.id, MOST).await?;
    let ids: Vec<ArticleId> = articles.iter().map(|article| article.id).collect();
    let files = tx.customer_pages().files(&ids).await?;
    let files_of = |article| files.iter().filter(|file| file.article == article).cloned().collect();
    let shown = articles.into_iter().map(|article| {
        let own = files_of(article.id);
        shown(desk, article, own)
    });
    Ok(View {
        articles: shown.collect(),
        may_reply: may_reply(opened),
        may_solve: opened.queue.page_closes && !opened.ticket.state.is_over(),
    })
}

fn shown(desk: &Desk, article: PageArticle, files: Vec<PageFile>) -> Shown {
    let is_markdown = article.sender == Sender::Agent && !article.is_automatic;
    let words = if is_markdown { Words::Html(desk.composer.shown(&article.text)) } else { Words::Plain(article.text) };
    Shown { id: article.id, sender: article.sender, at: article.at, words, files }
}

/// What becomes of a reply. It is said before anybody has typed one.
pub(super) fn may_reply(opened: &Opened) -> MayReply {
    match opened.queue.closed_follow_up {
        // It takes no mail either.
        _ if opened.queue.archived => MayReply::No,
        _ if !opened.ticket.state.is_closed() => MayReply::Yes,
        ClosedFollowUp::Reopen => MayReply::Reopens,
        ClosedFollowUp::New => MayReply::Begins,
        ClosedFollowUp::Reject => MayReply::No,
    }
}

/// A file of an article that the page shows.
pub async fn file(tx: &mut Tx, opened: &Opened, article: ArticleId, position: i32) -> Result<Option<FileRow>> {
    let about = (opened.ticket.id, opened.customer.id);
    match tx.customer_pages().file(about, article, position).await? {
        Some(file) => Ok(Some(tx.files().get(file).await?)),
        None => Ok(None),
    }
}
