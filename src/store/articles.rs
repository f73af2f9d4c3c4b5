//! Articles.

use chrono::{DateTime, Utc};

use super::customers::Customer;
use super::intake::{Route, Shown};
pub use super::new_article::{Body, NewArticle, Origin, Source};
use super::{Result, StoreError, Tx};
use crate::domain::article::{Kind, Sender, Visibility};
use crate::domain::id::{AgentId, ArticleId, AttachmentId, CustomerId, EmailAddress, EventId, MailId, TicketId};
use crate::domain::response::Response;

/// An article as it is posted.
#[derive(Clone, Debug)]
pub struct ArticleRow {
    /// Its row.
    pub id: ArticleId,
    /// Its ticket.
    pub ticket: TicketId,
    /// Its kind.
    pub kind: Kind,
    /// Who wrote it, of the three.
    pub sender: Sender,
    /// Who may see it.
    pub visibility: Visibility,
    /// The customer who wrote it.
    pub customer: Option<CustomerId>,
    /// The mail's subject, cleaned.
    pub subject: Option<String>,
    /// What is new.
    pub text: String,
    /// The same as HTML.
    pub html: Option<String>,
    /// Whether it stands on the card.
    pub on_card: bool,
    /// Its event, once posted.
    pub event: Option<EventId>,
    /// Taken back, deleted or discarded.
    pub is_cancelled: bool,
    /// Of a mail: why it is here.
    pub rule: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
    /// When its mail says that it was written.
    pub written_at: Option<DateTime<Utc>>,
    /// Where its mail wants the answer, if not at who wrote it.
    pub reply_to: Option<EmailAddress>,
    /// Who else its mail went to.
    pub copies: Option<String>,
    /// What its mail says, if it only answers another one.
    pub response: Option<Response>,
    /// How its mail came, if it came by one. From an archive: then it calls nobody.
    pub route: Option<Route>,
}

/// Articles of tickets.
pub struct Articles<'t>(pub(super) &'t mut Tx);

