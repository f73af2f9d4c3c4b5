//! Mails that lead customers to a list of their tickets, and that list.

use chrono::{DateTime, TimeDelta, Utc};

use super::customers::Customer;
use super::jobs::PageMail;
use super::{Result, StoreError, Tx};
use crate::domain::id::{CustomerId, EmailAddress, LetterId, PageMailId, QueueId, TicketId};
use crate::domain::number::Number;

/// So long a row is kept: its link is dead by then, and so is its job.
const KEPT: TimeDelta = TimeDelta::days(2);
/// How many old rows go with each new one: more than come.
const TIDIED: i64 = 20;

/// A mail with a link, as its link names it.
#[derive(Clone, Debug)]
pub struct PageMailRow {
    /// Whom it went to.
    pub customer: Customer,
    /// The queue in whose name it was written.
    pub queue: QueueId,
    /// When.
    pub written_at: DateTime<Utc>,
}

/// A ticket in which a customer takes part.
#[derive(Clone, Debug)]
pub struct OwnTicket {
    /// The ticket as they know it; it may be merged into another one.
    pub ticket: TicketId,
    /// Its number.
    pub number: Number,
    /// Its subject.
    pub subject: String,
    /// The newest letter to them whose link may be good.
    pub letter: Option<LetterId>,
}

/// Mails with links to customers.
pub struct PageMails<'t>(pub(super) &'t mut Tx);

impl PageMails<'_> {
    /// Takes the next mail's id.
    pub async fn next_id(&mut self) -> Result<PageMailId> {
        let id = sqlx::query_scalar!(r#"select nextval(pg_get_serial_sequence('page_mail', 'page_mail_id')) as "id!""#)
            .fetch_one(self.0.connection())
            .await?;
        Ok(PageMailId(id))
    }

    /// How many such mails a customer got since a moment.
    pub async fn count_since(&mut self, customer: CustomerId, since: DateTime<Utc>) -> Result<i64> {
        Ok(sqlx::query_scalar!(
            r#"select count(*) as "count!" from page_mail where customer_id = $1 and created_at > $2"#,
            customer.0,
            since,
        )
        .fetch_one(self.0.connection())
        .await?)
    }

    /// Writes a mail and the job that sends it, and lets go of what nobody can use any more.
    pub async fn add(&mut self, id: PageMailId, (customer, queue): (CustomerId, QueueId), bytes: &[u8]) -> Result<()> {
        let now = self.0.now();
        sqlx::query!(
            "delete from page_mail where page_mail_id = any(array(
                 select page_mail_id from page_mail where created_at < $1 order by created_at limit $2))",
            now - KEPT,
            TIDIED,
        )
        .execute(self.0.connection())
        .await?;
        sqlx::query!(
            "insert into page_mail (page_mail_id, customer_id, queue_id, bytes, created_at)
             overriding system value values ($1, $2, $3, $4, $5)",
            id.0,
            customer.0,
            queue.0,
            bytes,
            now,
        )
        .execute(self.0.connection())
        .await?;
        self.0.enqueue(PageMail { mail: id, customer });
        Ok(())
    }

    /// A mail, if there is (still) one of that id.
    pub async fn get(&mut self, mail: PageMailId) -> Result<Option<PageMailRow>> {
        let row = sqlx::query!(
            "select customer_id, address, name, queue_id, page_mail.created_at
             from page_mail join customer using (customer_id) where page_mail_id = $1",
            mail.0,
        )
        .fetch_optional(self.0.connection())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let unsound =
            || StoreError::Unsound { table: "customer", row: row.customer_id.to_string(), what: "address".to_owned() };
        let address = EmailAddress::parse(&row.address).ok_or_else(unsound)?;
        Ok(Some(PageMailRow {
            customer: Customer { id: CustomerId(row.customer_id), address, name: row.name },
            queue: QueueId(row.queue_id),
            written_at: row.created_at,
        }))
    }

    /// The newest tickets in which a customer takes part, the newest first, of queues that have pages. A letter is named only
    /// if its link was not taken back.
    pub async fn tickets_of(&mut self, customer: &Customer, most: i64) -> Result<Vec<OwnTicket>> {
        let rows = sqlx::query!(
            r#"select ticket.ticket_id, ticket.number, ticket.subject,
                      (select max(letter_id) from letter
                       where letter.ticket_id = ticket.ticket_id and lower(recipient) = lower($2) and forward is null
                         and letter.state <> 'cancelled'
                         and (ticket.page_since is null or letter.created_at > ticket.page_since)) as letter_id
               from participant join ticket using (ticket_id) join queue using (queue_id)
               where participant.customer_id = $1 and queue.page and ticket.state <> 'removed'
               order by participant.ticket_id desc limit $3"#,
            customer.id.0,
            customer.address.as_str(),
            most,
        )
        .fetch_all(self.0.connection())
        .await?;
        let own = |(ticket, number, subject, letter): (i64, String, String, Option<i64>)| {
            let unsound =
                || StoreError::Unsound { table: "ticket", row: ticket.to_string(), what: "number".to_owned() };
            let number = Number::parse(&number).ok_or_else(unsound)?;
            Ok(OwnTicket { ticket: TicketId(ticket), number, subject, letter: letter.map(LetterId) })
        };
        rows.into_iter().map(|row| own((row.ticket_id, row.number, row.subject, row.letter_id))).collect()
    }
}
