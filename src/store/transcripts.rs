//! What a ticket's customer may see of it, as somebody else is to read it.

use chrono::{DateTime, Utc};

use super::{Result, Tx};
use crate::domain::id::{ArticleId, AttachmentId, TicketId};

/// A mail or an answer of a ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    /// Its article.
    pub article: ArticleId,
    /// The customer who wrote it, as a name and an address; `None`: we did.
    pub by: Option<(String, String)>,
    /// When.
    pub at: DateTime<Utc>,
    /// What was new in it.
    pub text: String,
}

/// What tickets' customers may see of them.
pub struct Transcripts<'t>(pub(super) &'t mut Tx);

impl Transcripts<'_> {
    /// The newest mails and answers of a ticket and of what was merged into it, oldest first. What only answers another mail
    /// by itself, what was taken back and what is still held are not among them.
    pub async fn of(&mut self, ticket: TicketId, most: i64) -> Result<Vec<Passage>> {
        let rows = sqlx::query!(
            r#"with recursive part as (
                   select $1::bigint as ticket_id
                   union select ticket.ticket_id from ticket join part on ticket.merged_into = part.ticket_id
               )
               select article_id, sender = 'customer' as "is_customer!", customer.name as "name?",
                      customer.address as "address?", article.created_at, text
               from part join article using (ticket_id) left join customer using (customer_id)
               where visibility = 'customer' and kind in ('mail', 'answer') and response is null and cancelled_at is null
                 and not exists (select from letter where letter.article_id = article.article_id and letter.state = 'held')
               order by article_id desc limit $2"#,
            ticket.0,
            most,
        )
        .fetch_all(self.0.connection())
        .await?;
        let passage = rows.into_iter().rev().map(|row| Passage {
            article: ArticleId(row.article_id),
            by: row.name.zip(row.address).filter(|_| row.is_customer),
            at: row.created_at,
            text: row.text,
        });
        Ok(passage.collect())
    }

    /// The files of these articles, in their order; the same bytes once.
    pub async fn files(&mut self, articles: &[ArticleId]) -> Result<Vec<AttachmentId>> {
        let articles: Vec<i64> = articles.iter().map(|article| article.0).collect();
        let files = sqlx::query_scalar!(
            r#"select min(attachment_id) as "file!" from attachment where article_id = any($1) group by digest order by 1"#,
            &articles,
        )
        .fetch_all(self.0.connection())
        .await?;
        Ok(files.into_iter().map(AttachmentId).collect())
    }
}