impl Articles<'_> {
    /// Writes an article at the end of its ticket.
    ///
    /// # Errors
    /// A constraint if it is a note that is not internal, or its mail already is an article.
    pub async fn add(&mut self, new: &NewArticle<'_>) -> Result<ArticleId> {
        let now = self.0.now();
        let (agent, event) = match new.origin {
            Origin::Agent(agent, event) => (Some(agent), event),
            Origin::AgentsMail(agent, _) => (Some(agent), None),
            _ => (None, None),
        };
        let source = match &new.origin {
            Origin::Mail(source) => Some(source),
            _ => None,
        };
        let mail = match &new.origin {
            Origin::Report(mail) | Origin::AgentsMail(_, mail) => Some(*mail),
            _ => source.map(|source| source.mail),
        };
        let article = sqlx::query_scalar!(
            "with counted as (
                 update ticket set articles = articles + 1, changed_at = $18 where ticket_id = $1 returning articles)
             insert into article (ticket_id, seq, kind, sender, visibility, agent_id, customer_id, mail_id, text, html,
                                  whole_text, folded, on_card, event_id, subject, written_at, reply_to, copies, created_at, response)
             select $1, counted.articles, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19 from counted
             returning article_id",
            new.ticket.0,
            new.kind.name(),
            new.sender.name(),
            new.visibility.name(),
            agent.map(|agent| agent.0),
            source.map(|source| source.customer.0),
            mail.map(|mail| mail.0),
            new.body.text,
            new.body.html,
            new.body.whole_text,
            new.body.folded_lines(),
            new.on_card,
            event.map(EventId::as_str),
            source.map(|source| source.subject),
            source.and_then(|source| source.written_at),
            source.and_then(|source| source.reply_to).map(EmailAddress::as_str),
            source.and_then(|source| source.copies),
            now,
            source.and_then(|source| source.response).map(Response::name),
        )
        .fetch_one(self.0.connection())
        .await?;
        self.0.searches().put_again(ArticleId(article)).await?;
        Ok(ArticleId(article))
    }

    /// An article.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked, or there is none.
    pub async fn get(&mut self, article: ArticleId) -> Result<ArticleRow> {
        let row = sqlx::query!(
            r#"select ticket_id, kind, sender, visibility, customer_id, subject, text, html, on_card, event_id, created_at,
                    written_at, reply_to, copies, response, cancelled_at is not null as "is_cancelled!", rule as "rule?",
                    route as "route?"
             from article left join mail_in using (mail_id) where article_id = $1"#,
            article.0,
        )
        .fetch_one(self.0.connection())
        .await?;
        Ok(ArticleRow {
            id: article,
            ticket: TicketId(row.ticket_id),
            kind: kind(article, &row.kind)?,
            sender: Sender::named(&row.sender).ok_or_else(|| unsound(article, "sender"))?,
            visibility: Visibility::named(&row.visibility).ok_or_else(|| unsound(article, "visibility"))?,
            customer: row.customer_id.map(CustomerId),
            subject: row.subject,
            text: row.text,
            html: row.html,
            on_card: row.on_card,
            event: row.event_id.as_deref().and_then(EventId::parse),
            is_cancelled: row.is_cancelled,
            rule: row.rule,
            at: row.created_at,
            written_at: row.written_at,
            reply_to: row.reply_to.as_deref().and_then(EmailAddress::parse),
            copies: row.copies,
            response: row.response.as_deref().and_then(Response::named),
            route: row.route.as_deref().and_then(Route::named),
        })
    }

    /// The article that stands on a ticket's card, or would if it fitted: the first one.
    pub async fn first_of(&mut self, ticket: TicketId) -> Result<Option<ArticleId>> {
        let article =
            sqlx::query_scalar!("select article_id from article where ticket_id = $1 order by seq limit 1", ticket.0)
                .fetch_optional(self.0.connection())
                .await?;
        Ok(article.map(ArticleId))
    }

    /// Whether a ticket begins with what an agent wrote, and not with a mail that came in.
    pub async fn begins_with_agent(&mut self, ticket: TicketId) -> Result<bool> {
        let sender =
            sqlx::query_scalar!("select sender from article where ticket_id = $1 order by seq limit 1", ticket.0)
                .fetch_optional(self.0.connection())
                .await?;
        Ok(sender.as_deref() == Some(Sender::Agent.name()))
    }

    /// The article that a mail became, if it became one.
    pub async fn of_mail(&mut self, mail: MailId) -> Result<Option<ArticleId>> {
        let article =
            sqlx::query_scalar!("select article_id from article where mail_id = $1 and kind = 'mail'", mail.0)
                .fetch_optional(self.0.connection())
                .await?;
        Ok(article.map(ArticleId))
    }

    /// Somebody's newest 100 mails that stand in a ticket's thread, oldest first.
    pub async fn in_thread_of(&mut self, ticket: TicketId, writer: CustomerId) -> Result<Vec<ArticleId>> {
        let mut articles = sqlx::query_scalar!(
            "select article_id from article
             where ticket_id = $1 and customer_id = $2 and kind = 'mail' and not on_card order by seq desc limit 100",
            ticket.0,
            writer.0,
        )
        .fetch_all(self.0.connection())
        .await?;
        articles.reverse();
        Ok(articles.into_iter().map(ArticleId).collect())
    }

    /// What stands in a ticket's thread, to be shown elsewhere, too: its newest `most` articles, oldest first, each with its
    /// files; those of the card's first mail come before all. What was taken back is not among them.
    pub async fn to_be_carried(
        &mut self,
        ticket: TicketId,
        most: i64,
    ) -> Result<Vec<(ArticleId, bool, Vec<AttachmentId>)>> {
        let rows = sqlx::query!(
            r#"select article_id, on_card,
                      array(select attachment_id from attachment where attachment.article_id = article.article_id
                            order by position) as "files!"
               from (select article_id, seq, on_card from article
                     where ticket_id = $1 and cancelled_at is null and kind <> 'automatic'
                     order by seq desc limit $2) as article
               order by seq"#,
            ticket.0,
            most,
        )
        .fetch_all(self.0.connection())
        .await?;
        let files = |files: Vec<i64>| files.into_iter().map(AttachmentId).collect();
        Ok(rows.into_iter().map(|row| (ArticleId(row.article_id), row.on_card, files(row.files))).collect())
    }

    /// The texts of a ticket's newest 100 notes.
    pub async fn notes(&mut self, ticket: TicketId) -> Result<Vec<String>> {
        Ok(sqlx::query_scalar!(
            "select text from article where ticket_id = $1 and kind = 'note' and cancelled_at is null
             order by seq desc limit 100",
            ticket.0,
        )
        .fetch_all(self.0.connection())
        .await?)
    }

    /// What customers wrote in a ticket, its newest mails, oldest first: who and what.
    pub async fn written_by_customers(&mut self, ticket: TicketId, most: i64) -> Result<Vec<(String, String)>> {
        let rows = sqlx::query!(
            "select customer.name, customer.address, text from article join customer using (customer_id)
             where ticket_id = $1 and kind = 'mail' and visibility = 'customer' and cancelled_at is null
             order by seq desc limit $2",
            ticket.0,
            most,
        )
        .fetch_all(self.0.connection())
        .await?;
        let who = |name: String, address| if name.trim().is_empty() { address } else { name };
        Ok(rows.into_iter().rev().map(|row| (who(row.name, row.address), row.text)).collect())
    }

    /// Whether a mail of the customer is in the ticket, but not yet in its thread, or was not there at a given moment.
    pub async fn has_unseen_mail(&mut self, ticket: TicketId, at: Option<DateTime<Utc>>) -> Result<bool> {
        Ok(sqlx::query_scalar!(
            r#"select exists (
                   select from article where ticket_id = $1 and sender = 'customer' and visibility = 'customer'
                     and (event_id is null or shown_at > $2) and cancelled_at is null) as "unseen!""#,
            ticket.0,
            at,
        )
        .fetch_one(self.0.connection())
        .await?)
    }

    /// Records the event that shows an article, and when it was begun to be sent, if that is certain; an agent's own message stays what
    /// shows what they wrote.
    pub async fn set_event(&mut self, article: ArticleId, event: &EventId, at: Option<DateTime<Utc>>) -> Result<()> {
        sqlx::query!(
            "update article set event_id = $2, shown_at = coalesce(shown_at, $3)
             where article_id = $1 and (agent_id is null or event_id is null)",
            article.0,
            event.as_str(),
            at,
        )
        .execute(self.0.connection())
        .await?;
        Ok(())
    }

    /// Records since when articles are shown by these events, as the homeserver says: that counts, and not when it was sent.
    pub async fn set_shown(&mut self, shown: &[Shown]) -> Result<()> {
        if shown.is_empty() {
            return Ok(());
        }
        let articles: Vec<i64> = shown.iter().map(|one| one.article.0).collect();
        let events: Vec<&str> = shown.iter().map(|one| one.event.as_str()).collect();
        let moments: Vec<DateTime<Utc>> = shown.iter().map(|one| one.at).collect();
        sqlx::query!(
            "update article set shown_at = heard.at
             from unnest($1::bigint[], $2::text[], $3::timestamptz[]) as heard (article_id, event_id, at)
             where article.article_id = heard.article_id and (article.event_id is null or article.event_id = heard.event_id)",
            &articles,
            &events as _,
            &moments,
        )
        .execute(self.0.connection())
        .await?;
        Ok(())
    }

    /// Changes the text of an agent's note or of an answer that is still held.
    pub async fn set_text(&mut self, article: ArticleId, text: &str) -> Result<()> {
        sqlx::query!("update article set text = $2 where article_id = $1", article.0, text)
            .execute(self.0.connection())
            .await?;
        self.0.searches().put_again(article).await
    }

    /// Marks an answer that was taken back, or a note that its writer deleted.
    pub async fn cancel(&mut self, article: ArticleId) -> Result<()> {
        let now = self.0.now();
        sqlx::query!(
            "update article set cancelled_at = $2 where article_id = $1 and cancelled_at is null",
            article.0,
            now,
        )
        .execute(self.0.connection())
        .await?;
        Ok(())
    }

    /// Lets a held mail be part of the conversation. Where it wants its answer is forgotten: a mark that was set to let
    /// it join, or set twice, must not be taken for one that follows it.
    pub async fn show_held(&mut self, article: ArticleId) -> Result<()> {
        sqlx::query!(
            "update article set visibility = 'customer', reply_to = null where article_id = $1 and visibility = 'held'",
            article.0
        )
        .execute(self.0.connection())
        .await?;
        Ok(())
    }

    /// Makes a held mail the first article of another ticket: a copy with its files and its ids; the
    /// held one stays where it is, as decided.
    pub async fn copy_held(
        &mut self,
        held: ArticleId,
        to: TicketId,
        on_card: bool,
    ) -> Result<(ArticleId, Vec<AttachmentId>)> {
        let now = self.0.now();
        let mail = sqlx::query_scalar!(
            "update article set mail_id = null, cancelled_at = $2 where article_id = $1
             returning (select mail_id from article where article_id = $1)",
            held.0,
            now,
        )
        .fetch_one(self.0.connection())
        .await?;
        sqlx::query!("update ticket set articles = 1 where ticket_id = $1", to.0).execute(self.0.connection()).await?;
        let copy = sqlx::query_scalar!(
            "insert into article (ticket_id, seq, kind, sender, visibility, customer_id, mail_id, subject, text, html, whole_text, folded, on_card, written_at, reply_to, copies, created_at, response)
             select $2, 1, kind, sender, 'customer', customer_id, $3, subject, text, html, whole_text, folded, $4, written_at, reply_to, copies, $5, response
             from article where article_id = $1 returning article_id",
            held.0,
            to.0,
            mail,
            on_card,
            now,
        )
        .fetch_one(self.0.connection())
        .await?;
        let files = sqlx::query_scalar!(
            "insert into attachment (article_id, position, name, mime, content_id, digest, size, mail_id, place, length, encoding, media)
             select $2, position, name, mime, content_id, digest, size, mail_id, place, length, encoding, media
             from attachment where article_id = $1 order by position returning attachment_id",
            held.0,
            copy,
        )
        .fetch_all(self.0.connection())
        .await?;
        sqlx::query!(
            "update message_ref set ticket_id = $2, article_id = $3 where article_id = $1",
            held.0,
            to.0,
            copy
        )
        .execute(self.0.connection())
        .await?;
        self.0.searches().put_again(ArticleId(copy)).await?;
        Ok((ArticleId(copy), files.into_iter().map(AttachmentId).collect()))
    }

    /// The same for a mail that stays part of the conversation where it is; its original and its ids go to the copy.
    pub async fn copy_to(
        &mut self,
        mail: ArticleId,
        to: TicketId,
        on_card: bool,
    ) -> Result<(ArticleId, Vec<AttachmentId>)> {
        let copy = self.copy_held(mail, to, on_card).await?;
        sqlx::query!("update article set cancelled_at = null where article_id = $1", mail.0)
            .execute(self.0.connection())
            .await?;
        Ok(copy)
    }

    /// The agent who wrote an article.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked, or no agent wrote it.
    pub async fn author_of(&mut self, article: ArticleId) -> Result<AgentId> {
        let agent = sqlx::query_scalar!("select agent_id from article where article_id = $1", article.0)
            .fetch_one(self.0.connection())
            .await?;
        agent.map(AgentId).ok_or_else(|| unsound(article, "no agent wrote it"))
    }

    /// The article of an agent's own message.
    pub async fn of_event(&mut self, event: &EventId) -> Result<Option<(ArticleId, Kind)>> {
        let row = sqlx::query!(
            "select article_id, kind from article where event_id = $1 order by article_id limit 1",
            event.as_str()
        )
        .fetch_optional(self.0.connection())
        .await?;
        row.map(|row| Ok((ArticleId(row.article_id), kind(ArticleId(row.article_id), &row.kind)?))).transpose()
    }

    /// How many lines of an article were folded away.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked, or there is no such article.
    pub async fn folded_lines(&mut self, article: ArticleId) -> Result<i32> {
        Ok(sqlx::query_scalar!("select folded from article where article_id = $1", article.0)
            .fetch_one(self.0.connection())
            .await?)
    }
}

impl ArticleRow {
    /// Whether it came from an archive.
    #[must_use]
    pub fn is_imported(&self) -> bool {
        self.route == Some(Route::Import)
    }

    /// Whether somebody from outside wrote it, and it is part of the conversation.
    #[must_use]
    pub fn is_of_customer(&self) -> bool {
        self.kind == Kind::Mail && self.sender == Sender::Customer && self.visibility == Visibility::Customer
    }

    /// Where its mail wants the answer, if that is not where the customer's answers go.
    #[must_use]
    pub fn wanted_elsewhere(&self, customer: &Customer) -> Option<&EmailAddress> {
        self.reply_to.as_ref().filter(|wanted| wanted.key() != customer.address.key())
    }
}

fn kind(article: ArticleId, word: &str) -> Result<Kind> {
    Kind::named(word).ok_or_else(|| unsound(article, "kind"))
}

fn unsound(article: ArticleId, what: &str) -> StoreError {
    StoreError::Unsound { table: "article", row: article.to_string(), what: what.to_owned() }
}
