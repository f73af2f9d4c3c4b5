//! Mails that the desk does not have, and the tickets whose mails answer them.

use super::{Result, Tx};
use crate::domain::id::{CustomerId, MessageId, QueueId, TicketId};
use crate::domain::number::Number;

/// A ticket that has a mail which answers the same unknown one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// The ticket, which is not over.
    pub ticket: TicketId,
    /// Its number.
    pub number: Number,
    /// Whether the one who asks takes part in it.
    pub takes_part: bool,
}

/// Mails that the desk does not have.
pub struct UnknownMessages<'t>(pub(super) &'t mut Tx);

impl UnknownMessages<'_> {
    /// Records which mails a ticket's mail answers that are not here.
    pub async fn add(&mut self, ids: &[MessageId], ticket: TicketId) -> Result<()> {
        let ids: Vec<&str> = ids.iter().map(MessageId::as_str).collect();
        if ids.is_empty() {
            return Ok(());
        }
        sqlx::query!(
            "insert into unknown_message (message_id, ticket_id)
             select id, $2 from unnest($1::text[]) as it (id)
             where not exists (select from message_ref where message_id = id)
             on conflict do nothing",
            &ids as _,
            ticket.0,
        )
        .execute(self.0.connection())
        .await?;
        Ok(())
    }

    /// The newest ticket of a queue, not over, whose mails answer one of these mails; one in which somebody takes part before
    /// all others.
    pub async fn related(
        &mut self,
        ids: &[MessageId],
        queue: QueueId,
        of: CustomerId,
        except: Option<TicketId>,
    ) -> Result<Option<Related>> {
        let ids: Vec<&str> = ids.iter().map(MessageId::as_str).collect();
        if ids.is_empty() {
            return Ok(None);
        }
        let row = sqlx::query!(
            r#"select ticket_id, number,
                      coalesce((select true from participant where participant.ticket_id = ticket.ticket_id
                                  and participant.customer_id = $3), false) as "takes_part!"
               from unknown_message join ticket using (ticket_id)
               where message_id = any($1) and queue_id = $2 and ticket_id is distinct from $4
                 and state not in ('closed successful', 'closed unsuccessful', 'merged', 'removed')
               order by 3 desc, ticket_id desc limit 1"#,
            &ids as _,
            queue.0,
            of.0,
            except.map(|ticket| ticket.0),
        )
        .fetch_optional(self.0.connection())
        .await?;
        Ok(row.and_then(|row| {
            Some(Related {
                ticket: TicketId(row.ticket_id),
                number: Number::parse(&row.number)?,
                takes_part: row.takes_part,
            })
        }))
    }
}
