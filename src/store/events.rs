//! Events that came in.

use chrono::{DateTime, Utc};

use super::{Result, Tx};
use crate::domain::id::{EventId, EventRowId, UserId};

/// Events that came in.
pub struct Events<'t>(pub(super) &'t mut Tx);

impl Events<'_> {
    /// Who sent an event that we have seen.
    pub async fn sender_of(&mut self, event: &EventId) -> Result<Option<UserId>> {
        let sender = sqlx::query_scalar!("select sender from event_in where event_id = $1", event.as_str())
            .fetch_optional(self.0.connection())
            .await?;
        Ok(sender.as_deref().and_then(UserId::parse))
    }

    /// An event's room and JSON, as it came in, and when it did.
    pub async fn get(&mut self, event: EventRowId) -> Result<Option<(String, String, DateTime<Utc>)>> {
        let row = sqlx::query!("select room_id, body, received_at from event_in where event_row_id = $1", event.0)
            .fetch_optional(self.0.connection())
            .await?;
        Ok(row.map(|row| (row.room_id, row.body, row.received_at)))
    }
}
