//! How many articles came lately: what bursts are bounded by.

use chrono::{DateTime, TimeDelta, Utc};

use super::articles::Articles;
use super::{Result, Tx};
use crate::domain::id::{CustomerId, TicketId};

/// How many mails came within the last hour, counted no further than was asked for. An archive's count as what they are:
/// written long ago.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lately {
    /// To the ticket.
    pub in_ticket: i64,
    /// To all tickets.
    pub in_all: i64,
}

impl Articles<'_> {
    /// The mails that somebody wrote.
    pub async fn mails_lately(&mut self, ticket: TicketId, writer: CustomerId, most: i64) -> Result<Lately> {
        let since = an_hour_ago(self.0);
        let row = sqlx::query!(
            r#"select count(*) filter (where ticket_id = $1) as "in_ticket!", count(*) as "in_all!" from (
                   select ticket_id from article
                   where customer_id = $2 and kind = 'mail' and created_at > $3
                   order by created_at desc limit $4) as lately"#,
            ticket.0,
            writer.0,
            since,
            most,
        )
        .fetch_one(self.0.connection())
        .await?;
        Ok(Lately { in_ticket: row.in_ticket, in_all: row.in_all })
    }

    /// The mails of people who take no part: to a ticket those that are held and those that are shown; to all tickets
    /// those that are held, since the others have a mail of ours.
    pub async fn strange_mails_lately(&mut self, ticket: TicketId, most: i64) -> Result<Lately> {
        let since = an_hour_ago(self.0);
        let row = sqlx::query!(
            r#"select (select count(*) from (
                           select from article
                           where ticket_id = $1 and kind = 'mail' and created_at > $2
                             and not exists (
                                 select from participant
                                 where participant.ticket_id = $1 and participant.customer_id = article.customer_id)
                           limit $3) as here) as "in_ticket!",
                      (select count(*) from (
                           select from article where visibility = 'held' and created_at > $2 limit $3) as everywhere) as "in_all!""#,
            ticket.0,
            since,
            most,
        )
        .fetch_one(self.0.connection())
        .await?;
        Ok(Lately { in_ticket: row.in_ticket, in_all: row.in_all })
    }

    /// The delivery reports to a ticket.
    pub async fn reports_lately(&mut self, ticket: TicketId, most: i64) -> Result<i64> {
        let since = an_hour_ago(self.0);
        Ok(sqlx::query_scalar!(
            r#"select count(*) as "count!" from (
                   select from article where ticket_id = $1 and kind = 'bounce' and created_at > $2 limit $3) as lately"#,
            ticket.0,
            since,
            most,
        )
        .fetch_one(self.0.connection())
        .await?)
    }
}

fn an_hour_ago(tx: &Tx) -> DateTime<Utc> {
    tx.now() - TimeDelta::hours(1)
}
