//! Articles as programs read them.

use chrono::{DateTime, Utc};

use super::page::Page;
use super::{Result, Tx};
use crate::domain::id::{ArticleId, AttachmentId, QueueId, TicketId};

/// An article as programs read it.
#[derive(Clone, Debug)]
pub struct ArticleReadout {
    /// Its row.
    pub id: ArticleId,
    /// Its ticket's number.
    pub ticket: String,
    /// Its kind.
    pub kind: String,
    /// `customer`, `agent` or `system`.
    pub sender: String,
    /// `customer`, `internal` or `held`.
    pub visibility: String,
    /// The agent who wrote it.
    pub agent: Option<String>,
    /// The address of whoever wrote it from outside.
    pub from: Option<String>,
    /// Their name; may be empty.
    pub from_name: Option<String>,
    /// Its mail's subject, cleaned.
    pub subject: Option<String>,
    /// When it came to its ticket.
    pub at: DateTime<Utc>,
    /// What is new in it.
    pub text: String,
    /// The same as safe HTML, if that says more.
    pub html: Option<String>,
    /// Its files.
    pub files: Vec<FileReadout>,
}

/// A file of an article.
#[derive(Clone, Debug)]
pub struct FileReadout {
    /// Its place, from 1.
    pub position: i32,
    /// Its name.
    pub name: String,
    /// Its media type.
    pub mime: String,
    /// How many bytes it is.
    pub size: i64,
}

/// Articles as programs read them.
pub struct ArticleReadouts<'t>(pub(super) &'t mut Tx);

impl ArticleReadouts<'_> {
    /// A page of a ticket's articles and of what was merged into it, as far as that is in these queues, oldest first. What
    /// was taken back, deleted or discarded is not among them.
    pub async fn of(
        &mut self,
        ticket: TicketId,
        queues: &[QueueId],
        page: Page<ArticleId>,
    ) -> Result<Vec<ArticleReadout>> {
        let queues: Vec<i64> = queues.iter().map(|queue| queue.0).collect();
        let parts = self.0.merges().parts(ticket).await?;
        let rows = sqlx::query!(
            r#"select article_id, number, kind, sender, visibility, agent.user_id as "agent?", customer.address as "from?",
                      customer.name as "from_name?", article.subject, article.created_at, article.text, article.html
               from article join ticket using (ticket_id)
                    left join agent on agent.agent_id = article.agent_id
                    left join customer on customer.customer_id = article.customer_id
               where ticket_id = any($1) and ticket.queue_id = any($2)
                 and cancelled_at is null and article_id > $3
               order by article_id limit $4"#,
            &parts,
            &queues,
            page.after.map_or(0, |after| after.0),
            page.most,
        )
        .fetch_all(self.0.connection())
        .await?;
        let mut articles: Vec<ArticleReadout> = rows
            .into_iter()
            .map(|row| ArticleReadout {
                id: ArticleId(row.article_id),
                ticket: row.number,
                kind: row.kind,
                sender: row.sender,
                visibility: row.visibility,
                agent: row.agent,
                from: row.from,
                from_name: row.from_name,
                subject: row.subject,
                at: row.created_at,
                text: row.text,
                html: row.html,
                files: Vec::new(),
            })
            .collect();
        self.fill_files(&mut articles).await?;
        Ok(articles)
    }

    async fn fill_files(&mut self, articles: &mut [ArticleReadout]) -> Result<()> {
        let ids: Vec<i64> = articles.iter().map(|article| article.id.0).collect();
        let files = sqlx::query!(
            "select article_id, position, name, mime, size from attachment where article_id = any($1)
             order by article_id, position",
            &ids
        )
        .fetch_all(self.0.connection())
        .await?;
        for file in files {
            if let Some(article) = articles.iter_mut().find(|article| article.id.0 == file.article_id) {
                let (position, name, mime, size) = (file.position, file.name, file.mime, file.size);
                article.files.push(FileReadout { position, name, mime, size });
            }
        }
        Ok(())
    }

    /// The file at a place of an article that was not taken back, and the queue that it is in.
    pub async fn file(&mut self, article: ArticleId, position: i32) -> Result<Option<(AttachmentId, QueueId)>> {
        let row = sqlx::query!(
            "select attachment_id, queue_id from attachment join article using (article_id) join ticket using (ticket_id)
             where article_id = $1 and position = $2 and article.cancelled_at is null",
            article.0,
            position,
        )
        .fetch_optional(self.0.connection())
        .await?;
        Ok(row.map(|row| (AttachmentId(row.attachment_id), QueueId(row.queue_id))))
    }
}
