//! A queue's room is made anew from the record: its homeserver is lost, or the room is.
//!
//! It is the usual way of everything that stands in rooms: the queue has no room any more, so one is made; the cards of its tickets are asked for,
//! open ones first, and a card that is new there has all that was said follow it (see [`projection`](super::projection)). Nothing of it calls
//! anybody, and no mail is sent. What new mail brings meanwhile goes first; whoever is killed goes on where it was.

use std::time::Duration;

use super::failure::Failure;
use super::rooms::refresh_rooms;
use super::{Desk, tell_room, words};
use crate::crash;
use crate::domain::id::{QueueId, TicketId};
use crate::store::jobs::{Card, Leased, Remirror as Job};
use crate::store::remirrors::{Remirror, Step};
use crate::store::{Result, Store, Tx};

/// How many tickets are looked at in a step.
const A_PAGE: i64 = 200;
/// How many lanes may wait to be shown before more are asked for: new mail finds its way among them at any time, and a room takes 20 to
/// 50 messages a second.
const BACKLOG: i64 = 300;
/// How long it waits then.
const PAUSE: Duration = Duration::from_secs(1);

/// Begins it for these queues, or goes on with what is under way; says which are begun. `is_lost`: the homeserver is, with all rooms and
/// uploads.
pub async fn begin(store: &Store, queues: &[QueueId], is_lost: bool) -> Result<Vec<QueueId>> {
    let mut tx = store.begin().await?;
    let mut begun = Vec::new();
    for queue in queues {
        if tx.remirrors().begin(*queue, is_lost).await? {
            begun.push(*queue);
        }
    }
    if is_lost {
        tx.remirrors().forget_other_rooms().await?;
    }
    if !begun.is_empty() {
        refresh_rooms(&mut tx);
    }
    for queue in queues {
        tx.enqueue(Job { queue: *queue });
    }
    tx.commit().await?;
    Ok(begun)
}

/// Takes the next step.
///
/// # Errors
/// If the record failed, or the new room is not there yet.
pub async fn go_on(desk: &Desk, leased: &Leased, job: &Job) -> std::result::Result<(), Failure> {
    let queue = job.queue;
    let mut tx = desk.store.begin().await?;
    tx.come_last();
    let Some(room) = tx.queues().get(queue).await?.room else {
        return Err(Failure::TooEarly("the new room is not there yet".to_owned()));
    };
    if tx.remirrors().backlog(BACKLOG).await? >= BACKLOG {
        tx.finish(leased).await?;
        tx.enqueue_after(PAUSE, job.clone());
        tx.commit().await?;
        return Ok(());
    }
    if let Some(remirror) = tx.remirrors().get(queue).await?.filter(|remirror| remirror.step != Step::Done) {
        if remirror.step == Step::Open
            && remirror.place == TicketId(0)
            && !remirror.uploads
            && let Some(former) = tx.remirrors().former_rooms(queue).await?.last()
        {
            tell_room(&mut tx, former, words::goes_on_in(&room), vec![]);
        }
        ask_for_next(&mut tx, queue, &remirror).await?;
        tx.enqueue(job.clone());
    }
    tx.finish(leased).await?;
    crash::point("remirror.before_commit");
    tx.commit().await?;
    crash::point("remirror.after_commit");
    Ok(())
}

async fn ask_for_next(tx: &mut Tx, queue: QueueId, remirror: &Remirror) -> Result<()> {
    let (tickets, last) = tx.remirrors().page(queue, remirror, A_PAGE).await?;
    if remirror.uploads {
        tx.remirrors().forget_uploads(&tickets).await?;
    }
    // Each has a lane of its own, and lanes are taken in the order in which they are due; some are worked on at a time.
    for (place, ticket) in (0..).zip(&tickets) {
        tx.enqueue_after(Duration::from_millis(place), Card { ticket: *ticket });
    }
    let (step, place) = match (last, remirror.step) {
        (Some(last), step) => (step, last),
        (None, Step::Open) => (Step::Over, TicketId(0)),
        (None, _) => (Step::Done, remirror.place),
    };
    tx.remirrors().set(queue, step, place).await
}
