//! Who takes part in a ticket, whom it is for, and what it has to do with others.

use chrono::{DateTime, Utc};

use super::people::Customer;
use super::tickets::Actor;
use super::{Result, Tx};
use crate::domain::id::{CustomerId, TicketId};
use crate::domain::ticket::Ticket;

impl Tx {
    /// Lets somebody take part in a ticket by mail.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked.
    pub async fn add_participant(&mut self, ticket: TicketId, customer: CustomerId) -> Result<()> {
        sqlx::query!(
            "insert into participant (ticket_id, customer_id) values ($1, $2) on conflict do nothing",
            ticket.0,
            customer.0
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Whether somebody takes part in a ticket.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked.
    pub async fn takes_part(&mut self, ticket: TicketId, customer: CustomerId) -> Result<bool> {
        Ok(sqlx::query_scalar!(
            r#"select exists (select from participant where ticket_id = $1 and customer_id = $2) as "takes_part!""#,
            ticket.0,
            customer.0,
        )
        .fetch_one(self.connection())
        .await?)
    }

    /// Everybody who takes part in a ticket.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked.
    pub async fn participants(&mut self, ticket: TicketId) -> Result<Vec<Customer>> {
        let ids = sqlx::query_scalar!("select customer_id from participant where ticket_id = $1 order by 1", ticket.0)
            .fetch_all(self.connection())
            .await?;
        let mut participants = Vec::with_capacity(ids.len());
        for id in ids {
            participants.push(self.customer(CustomerId(id)).await?);
        }
        Ok(participants)
    }

    /// Lets somebody take part no more, nor in what was merged into the ticket; `false` if they did not.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked.
    pub async fn remove_participant(&mut self, ticket: TicketId, customer: CustomerId) -> Result<bool> {
        let done = sqlx::query!(
            "with recursive part as (
                     select $1::bigint as ticket_id
                     union select ticket.ticket_id from ticket join part on ticket.merged_into = part.ticket_id
                 )
                 delete from participant using part where participant.ticket_id = part.ticket_id and customer_id = $2",
            ticket.0,
            customer.0
        )
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Who wrote the newest mail that is part of the conversation.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked.
    pub async fn last_writer(&mut self, ticket: TicketId) -> Result<Option<CustomerId>> {
        let writer = sqlx::query_scalar!(
            r#"select customer_id as "writer!" from article
               where ticket_id = $1 and kind = 'mail' and visibility = 'customer' and cancelled_at is null
                 and customer_id is not null
               order by article_id desc limit 1"#,
            ticket.0
        )
        .fetch_optional(self.connection())
        .await?;
        Ok(writer.map(CustomerId))
    }

    /// Somebody's newest mail in a ticket, what was new in it and when: to be quoted to them.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked.
    pub async fn newest_mail_of(
        &mut self,
        ticket: TicketId,
        customer: CustomerId,
    ) -> Result<Option<(String, DateTime<Utc>)>> {
        let row = sqlx::query!(
            "select text, created_at from article
             where ticket_id = $1 and customer_id = $2 and kind = 'mail' and visibility = 'customer' and cancelled_at is null
             order by article_id desc limit 1",
            ticket.0,
            customer.0
        )
        .fetch_optional(self.connection())
        .await?;
        Ok(row.map(|row| (row.text, row.created_at)))
    }

    /// Makes somebody the one whom a ticket is for: answers go there from now on.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked.
    pub async fn set_customer(&mut self, ticket: &mut Ticket, customer: &Customer, by: &Actor) -> Result<()> {
        let old = self.customer(ticket.customer).await?;
        sqlx::query!(
            "update ticket set customer_id = $2, changed_at = now() where ticket_id = $1",
            ticket.id.0,
            customer.id.0
        )
        .execute(self.connection())
        .await?;
        ticket.customer = customer.id;
        self.add_participant(ticket.id, customer.id).await?;
        self.audit(ticket.id, by, "customer", Some(old.address.as_str()), Some(customer.address.as_str())).await
    }

    /// Ties a ticket to an older one.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked.
    pub async fn link_tickets(&mut self, ticket: TicketId, older: TicketId) -> Result<()> {
        sqlx::query!(
            "insert into ticket_link (ticket_id, other_id) values ($1, $2) on conflict do nothing",
            ticket.0,
            older.0
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Whether a ticket was closed so lately that a mere thank-you opens nothing.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked.
    pub async fn is_in_grace(&mut self, ticket: TicketId) -> Result<bool> {
        Ok(sqlx::query_scalar!(
            r#"select coalesce(now() < closed_at + grace, false) as "in_grace!"
               from ticket join queue using (queue_id) where ticket_id = $1"#,
            ticket.0
        )
        .fetch_one(self.connection())
        .await?)
    }
}
