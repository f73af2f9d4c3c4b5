//! Mails that became no article: kept, shown, counted.

use serde_json::Value;

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
}

impl Tx {
    /// Puts a mail into quarantine. One with the same reason in the same queue within the last
    /// minute takes it in, so that a burst is one entry with a count.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked.
    pub async fn quarantine(
        &mut self,
        queue: QueueId,
        mail: MailId,
        reason: &str,
        may_collapse: bool,
    ) -> Result<QuarantineId> {
        self.set_fate(mail, "quarantined").await?;
        if may_collapse {
            let entry = sqlx::query_scalar!(
                "update quarantine set count = count + 1 where quarantine_id = (
                     select max(quarantine_id) from quarantine
                     where queue_id = $1 and reason = $2 and created_at > now() - interval '1 minute')
                 returning quarantine_id",
                queue.0,
                reason,
            )
            .fetch_optional(self.connection())
            .await?;
            if let Some(entry) = entry {
                return Ok(QuarantineId(entry));
            }
        }
        let entry = sqlx::query_scalar!(
            "insert into quarantine (queue_id, mail_id, reason) values ($1, $2, $3) returning quarantine_id",
            queue.0,
            mail.0,
            reason,
        )
        .fetch_one(self.connection())
        .await?;
        Ok(QuarantineId(entry))
    }

    /// A quarantine entry with its first mail.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked, or there is none.
    pub async fn quarantined(&mut self, entry: QuarantineId) -> Result<QuarantineRow> {
        let row = sqlx::query!(
            "select quarantine.queue_id, reason, count, event_id, media, raw from quarantine join mail_in using (mail_id)
             where quarantine_id = $1",
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
