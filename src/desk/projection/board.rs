//! Boards: what there is to do, pinned in a queue's room and in each agent's home.
//!
//! A ticket's card is brought up to date whenever something of it changes that anybody sees; the end of that job asks for
//! its queue's board. So no mail and no command waits for a board, and nothing that changes a ticket has to think of it.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;

use super::difference::Wanted;
use super::{Projection, room_of};
use crate::desk::conversation::lists::MOST;
use crate::desk::failure::Outcome;
use crate::desk::post::{BoardMarker, Marker, Post};
use crate::desk::seams::Fault;
use crate::desk::words;
use crate::domain::id::{AgentId, QuarantineId, QueueId, RoomId, UserId};
use crate::domain::number::Number;
use crate::domain::queue::Role;
use crate::domain::room::Purpose;
use crate::domain::wall_clock::WallClock;
use crate::store::Tx;
use crate::store::jobs::{HomeBoard, Pins, QuarantineDay, QuarantineFile, QueueBoard};
use crate::store::page::Page;
use crate::store::projections::Subject;
use crate::store::ticket_lists::TicketLine;

/// How often a board is edited at most, in seconds.
const PACE: i64 = 10;
/// How long a ticket's card stands before a board lists it: a line leads to the card, so that comes first, for people and for
/// programs that wait for either.
const SETTLED: TimeDelta = TimeDelta::seconds(3);

/// What a job has made say something that is no longer so.
#[derive(Clone, Debug)]
pub(super) enum Outdated {
    /// A queue's.
    Queue(QueueId),
    /// Those of some agents.
    Homes(Vec<AgentId>),
    /// The first message of a queue's day of quarantine, and the file of an entry that has just begun to stand there.
    Quarantine(QueueId, NaiveDate, Option<QuarantineId>),
}

impl Outdated {
    /// Has them brought up to date soon.
    pub(super) fn refresh(&self, tx: &mut Tx) {
        match self {
            Self::Queue(queue) => refresh_queue_board(tx, *queue),
            Self::Homes(agents) => agents.iter().for_each(|agent| refresh_home_board(tx, *agent)),
            Self::Quarantine(queue, day, entry) => {
                if let Some(entry) = *entry {
                    tx.enqueue(QuarantineFile { entry });
                }
                let wait = wait(tx.now(), queue.0);
                tx.enqueue_after(wait, QuarantineDay { queue: *queue, day: *day });
            }
        }
    }
}

/// Has a queue's board brought up to date within ten seconds, with what else changes in them.
pub(in crate::desk) fn refresh_queue_board(tx: &mut Tx, queue: QueueId) {
    let wait = wait(tx.now(), queue.0);
    tx.enqueue_after(wait, QueueBoard { queue });
}

/// Has an agent's board brought up to date likewise.
pub(in crate::desk) fn refresh_home_board(tx: &mut Tx, agent: AgentId) {
    let wait = wait(tx.now(), agent.0);
    tx.enqueue_after(wait, HomeBoard { agent });
}

/// Until the next of the moments, ten seconds apart, at which that board may be edited. To wait for the same time after each
/// change would be as rare, but show a single change later; and not all boards have the same moments.
fn wait(now: DateTime<Utc>, row: i64) -> Duration {
    let gone = now.timestamp().wrapping_add(row.wrapping_mul(3)).rem_euclid(PACE);
    Duration::from_secs(u64::try_from(PACE - gone).unwrap_or_default())
}

