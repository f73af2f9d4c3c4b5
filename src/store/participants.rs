//! Who takes part in a ticket by mail.

use chrono::{DateTime, Utc};

use super::customers::Customer;
use super::{Result, Tx};
use crate::domain::id::{CustomerId, TicketId};

/// Who takes part in tickets by mail.
pub struct Participants<'t>(pub(super) &'t mut Tx);

impl Participants<'_> {
    /// Lets somebody take part in a ticket by mail.
    pub async fn add(&mut self, ticket: TicketId, customer: CustomerId) -> Result<()> {
        sqlx::query!(
            "insert into participant (ticket_id, customer_id) values ($1, $2) on conflict do nothing",
            ticket.0,
            customer.0
        )
        .execute(self.0.connection())
        .await?;
        Ok(())
    }

    /// Whether somebody takes part in a ticket.
    pub async fn contains(&mut self, ticket: TicketId, customer: CustomerId) -> Result<bool> {
        Ok(sqlx::query_scalar!(
            r#"select exists (select from participant where ticket_id = $1 and customer_id = $2) as "takes_part!""#,
            ticket.0,
            customer.0,
        )
        .fetch_one(self.0.connection())
        .await?)
    }

    /// Everybody who takes part in a ticket.
    pub async fn of(&mut self, ticket: TicketId) -> Result<Vec<Customer>> {
        let ids = sqlx::query_scalar!("select customer_id from participant where ticket_id = $1 order by 1", ticket.0)
            .fetch_all(self.0.connection())
            .await?;
        let mut participants = Vec::with_capacity(ids.len());
        for id in ids {
            participants.push(self.0.customers().get(CustomerId(id)).await?);
        }
        Ok(participants)
    }

    /// Lets somebody take part no more, nor in what was merged into the ticket; `false` if they did not.
    pub async fn remove(&mut self, ticket: TicketId, customer: CustomerId) -> Result<bool> {
        let parts = self.0.merges().parts(ticket).await?;
        let done =
            sqlx::query!("delete from participant where ticket_id = any($1) and customer_id = $2", &parts, customer.0)
                .execute(self.0.connection())
                .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Who wrote the newest mail that is part of the conversation.
    pub async fn last_writer(&mut self, ticket: TicketId) -> Result<Option<CustomerId>> {
        let writer = sqlx::query_scalar!(
            r#"select customer_id as "writer!" from article
               where ticket_id = $1 and kind = 'mail' and visibility = 'customer' and cancelled_at is null and response is null
                 and customer_id is not null
               order by seq desc limit 1"#,
            ticket.0
        )
        .fetch_optional(self.0.connection())
        .await?;
        Ok(writer.map(CustomerId))
    }

    /// Somebody's newest mail in a ticket, what was new in it and when: to be quoted to them.
    pub async fn newest_mail_of(
        &mut self,
        ticket: TicketId,
        customer: CustomerId,
    ) -> Result<Option<(String, DateTime<Utc>)>> {
        let row = sqlx::query!(
            "select text, created_at from article
             where ticket_id = $1 and customer_id = $2 and kind = 'mail' and visibility = 'customer' and cancelled_at is null
               and response is null
             order by seq desc limit 1",
            ticket.0,
            customer.0
        )
        .fetch_optional(self.0.connection())
        .await?;
        Ok(row.map(|row| (row.text, row.created_at)))
    }
}
