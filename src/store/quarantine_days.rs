//! The threads of the quarantine, one a queue and day.

use chrono::NaiveDate;
use uuid::Uuid;

use super::{Result, Tx};
use crate::domain::id::{EventId, QueueId};

/// A day's thread.
#[derive(Clone, Debug)]
pub struct QuarantineDay {
    /// The root's Matrix transaction id.
    pub key: Uuid,
    /// The root and the newest entry, once posted.
    pub place: Option<(EventId, EventId)>,
}

/// The threads of the quarantine, one a queue and day.
pub struct QuarantineDays<'t>(pub(super) &'t mut Tx);

impl QuarantineDays<'_> {
    /// The thread of a day.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked, or nothing was quarantined on it.
    pub async fn get(&mut self, queue: QueueId, day: NaiveDate) -> Result<QuarantineDay> {
        let row = sqlx::query!(
            "select key, root_event, last_event from quarantine_day where queue_id = $1 and day = $2",
            queue.0,
            day
        )
        .fetch_one(self.0.connection())
        .await?;
        let event = |text: Option<String>| EventId::parse(&text?);
        Ok(QuarantineDay { key: row.key, place: event(row.root_event).zip(event(row.last_event)) })
    }

    /// Records the root of a day's thread, or its newest entry.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked.
    pub async fn set(&mut self, queue: QueueId, day: NaiveDate, event: &EventId) -> Result<()> {
        sqlx::query!(
            "update quarantine_day set root_event = coalesce(root_event, $3), last_event = $3
             where queue_id = $1 and day = $2",
            queue.0,
            day,
            event.as_str(),
        )
        .execute(self.0.connection())
        .await?;
        Ok(())
    }
}
