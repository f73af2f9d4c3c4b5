//! What the record has of somebody, for whoever exports or erases it.

use chrono::{DateTime, Utc};

use super::{Result, Tx};
use crate::domain::id::{ArticleId, AttachmentId, CustomerId, EmailAddress, LetterId, MailId, TicketId};

/// What the record has of somebody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Holdings {
    /// Tickets that are theirs.
    pub tickets: i64,
    /// Articles of these, whoever wrote them.
    pub articles: i64,
    /// Tickets of others in which they wrote, or got mail.
    pub elsewhere: i64,
    /// Mails that became no article.
    pub mails: i64,
}

/// A ticket as it is exported.
#[derive(Clone, Debug)]
pub struct HeldTicket {
    /// Its number.
    pub number: String,
    /// What it is called.
    pub subject: String,
    /// Its state.
    pub state: String,
    /// Its queue.
    pub queue: String,
    /// Its tags.
    pub tags: Vec<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last closed.
    pub closed_at: Option<DateTime<Utc>>,
}

/// An article as it is exported.
#[derive(Clone, Debug)]
pub struct HeldArticle {
    /// Its row.
    pub id: i64,
    /// Its place in the ticket.
    pub seq: i32,
    /// What it is.
    pub kind: String,
    /// Which side wrote it.
    pub sender: String,
    /// When it came, or was written.
    pub created_at: DateTime<Utc>,
    /// Its mail's subject.
    pub subject: Option<String>,
    /// Its text, with what was folded away.
    pub text: String,
    /// The mail that it came in.
    pub mail_id: Option<i64>,
}

/// What the record has of somebody.
pub struct HoldingsOf<'t>(pub(super) &'t mut Tx);

impl HoldingsOf<'_> {
    /// What the record has of somebody; `None` if it does not know them.
    pub async fn count(&mut self, address: &EmailAddress) -> Result<Option<Holdings>> {
        let customer = self.0.customers().find(address).await?;
        let id = customer.map_or(0, |customer| customer.0);
        let key = address.key();
        let row = sqlx::query!(
            r#"select (select count(*) from ticket where customer_id = $1) as "tickets!",
                      (select coalesce(sum(articles), 0)::bigint from ticket where customer_id = $1) as "articles!""#,
            id
        )
        .fetch_one(self.0.connection())
        .await?;
        let (mut elsewhere, mut after) = (0, 0);
        let all = LetterId(i64::MAX);
        while let Some(ticket) = self.next_elsewhere(CustomerId(id), address, all, after).await? {
            (elsewhere, after) = (elsewhere + 1, ticket.0);
        }
        let mails = sqlx::query_scalar!(
            r#"select (select count(*) from mail_in where lower(envelope_from) = $1 and fate not in ('waiting', 'article'))
                      + (select count(*) from quarantine where lower(sender) = $1) as "mails!""#,
            key
        )
        .fetch_one(self.0.connection())
        .await?;
        let holdings = Holdings { tickets: row.tickets, articles: row.articles, elsewhere, mails };
        Ok((customer.is_some() || holdings != Holdings::default()).then_some(holdings))
    }

    /// The next of somebody's tickets behind one.
    pub async fn next_ticket(&mut self, customer: CustomerId, after: i64) -> Result<Option<TicketId>> {
        let ticket = sqlx::query_scalar!(
            "select min(ticket_id) from ticket where customer_id = $1 and ticket_id > $2",
            customer.0,
            after
        );
        Ok(ticket.fetch_one(self.0.connection()).await?.map(TicketId))
    }

    /// The next of others' tickets behind one in which somebody wrote, or takes part, or got mail.
    pub async fn next_elsewhere(
        &mut self,
        customer: CustomerId,
        address: &EmailAddress,
        last_letter: LetterId,
        after: i64,
    ) -> Result<Option<TicketId>> {
        let ticket = sqlx::query_scalar!(
            "select min(ticket_id) from (
                 select ticket_id from participant where customer_id = $1
                 union all select ticket_id from article where customer_id = $1 and kind = 'mail'
                 union all select ticket_id from letter where lower(recipient) = $2 and letter_id <= $4) as it
             where ticket_id > $3 and (select customer_id from ticket where ticket.ticket_id = it.ticket_id) <> $1",
            customer.0,
            address.key(),
            after,
            last_letter.0,
        );
        Ok(ticket.fetch_one(self.0.connection()).await?.map(TicketId))
    }

    /// A ticket.
    pub async fn ticket(&mut self, ticket: TicketId) -> Result<HeldTicket> {
        Ok(sqlx::query_as!(
            HeldTicket,
            "select number, subject, state, name as queue, tags, ticket.created_at, closed_at
             from ticket join queue using (queue_id) where ticket_id = $1",
            ticket.0,
        )
        .fetch_one(self.0.connection())
        .await?)
    }

    /// What somebody wrote and got in a ticket; with `has_notes`, also what agents wrote about it among themselves.
    pub async fn articles(
        &mut self,
        ticket: TicketId,
        customer: CustomerId,
        address: &EmailAddress,
        has_notes: bool,
    ) -> Result<Vec<HeldArticle>> {
        Ok(sqlx::query_as!(
            HeldArticle,
            r#"select article_id as id, seq, kind, sender, created_at, subject, coalesce(whole_text, text) as "text!", mail_id
               from article
               where ticket_id = $1 and cancelled_at is null and (
                   customer_id = $2 or $4 and kind = 'note' or kind <> 'forward' and (
                       select count(*) from letter
                       where letter.article_id = article.article_id and lower(recipient) = $3
                         and letter.state <> 'cancelled') > 0)
               order by seq"#,
            ticket.0,
            customer.0,
            address.key(),
            has_notes,
        )
        .fetch_all(self.0.connection())
        .await?)
    }

    /// The files of an article, in their order.
    pub async fn files(&mut self, article: ArticleId) -> Result<Vec<AttachmentId>> {
        let files = sqlx::query_scalar!(
            "select attachment_id from attachment where article_id = $1 order by position",
            article.0
        );
        Ok(files.fetch_all(self.0.connection()).await?.into_iter().map(AttachmentId).collect())
    }

    /// The mails from an address that stand in quarantine, or did and became no article; the bytes of others are their articles'.
    pub async fn quarantined(&mut self, address: &EmailAddress) -> Result<Vec<MailId>> {
        let mails = sqlx::query_scalar!(
            r#"select mail_in.mail_id as "mail_id!" from quarantine join mail_in using (quarantine_id)
               where lower(sender) = $1 and fate = 'quarantined' and erased_at is null order by 1"#,
            address.key(),
        );
        Ok(mails.fetch_all(self.0.connection()).await?.into_iter().map(MailId).collect())
    }
}
