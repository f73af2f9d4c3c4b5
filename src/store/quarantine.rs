//! Mails that became no article: kept, shown, counted.

use std::time::Duration;

use serde_json::Value;

use super::intake::Route;
use super::{Result, Tx};
use crate::domain::id::{EventId, MailId, QuarantineId, QueueId};

/// A quarantine entry.
#[derive(Clone, Debug)]
pub struct QuarantineRow {
    /// Its row.
    pub id: QuarantineId,
    /// Its queue.
    pub queue: QueueId,
    /// Why.
    pub reason: String,
    /// How many mails stand behind it.
    pub count: i64,
    /// The entry in the room, once posted.
    pub event: Option<EventId>,
    /// The raw mail, once uploaded.
    pub media: Option<Value>,
    /// The raw mail.
    pub raw: Vec<u8>,
    /// Whether it came from an archive: then it calls nobody.
    pub is_imported: bool,
}

impl Tx {
    /// Puts a mail into quarantine. An entry of the same queue and reason that is not older than `within`
    /// takes it in, so that a burst is one entry with a count. Returns the entry and its count.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked.
    pub async fn quarantine(
        &mut self,
        queue: QueueId,
        mail: MailId,
        reason: &str,
        within: Duration,
    ) -> Result<(QuarantineId, i64)> {
        let open = if within.is_zero() { None } else { self.count_up(queue, reason, within).await? };
        let (entry, count) = if let Some(open) = open {
            open
        } else {
            let entry = sqlx::query_scalar!(
                "insert into quarantine (queue_id, mail_id, reason) values ($1, $2, $3) returning quarantine_id",
                queue.0,
                mail.0,
                reason,
            )
            .fetch_one(self.connection())
            .await?;
            (entry, 1)
        };
        sqlx::query!("update mail_in set fate = 'quarantined', quarantine_id = $2 where mail_id = $1", mail.0, entry)
            .execute(self.connection())
            .await?;
        Ok((QuarantineId(entry), count))
    }

    /// Counts one more in the newest entry of that queue and reason, if it is not too old.
    async fn count_up(&mut self, queue: QueueId, reason: &str, within: Duration) -> Result<Option<(i64, i64)>> {
        // Two that come at the same moment must not both find none.
        sqlx::query!("select pg_advisory_xact_lock(hashtextextended($1, $2))", reason, queue.0)
            .execute(self.connection())
            .await?;
        let row = sqlx::query!(
            "update quarantine set count = count + 1 where quarantine_id = (
                 select max(quarantine_id) from quarantine
                 where queue_id = $1 and reason = $2 and created_at > now() - make_interval(secs => $3))
             returning quarantine_id, count",
            queue.0,
            reason,
            within.as_secs_f64(),
        )
        .fetch_optional(self.connection())
        .await?;
        Ok(row.map(|row| (row.quarantine_id, row.count)))
    }

    /// A quarantine entry with its first mail.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked, or there is none.
    pub async fn quarantined(&mut self, entry: QuarantineId) -> Result<QuarantineRow> {
        let row = sqlx::query!(
            "select quarantine.queue_id, reason, count, event_id, media, raw, route
             from quarantine join mail_in using (mail_id) where quarantine.quarantine_id = $1",
            entry.0,
        )
        .fetch_one(self.connection())
        .await?;
        Ok(QuarantineRow {
            id: entry,
            queue: QueueId(row.queue_id),
            reason: row.reason,
            count: row.count,
            event: row.event_id.as_deref().and_then(EventId::parse),
            media: row.media,
            raw: row.raw,
            is_imported: row.route == Route::Import.name(),
        })
    }

    /// Records a quarantine entry's event.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked.
    pub async fn set_quarantine_event(&mut self, entry: QuarantineId, event: &EventId) -> Result<()> {
        sqlx::query!("update quarantine set event_id = $2 where quarantine_id = $1", entry.0, event.as_str())
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// Records where the homeserver keeps a quarantined mail.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked.
    pub async fn set_quarantine_media(&mut self, entry: QuarantineId, media: &Value) -> Result<()> {
        sqlx::query!("update quarantine set media = $2 where quarantine_id = $1", entry.0, media)
            .execute(self.connection())
            .await?;
        Ok(())
    }
}
