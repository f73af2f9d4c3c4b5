//! Somebody else took a message of ours away.

use crate::domain::id::EventId;
use crate::store::jobs::{self, Card, HomeBoard, QueueBoard};
use crate::store::projections::Subject;
use crate::store::{Result, Tx};

/// Records that a message was redacted in its room. What is still needed there is sent anew (see
/// [`Wanted::is_needed`](super::difference::Wanted::is_needed)), nothing else is.
pub async fn taken_away(tx: &mut Tx, event: &EventId) -> Result<()> {
    for (subject, room) in tx.projections().shown_by(event).await? {
        tx.projections().set_taken_away(subject, &room).await?;
        match subject {
            Subject::Card(ticket) => tx.enqueue(Card { ticket }),
            Subject::QuarantineEntry(entry) => tx.enqueue(jobs::Quarantine { entry }),
            Subject::Article(article) => {
                let ticket = tx.articles().get(article).await?.ticket;
                tx.enqueue(jobs::Article { ticket, article });
            }
            Subject::QueueBoard(queue) => tx.enqueue(QueueBoard { queue }),
            Subject::HomeBoard(agent) => tx.enqueue(HomeBoard { agent }),
            // A day's thread goes on below what is left of its root, whose key is used up.
            Subject::File(_) | Subject::QuarantineFile(_) | Subject::QuarantineDay(_) => {}
        }
    }
    Ok(())
}
