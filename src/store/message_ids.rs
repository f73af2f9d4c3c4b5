//! Message-IDs, and the tickets that they lead to.

use super::customers::Customer;
use super::{Result, Tx};
use crate::domain::id::{ArticleId, CustomerId, MessageId, QueueId, TicketId};

/// Message-IDs and the tickets that they lead to.
pub struct MessageIds<'t>(pub(super) &'t mut Tx);

impl MessageIds<'_> {
    /// Records a mail's id, so that answers to it find its ticket.
    pub async fn add(&mut self, id: &MessageId, ticket: TicketId, article: ArticleId) -> Result<()> {
        sqlx::query!(
            "insert into message_ref (message_id, ticket_id, article_id) values ($1, $2, $3) on conflict do nothing",
            id.as_str(),
            ticket.0,
            article.0,
        )
        .execute(self.0.connection())
        .await?;
        Ok(())
    }

    /// The ticket of the first of these ids that we know, in their order; one that somebody takes part in
    /// before all others. Of several mails under one id the first counts: an id that was used again takes
    /// nobody's answers away (R5).
    pub async fn ticket_of(&mut self, ids: &[MessageId], of: Option<CustomerId>) -> Result<Option<TicketId>> {
        let ids: Vec<String> = ids.iter().map(|id| id.as_str().to_owned()).collect();
        if ids.is_empty() {
            return Ok(None);
        }
        // No exists: PostgreSQL would gather all tickets of that customer for it, of whom it knows only that most have few.
        let ticket = sqlx::query_scalar!(
            "select ticket_id from message_ref where message_id = any($1)
             order by (select true from participant where participant.ticket_id = message_ref.ticket_id
                         and customer_id = $2) nulls last,
                      array_position($1::text[], message_id), article_id limit 1",
            &ids,
            of.map(|customer| customer.0),
        )
        .fetch_optional(self.0.connection())
        .await?;
        Ok(ticket.map(TicketId))
    }

    /// The ticket that a mail with these ids belongs to, if the first of them that we know is of what was forwarded, or of an
    /// answer to that: then whatever goes on from it is internal, too, whoever wrote it.
    pub async fn forward_of(&mut self, ids: &[MessageId]) -> Result<Option<TicketId>> {
        let ids: Vec<String> = ids.iter().map(|id| id.as_str().to_owned()).collect();
        if ids.is_empty() {
            return Ok(None);
        }
        let first = sqlx::query!(
            r#"select message_ref.ticket_id, kind in ('forward', 'mail') and visibility = 'internal' as "is_internal!"
               from message_ref join article using (article_id) where message_id = any($1)
               order by array_position($1::text[], message_id), article_id limit 1"#,
            &ids,
        )
        .fetch_optional(self.0.connection())
        .await?;
        Ok(first.filter(|first| first.is_internal).map(|first| TicketId(first.ticket_id)))
    }

    /// The newest ticket of a queue that has come of a mail that another ticket has come of, too, and in which somebody takes
    /// part.
    pub async fn sibling(&mut self, ticket: TicketId, queue: QueueId, of: CustomerId) -> Result<Option<TicketId>> {
        let sibling = sqlx::query_scalar!(
            "select other.ticket_id from message_ref as its
                 join message_ref as other using (message_id)
                 join ticket on ticket.ticket_id = other.ticket_id
                 join participant on participant.ticket_id = other.ticket_id and participant.customer_id = $3
             where its.ticket_id = $1 and ticket.queue_id = $2 and ticket.state not in ('merged', 'removed')
             order by other.article_id desc limit 1",
            ticket.0,
            queue.0,
            of.0,
        )
        .fetch_optional(self.0.connection())
        .await?;
        Ok(sibling.map(TicketId))
    }

    /// The ticket that was made of a mail's header while the mail itself was too large to be taken.
    pub async fn ticket_of_header(&mut self, queue: QueueId, id: &MessageId) -> Result<Option<TicketId>> {
        let ticket = sqlx::query_scalar!(
            "select article.ticket_id from message_ref join article using (article_id) join mail_in using (mail_id)
             where message_id = $2 and queue_id = $1 and left_behind is not null
             order by article_id limit 1",
            queue.0,
            id.as_str(),
        )
        .fetch_optional(self.0.connection())
        .await?;
        Ok(ticket.map(TicketId))
    }

    /// The ids of the newest mails in a ticket that a customer wrote or got, newest first, and whether they wrote it: what an
    /// answer to them refers to. Others' mails are none of their business (R50). What an archive has of the desk's own
    /// counts as got.
    pub async fn conversation(
        &mut self,
        ticket: TicketId,
        with: &Customer,
        most: i64,
    ) -> Result<Vec<(MessageId, bool)>> {
        let rows = sqlx::query!(
            r#"select message_id, article.sender = 'customer' as "from_customer!" from message_ref join article using (article_id)
               where message_ref.ticket_id = $1 and visibility = 'customer' and cancelled_at is null
                 and (article.customer_id = $3 or (article.kind = 'mail' and article.sender <> 'customer')
                      or exists (select from letter where letter.article_id = message_ref.article_id
                                   and letter.message_id = message_ref.message_id and lower(letter.recipient) = $4))
               order by message_ref.article_id desc limit $2"#,
            ticket.0,
            most,
            with.id.0,
            with.address.key(),
        )
        .fetch_all(self.0.connection())
        .await?;
        Ok(rows.into_iter().filter_map(|row| Some((MessageId::parse(&row.message_id)?, row.from_customer))).collect())
    }
}
