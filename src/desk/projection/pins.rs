//! What is pinned in a room.

use super::Projection;
use crate::desk::failure::Outcome;
use crate::desk::seams::Fault;
use crate::domain::id::{EventId, RoomId};

impl Projection<'_> {
    /// Pins in a room what the record wants pinned there, takes back what the desk pinned before, and leaves what people
    /// have pinned. A room in which all that is so already gets no event.
    pub(super) async fn pins(&self, room: &RoomId) -> Outcome {
        let mut tx = self.store.begin().await?;
        let wanted = tx.projections().to_be_pinned(room).await?;
        let ours = tx.pinned().of(room).await?;
        drop(tx);
        match self.pin(room, &wanted, &ours).await {
            // We may not, as in a direct room that somebody else made: it stands there all the same.
            Err(Fault::Never { why }) => {
                tracing::warn!(%room, why, "what should be pinned could not be");
                return self.done().await;
            }
            done => done?,
        }
        let mut tx = self.store.begin_quick().await?;
        tx.pinned().set(room, &wanted).await?;
        self.end(tx).await
    }

    async fn pin(&self, room: &RoomId, wanted: &[EventId], ours: &[EventId]) -> Result<(), Fault> {
        let standing = self.chat.pinned(room).await?;
        let pins = merged(&standing, wanted, ours);
        if pins == standing { Ok(()) } else { self.chat.pin(room, &pins).await }
    }
}

/// What stands pinned, without those of `ours` that are wanted no more, and with what is wanted behind it: clients show
/// what was pinned last.
fn merged(standing: &[EventId], wanted: &[EventId], ours: &[EventId]) -> Vec<EventId> {
    let is_kept = |event: &&EventId| wanted.contains(event) || !ours.contains(event);
    let missing = wanted.iter().filter(|event| !standing.contains(event));
    standing.iter().filter(is_kept).chain(missing).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_have_pinned_stays() {
        let events = |ids: &str| -> Vec<EventId> { ids.split_whitespace().filter_map(EventId::parse).collect() };
        for (standing, wanted, ours, pins) in [
            ("", "$b", "", "$b"),
            ("$a", "$b", "", "$a $b"),
            ("$b $a", "$b", "$b", "$b $a"),
            ("$b $a", "$c", "$b", "$a $c"),
            ("$a", "$b", "$b", "$a $b"),
            ("$a $b", "", "$b", "$a"),
            ("$a", "", "$b", "$a"),
        ] {
            assert_eq!(merged(&events(standing), &events(wanted), &events(ours)), events(pins), "{standing}, {wanted}");
        }
    }
}
