//! What the desk has pinned in rooms, apart from what people have.

use super::{Result, Tx};
use crate::domain::id::{EventId, RoomId};

/// What the desk has pinned.
pub struct Pinned<'t>(pub(super) &'t mut Tx);

impl Pinned<'_> {
    /// What the desk has pinned in a room, as far as it knows: somebody may have unpinned it since.
    pub async fn of(&mut self, room: &RoomId) -> Result<Vec<EventId>> {
        let events =
            sqlx::query_scalar!("select event_id from pin where room_id = $1 order by event_id", room.as_str())
                .fetch_all(self.0.connection())
                .await?;
        Ok(events.iter().filter_map(|event| EventId::parse(event)).collect())
    }

    /// Records what the desk has pinned in a room, and nothing else.
    pub async fn set(&mut self, room: &RoomId, events: &[EventId]) -> Result<()> {
        let events: Vec<String> = events.iter().map(|event| event.as_str().to_owned()).collect();
        sqlx::query!("delete from pin where room_id = $1 and event_id <> all($2)", room.as_str(), &events)
            .execute(self.0.connection())
            .await?;
        sqlx::query!(
            "insert into pin (room_id, event_id) select $1, unnest($2::text[]) on conflict do nothing",
            room.as_str(),
            &events
        )
        .execute(self.0.connection())
        .await?;
        Ok(())
    }
}
