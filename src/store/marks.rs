//! The bot's reactions that stand on messages.

use super::{Result, Tx};
use crate::domain::id::{EventId, RoomId};

/// A reaction of the bot's on a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandingMark {
    /// Its key.
    pub mark: String,
    /// Its own event.
    pub event: EventId,
}

/// The bot's reactions.
pub struct Marks<'t>(pub(super) &'t mut Tx);

impl Marks<'_> {
    /// What stands on a message.
    pub async fn on(&mut self, message: &EventId) -> Result<Vec<StandingMark>> {
        let rows = sqlx::query!("select mark, event_id from mark where message_event = $1", message.as_str())
            .fetch_all(self.0.connection())
            .await?;
        let standing = |mark, event: &str| Some(StandingMark { mark, event: EventId::parse(event)? });
        Ok(rows.into_iter().filter_map(|row| standing(row.mark, &row.event_id)).collect())
    }

    /// Records that one stands there.
    pub async fn add(&mut self, room: &RoomId, message: &EventId, mark: &str, event: &EventId) -> Result<()> {
        let now = self.0.now();
        sqlx::query!(
            "insert into mark (message_event, mark, room_id, event_id, set_at) values ($1, $2, $3, $4, $5)
             on conflict (message_event, mark) do update set event_id = excluded.event_id",
            message.as_str(),
            mark,
            room.as_str(),
            event.as_str(),
            now,
        )
        .execute(self.0.connection())
        .await?;
        Ok(())
    }

    /// Records that one was taken back.
    pub async fn remove(&mut self, message: &EventId, mark: &str) -> Result<()> {
        sqlx::query!("delete from mark where message_event = $1 and mark = $2", message.as_str(), mark)
            .execute(self.0.connection())
            .await?;
        Ok(())
    }
}
