//! The threads of the quarantine, one a queue and day.

use chrono::NaiveDate;
use uuid::Uuid;

use super::{Result, Tx};
use crate::domain::id::{EventId, QuarantineDayId, QueueId};

/// A day's thread.
#[derive(Clone, Debug)]
pub struct QuarantineDay {
    /// Its row.
    pub id: QuarantineDayId,
    /// The root's Matrix transaction id.
    pub key: Uuid,
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
            "select quarantine_day_id, key from quarantine_day where queue_id = $1 and day = $2",
            queue.0,
            day
        )
        .fetch_one(self.0.connection())
        .await?;
        Ok(QuarantineDay { id: QuarantineDayId(row.quarantine_day_id), key: row.key })
    }

    /// The queue and the day whose thread begins with an event.
    pub async fn of_event(&mut self, event: &EventId) -> Result<Option<(QueueId, NaiveDate)>> {
        let row = sqlx::query!(
            "select queue_id, day from quarantine_day where quarantine_day_id = (
                 select subject_id from projection where event_id = $1 and purpose = 'quarantine day')",
            event.as_str()
        )
        .fetch_optional(self.0.connection())
        .await?;
        Ok(row.map(|row| (QueueId(row.queue_id), row.day)))
    }
}
