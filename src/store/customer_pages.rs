//! What a customer sees of a ticket on its page: the view `page_article`, which has nothing else, and the letters whose links
//! lead there.

use chrono::{DateTime, Utc};

use super::customers::Customer;
use super::{Result, StoreError, Tx};
use crate::domain::article::{Kind, Sender};
use crate::domain::id::{ArticleId, AttachmentId, CustomerId, EmailAddress, LetterId, TicketId};

/// The letter whose link somebody followed.
#[derive(Clone, Debug)]
pub struct PageLink {
    /// Its ticket.
    pub ticket: TicketId,
    /// Whom it was written to.
    pub customer: Customer,
    /// When it was written.
    pub written_at: DateTime<Utc>,
    /// When links in letters about its ticket were last taken back.
    pub good_since: Option<DateTime<Utc>>,
}

/// An article as its page shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageArticle {
    /// Its row.
    pub id: ArticleId,
    /// Who wrote it, of the three.
    pub sender: Sender,
    /// Whether the desk wrote it by itself.
    pub is_automatic: bool,
    /// When.
    pub at: DateTime<Utc>,
    /// What was new in it; of an answer, the Markdown.
    pub text: String,
}

/// A file as its page shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageFile {
    /// Its article.
    pub article: ArticleId,
    /// Its place there, from 1.
    pub position: i32,
    /// Its name.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
}

/// What customers see of tickets.
pub struct CustomerPages<'t>(pub(super) &'t mut Tx);

impl CustomerPages<'_> {
    /// The letter that a link stands in, if it is one that may have a link: no forward.
    pub async fn link(&mut self, letter: LetterId) -> Result<Option<PageLink>> {
        let row = sqlx::query!(
            "select letter.ticket_id, letter.created_at, ticket.page_since, customer.customer_id, customer.address, customer.name
             from letter join ticket using (ticket_id) join customer on customer.address_key = lower(letter.recipient)
             where letter_id = $1 and letter.forward is null and letter.state <> 'cancelled'",
            letter.0,
        )
        .fetch_optional(self.0.connection())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let address = EmailAddress::parse(&row.address).ok_or_else(|| StoreError::Unsound {
            table: "customer",
            row: row.customer_id.to_string(),
            what: "address".to_owned(),
        })?;
        Ok(Some(PageLink {
            ticket: TicketId(row.ticket_id),
            customer: Customer { id: CustomerId(row.customer_id), address, name: row.name },
            written_at: row.created_at,
            good_since: row.page_since,
        }))
    }

    /// When the newest article of a ticket was written.
    pub async fn newest_article(&mut self, ticket: TicketId) -> Result<Option<DateTime<Utc>>> {
        Ok(sqlx::query_scalar!(
            "select created_at from article where ticket_id = $1 order by seq desc limit 1",
            ticket.0
        )
        .fetch_optional(self.0.connection())
        .await?)
    }

    /// What a customer may see of a ticket and of what was merged into it: the newest, oldest first.
    pub async fn articles(&mut self, ticket: TicketId, customer: CustomerId, most: i64) -> Result<Vec<PageArticle>> {
        let parts = self.0.merges().parts(ticket).await?;
        let rows = sqlx::query!(
            r#"select article_id as "id!", created_at as "at!", sender as "sender!", kind as "kind!", text as "text!"
               from page_article where ticket_id = any($1) and customer_id = $2
               order by article_id desc limit $3"#,
            &parts,
            customer.0,
            most,
        )
        .fetch_all(self.0.connection())
        .await?;
        let article = |row: (i64, DateTime<Utc>, String, String, String)| {
            let (id, at, sender, kind, text) = row;
            let unsound =
                |what: &str| StoreError::Unsound { table: "article", row: id.to_string(), what: what.to_owned() };
            Ok(PageArticle {
                id: ArticleId(id),
                sender: Sender::named(&sender).ok_or_else(|| unsound("sender"))?,
                is_automatic: kind == Kind::Automatic.name(),
                at,
                text,
            })
        };
        rows.into_iter().rev().map(|row| article((row.id, row.at, row.sender, row.kind, row.text))).collect()
    }

    /// The files of articles that a page shows, in their order.
    pub async fn files(&mut self, articles: &[ArticleId]) -> Result<Vec<PageFile>> {
        let articles: Vec<i64> = articles.iter().map(|article| article.0).collect();
        let rows = sqlx::query!(
            "select article_id, position, name, size from attachment where article_id = any($1) order by article_id, position",
            &articles,
        )
        .fetch_all(self.0.connection())
        .await?;
        let file = |row: (i64, i32, String, Option<i64>)| PageFile {
            article: ArticleId(row.0),
            position: row.1,
            name: row.2,
            size: row.3.and_then(|size| u64::try_from(size).ok()).unwrap_or_default(),
        };
        Ok(rows.into_iter().map(|row| file((row.article_id, row.position, row.name, row.size.into()))).collect())
    }

    /// A file of an article that a customer may see on a ticket's page.
    pub async fn file(
        &mut self,
        (ticket, customer): (TicketId, CustomerId),
        article: ArticleId,
        position: i32,
    ) -> Result<Option<AttachmentId>> {
        let parts = self.0.merges().parts(ticket).await?;
        let file = sqlx::query_scalar!(
            r#"select attachment_id from attachment
               where article_id = $3 and position = $4 and exists (
                   select from page_article where ticket_id = any($1) and customer_id = $2 and page_article.article_id = $3)"#,
            &parts,
            customer.0,
            article.0,
            position,
        )
        .fetch_optional(self.0.connection())
        .await?;
        Ok(file.map(AttachmentId))
    }

    /// Takes back every link to a ticket's page that was written so far, also in letters about what was merged into it.
    pub async fn revoke(&mut self, ticket: TicketId) -> Result<()> {
        let (now, parts) = (self.0.now(), self.0.merges().parts(ticket).await?);
        sqlx::query!("update ticket set page_since = $2 where ticket_id = any($1)", &parts, now,)
            .execute(self.0.connection())
            .await?;
        Ok(())
    }
}
