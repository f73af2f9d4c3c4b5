//! What there is once in a desk.

use super::{Result, Tx};
use crate::domain::id::RoomId;
use crate::domain::token::Keys;

/// What there is once in a desk.
pub struct DeskRecord<'t>(pub(super) &'t mut Tx);

impl DeskRecord<'_> {
    /// The signing keys, the newest last.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked.
    pub async fn keys(&mut self) -> Result<Keys> {
        let rows = sqlx::query!("select version, key from signing_key order by version")
            .fetch_all(self.0.connection())
            .await?;
        Ok(Keys::new(rows.into_iter().filter_map(|row| Some((u8::try_from(row.version).ok()?, row.key))).collect()))
    }

    /// The Space, once made.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked.
    pub async fn space(&mut self) -> Result<Option<RoomId>> {
        let room = sqlx::query_scalar!("select space_room_id from desk").fetch_one(self.0.connection()).await?;
        Ok(room.as_deref().and_then(RoomId::parse))
    }

    /// Records the Space.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked.
    pub async fn set_space(&mut self, room: &RoomId) -> Result<()> {
        sqlx::query!("update desk set space_room_id = $1", room.as_str()).execute(self.0.connection()).await?;
        Ok(())
    }
}