impl Projection<'_> {
    /// Brings a queue's board up to date, and has the homes of who works there look, too.
    pub(super) async fn queue_board(&self, id: QueueId) -> Outcome {
        let mut tx = self.store.begin().await?;
        let queue = tx.queues().get(id).await?;
        let room = room_of(&queue)?;
        let counts = tx.boards().counts(id).await?;
        let mut lines = tx.boards().first(id, usize::try_from(MOST).unwrap_or_default()).await?;
        let owners = tx.boards().owners(id).await?;
        let agents = tx.agents().all().await?;
        let now = tx.now();
        drop(tx);
        if lines.iter().any(|line| line.shown_at.is_some_and(|at| now - at < SETTLED)) {
            self.look_again(id).await?;
        }
        lines.retain(|line| line.shown_at.is_some_and(|at| now - at >= SETTLED));
        let works_there = agents.iter().filter(|agent| agent.works_in(id));
        let _ = self.outdated.set(Outdated::Homes(works_there.map(|agent| agent.id).collect()));
        let marker = BoardMarker::Queue {
            queue: queue.name.clone(),
            unlocked: counts.unlocked,
            locked: counts.locked,
            pending: counts.pending,
            breached: counts.breached,
            tickets: numbers(&lines),
        };
        let said = words::queue_board(&queue, counts, &lines, &owners, WallClock::new(queue.time_zone, now));
        let post = Post::notice(said).marked(Marker::Board(marker));
        self.show(&board(Subject::QueueBoard(id), room, Some(post).filter(|_| !queue.archived))).await
    }

    /// Has a queue's board brought up to date once more: something is still to be listed.
    async fn look_again(&self, queue: QueueId) -> Outcome {
        let mut tx = self.store.begin_quick().await?;
        refresh_queue_board(&mut tx, queue);
        Ok(tx.commit().await?)
    }

    /// Brings the board in an agent's home up to date. There is none for who works here no more, and none while anybody else is
    /// in that room or invited to it.
    pub(super) async fn home_board(&self, id: AgentId) -> Outcome {
        let mut tx = self.store.begin().await?;
        let agent = tx.agents().get(id).await?;
        let room = tx.rooms().get(Purpose::Home(id)).await?;
        let Some(room) = room else {
            drop(tx);
            return self.done().await;
        };
        let works_here = agent.active && agent.role != Role::Observer;
        let mut queues = tx.queues().all().await?;
        queues.retain(|queue| !queue.archived && agent.works_in(queue.id));
        let ids: Vec<QueueId> = queues.iter().map(|queue| queue.id).collect();
        let (mut locked, mut all_locked) = tx.ticket_lists().owned_by(id, Page::first(MOST)).await?;
        // What they still hold of a queue that was taken from them is not told here.
        let held = locked.len();
        locked.retain(|line| queues.iter().any(|queue| queue.name == line.queue));
        all_locked -= i64::try_from(held - locked.len()).unwrap_or_default();
        let (mut unlocked, all_unlocked) = tx.ticket_lists().open(&ids, false, Page::first(MOST)).await?;
        unlocked.retain(|line| line.end.is_some());
        let now = tx.now();
        drop(tx);
        // Queues of several zones are rare, and a home is one room.
        let zone = queues.first().map_or(Tz::UTC, |queue| queue.time_zone);
        let marker = BoardMarker::Home { locked: numbers(&locked), queues: numbers(&unlocked) };
        let said = words::home_board((&locked, all_locked), (&unlocked, all_unlocked), WallClock::new(zone, now));
        let post = Post::notice(said).marked(Marker::Board(marker));
        let is_shown = works_here && self.is_alone(&agent.user, &room).await?;
        self.leave_homes(id, &room).await?;
        self.show(&board(Subject::HomeBoard(id), room, Some(post).filter(|_| is_shown))).await
    }

    /// Takes away what stands in a room that was an agent's home before this one.
    async fn leave_homes(&self, agent: AgentId, home: &RoomId) -> Outcome {
        let subject = Subject::HomeBoard(agent);
        let mut tx = self.store.begin().await?;
        let left = tx.projections().elsewhere(subject, home).await?;
        drop(tx);
        for (room, event) in left {
            match self.chat.redact(&room, self.leased.key, &event, "").await {
                // We are not there any more, or may not.
                Err(Fault::Never { why }) => tracing::warn!(%room, why, "an old board could not be taken away"),
                done => done?,
            }
            let mut tx = self.store.begin_quick().await?;
            tx.projections().remove(subject, &room).await?;
            tx.enqueue(Pins { room });
            tx.commit().await?;
        }
        Ok(())
    }
}

impl Projection<'_> {
    /// Whether nobody but that user and the bot is in a room, or invited to it.
    async fn is_alone(&self, user: &UserId, room: &RoomId) -> Outcome<bool> {
        let present = self.chat.present(room).await?;
        Ok(present.iter().all(|other| other == user || *other == self.settings.bot))
    }
}

/// One message, pinned, that is there again if somebody takes it away; or none.
fn board(subject: Subject, room: RoomId, post: Option<Post>) -> Wanted {
    Wanted { is_pinned: post.is_some(), is_daily: true, is_needed: true, ..Wanted::of(subject, room, post) }
}

fn numbers(lines: &[TicketLine]) -> Vec<Number> {
    lines.iter().map(|line| line.number.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_board_waits_ten_seconds_at_most_and_its_moments_are_ten_seconds_apart() {
        for row in [0, 1, 7, i64::MAX] {
            let ends: std::collections::BTreeSet<i64> = (1_795_000_000..1_795_000_100)
                .map(|now| {
                    let wait = wait(DateTime::from_timestamp(now, 0).expect("a moment"), row).as_secs();
                    assert!((1..=10).contains(&wait), "{wait}");
                    now + i64::try_from(wait).expect("small")
                })
                .collect();
            assert!(ends.iter().zip(ends.iter().skip(1)).all(|(one, next)| next - one == PACE), "{ends:?}");
        }
    }
}
