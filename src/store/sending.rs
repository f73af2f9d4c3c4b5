//! Whether anything is sent: a record that comes from a backup has mails to send that were sent long ago.

use chrono::{DateTime, Utc};

use super::{Result, Store, Tx};
use crate::domain::id::LetterId;

/// A mail that would be sent.
#[derive(Clone, Debug)]
pub struct Unsent {
    /// It.
    pub letter: LetterId,
    /// To whom.
    pub recipient: String,
    /// The ticket's number and subject.
    pub ticket: String,
    /// When it was written.
    pub written_at: DateTime<Utc>,
}

/// Whether anything is sent.
pub struct Sending<'t>(pub(super) &'t mut Tx);

impl Sending<'_> {
    /// Since when nothing is sent; `None`: it is.
    pub async fn paused_at(&mut self) -> Result<Option<DateTime<Utc>>> {
        Ok(sqlx::query_scalar!("select paused_at from desk").fetch_one(self.0.connection()).await?)
    }

    /// Stops sending, or goes on. Says whether that is another state than before.
    pub async fn set_paused(&mut self, is_paused: bool) -> Result<bool> {
        let now = is_paused.then(|| self.0.now());
        let done =
            sqlx::query!("update desk set paused_at = $1 where (paused_at is null) <> ($1::timestamptz is null)", now,)
                .execute(self.0.connection())
                .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Looks whether the record is in another PostgreSQL, or in another database of it, than when a desk began to work on it last: then it
    /// comes from a backup. Sending is paused from here on in that case, and says so once.
    pub async fn look_where_it_is(&mut self) -> Result<bool> {
        let now = self.0.now();
        let moved = sqlx::query_scalar!(
            r#"with here as (
                   select (select system_identifier from pg_control_system()) || '/' || oid as place
                   from pg_database where datname = current_database()
               ), before as (select place from desk for update)
               update desk set place = here.place,
                               paused_at = case when before.place <> here.place then coalesce(paused_at, $1) else paused_at end
               from here, before where before.place is distinct from here.place
               returning before.place is not null as "moved!""#,
            now,
        )
        .fetch_optional(self.0.connection())
        .await?;
        Ok(moved.unwrap_or(false))
    }

    /// The first `most` mails to customers that would be sent, and how many jobs of mail and webhooks there are.
    pub async fn unsent(&mut self, most: i64) -> Result<(Vec<Unsent>, i64)> {
        let letters = sqlx::query!(
            r#"select letter_id, letter.recipient, number || ' ' || ticket.subject as "ticket!", letter.created_at
               from job join lane using (lane_id) join letter on letter_id = (payload ->> 'letter')::bigint
                   join ticket on ticket.ticket_id = letter.ticket_id
               where lane.class = 'mail' and job.kind = 'Letter' order by letter_id limit $1"#,
            most,
        )
        .fetch_all(self.0.connection())
        .await?;
        let all = sqlx::query_scalar!(
            r#"select count(*) as "all!" from job join lane using (lane_id) where class in ('mail', 'webhook')"#
        )
        .fetch_one(self.0.connection())
        .await?;
        let unsent = letters.into_iter().map(|row| Unsent {
            letter: LetterId(row.letter_id),
            recipient: row.recipient,
            ticket: row.ticket,
            written_at: row.created_at,
        });
        Ok((unsent.collect(), all))
    }
}

impl Store {
    /// Whether nothing is to be sent.
    pub async fn is_sending_paused(&self) -> Result<bool> {
        Ok(sqlx::query_scalar!(r#"select paused_at is not null as "paused!" from desk"#)
            .fetch_one(self.quick())
            .await?)
    }
}
