//! What is pinned in a room.

use super::Projection;
use crate::desk::failure::Outcome;
use crate::desk::seams::Fault;
use crate::domain::id::RoomId;

impl Projection<'_> {
    /// Pins in a room what the record wants pinned there, and nothing else.
    pub(super) async fn pins(&self, room: &RoomId) -> Outcome {
        let mut tx = self.store.begin().await?;
        let pins = tx.projections().pinned(room).await?;
        drop(tx);
        match self.chat.pin(room, &pins).await {
            // We may not, as in a direct room that somebody else made: it stands there all the same.
            Err(Fault::Never { why }) => tracing::warn!(%room, why, "what should be pinned could not be"),
            done => done?,
        }
        self.done().await
    }
}
