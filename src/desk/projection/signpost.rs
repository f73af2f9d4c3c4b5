//! A ticket's card in a room that it has left: the way to where it is now.

use super::board::Outdated;
use super::card::compose_card;
use super::difference::Wanted;
use super::{Projection, room_of};
use crate::desk::failure::Outcome;
use crate::desk::post::{Marker, Post, Tone};
use crate::desk::words;
use crate::domain::room::Purpose;
use crate::store::jobs::Signpost;
use crate::store::projections::Subject;

impl Projection<'_> {
    /// Edits the card that stands in a room which its ticket has left. It says what was so when the ticket went, and is not
    /// kept up to date: who works in that room alone need not know what becomes of it.
    pub(super) async fn signpost(&self, job: &Signpost) -> Outcome {
        let Signpost { ticket: id, room } = job;
        let subject = Subject::Card(*id);
        let mut tx = self.store.begin().await?;
        let ticket = tx.tickets().get(*id).await?;
        let queue = tx.queues().get(ticket.queue).await?;
        let there = room_of(&queue)?;
        let stands = tx.projections().get(subject, room).await?.is_some();
        let thread = tx.threads().get(*id, &there).await?;
        if let Some(Purpose::Queue(left)) = tx.rooms().purpose_of(room).await? {
            let _ = self.outdated.set(Outdated::Queue(left));
        }
        // It is back by now, or was never seen there.
        if there == *room || !stands {
            drop(tx);
            return self.done().await;
        }
        let card = compose_card(&mut tx, &ticket, &queue).await?;
        drop(tx);
        let said = words::moved_away(&ticket, &queue, thread.map(|thread| (there, thread.root)));
        let marker = match card.marker {
            Marker::Card(ticket, _) => Marker::Card(ticket, None),
            other => other,
        };
        let post = Some(Post { said, marker, tone: Tone::Notice, ..card });
        let about = Some((*id, None));
        self.show(&Wanted { about, ..Wanted::of(subject, room.clone(), post) }).await
    }
}
