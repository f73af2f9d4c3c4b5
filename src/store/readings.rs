//! Articles of mails as the reader made them, for reading their mails again.

use chrono::{DateTime, Utc};

use super::articles::Body;
use super::page::Page;
use super::{Result, Store, Tx};
use crate::domain::id::{ArticleId, MailId, TicketId};
use crate::domain::number::Number;

/// What an article of a mail shows.
#[derive(Clone, Debug)]
pub struct Readable {
    /// Its ticket.
    pub ticket: TicketId,
    /// Its mail.
    pub mail: MailId,
    /// What is new in it.
    pub text: String,
    /// The same as HTML.
    pub html: Option<String>,
    /// Whether it stands wholly on the card.
    pub on_card: bool,
    /// Whether it is the ticket's first article: then the card shows it, or its beginning.
    pub is_first: bool,
}

/// The same, read again.
#[derive(Clone, Debug)]
pub struct ReadAgain<'a> {
    /// What it says.
    pub body: Body<'a>,
    /// The mail's subject, cleaned.
    pub subject: &'a str,
    /// When the mail says that it was written.
    pub written_at: Option<DateTime<Utc>>,
    /// Whether it stands wholly on the card.
    pub on_card: bool,
}

impl Store {
    /// The articles of a ticket's mails, oldest first.
    pub async fn mail_articles_of(&self, ticket: &Number) -> Result<Vec<ArticleId>> {
        let ids = sqlx::query_scalar!(
            "select article_id from article join ticket using (ticket_id) join mail_in using (mail_id)
             where kind = 'mail' and left_behind is null and number = $1 order by article_id",
            ticket.as_str(),
        )
        .fetch_all(self.pool())
        .await?;
        Ok(ids.into_iter().map(ArticleId).collect())
    }

    /// The articles of all mails, oldest first.
    pub async fn mail_articles(&self, page: Page<ArticleId>) -> Result<Vec<ArticleId>> {
        let ids = sqlx::query_scalar!(
            "select article_id from article join mail_in using (mail_id)
             where kind = 'mail' and left_behind is null and article_id > $1 order by article_id limit $2",
            page.after.map_or(0, |article| article.0),
            page.most,
        )
        .fetch_all(self.pool())
        .await?;
        Ok(ids.into_iter().map(ArticleId).collect())
    }

    /// The raw bytes of an article's mail; `None` if it has none.
    pub async fn raw_of(&self, article: ArticleId) -> Result<Option<Vec<u8>>> {
        let mail = sqlx::query_scalar!(
            r#"select mail_id as "mail!" from article where article_id = $1 and mail_id is not null"#,
            article.0
        )
        .fetch_optional(self.pool())
        .await?;
        match mail {
            Some(mail) => Ok(self.begin().await?.mails().raw(MailId(mail)).await?.map(|raw| raw.bytes)),
            None => Ok(None),
        }
    }
}

/// Articles of mails as the reader made them.
pub struct Readings<'t>(pub(super) &'t mut Tx);

impl Readings<'_> {
    /// What an article of a mail shows; `None` if it is no mail's.
    pub async fn get(&mut self, article: ArticleId) -> Result<Option<Readable>> {
        let row = sqlx::query!(
            r#"select ticket_id, mail_id as "mail!", text, html, on_card,
                      not exists (select from article as earlier where earlier.ticket_id = article.ticket_id
                                    and earlier.seq < article.seq) as "is_first!"
               from article where article_id = $1 and kind = 'mail'"#,
            article.0,
        )
        .fetch_optional(self.0.connection())
        .await?;
        Ok(row.map(|row| Readable {
            ticket: TicketId(row.ticket_id),
            mail: MailId(row.mail),
            text: row.text,
            html: row.html,
            on_card: row.on_card,
            is_first: row.is_first,
        }))
    }

    /// Writes what an article of a mail shows.
    pub async fn set(&mut self, article: ArticleId, now: &ReadAgain<'_>) -> Result<()> {
        sqlx::query!(
            "update article set text = $2, html = $3, whole_text = $4, folded = $5, subject = $6, written_at = $7, on_card = $8
             where article_id = $1",
            article.0,
            now.body.text,
            now.body.html,
            now.body.whole_text,
            now.body.folded_lines(),
            now.subject,
            now.written_at,
            now.on_card,
        )
        .execute(self.0.connection())
        .await?;
        self.0.searches().put_again(article).await
    }

    /// Forgets an article's event, which is the card's: it gets one of its own.
    pub async fn take_off_card(&mut self, article: ArticleId) -> Result<()> {
        sqlx::query!("update article set event_id = null where article_id = $1", article.0)
            .execute(self.0.connection())
            .await?;
        Ok(())
    }
}
