//! Work to do: enqueue in the transaction that decides it, lease, finish, put back, bury.
//!
//! A job waits in a [`Lane`], and a lane is a row with at most one lease: so of a lane one job at a time is done, in the
//! order of the commits ([`enqueue`]), and a look for work sees only lanes, however many jobs are behind their heads.
//! There is no "running" to be stuck in: a lane says when it may be taken, which for a leased one is the end of the
//! lease. A worker renews its leases as long as it works; what a dead process held is free again when it is missed
//! ([`presence`](super::presence)), or at the latest when its leases end. Every later write names the lease, so a late
//! one changes nothing.

mod backlog;
mod dead;
mod enqueue;
mod health;
mod kinds;
mod lane;
mod lease;
mod policy;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use uuid::Uuid;

pub(super) use self::backlog::LastCount;
pub use self::backlog::{Backlog, ClassBacklog};
pub use self::dead::DeadJob;
pub(super) use self::enqueue::Pending;
pub use self::health::{ClassHealth, Health};
pub use self::kinds::{
    AgentMail, Article, Called, Card, Chart, Erase, Fetch, File, HasLane, HomeBoard, Job, Kind, Letter, Mark, Notice,
    NoticeText, PageMail, PendingTime, Pins, Quarantine, QuarantineDay, QuarantineFile, QueueBoard, Raw, ReadEvent,
    ReadMail, Remirror, Retime, Rooms, SendScheduled, Signpost, Sweep, TellAgents, TicketTime, Webhook,
};
pub use self::lane::{Class, Lane};
pub use self::lease::PutBack;
pub use self::policy::Policy;
use super::presence::InHand;

/// How long a lease lasts unless it is renewed: so long is a lane shut whose worker died unseen.
pub const LEASE: Duration = Duration::from_secs(30);
/// The rank of what nobody waits for.
pub(super) const LAST: i16 = 1;

/// A job in our hands, with its lane's lease.
#[derive(Clone, Debug)]
pub struct Leased {
    /// The row.
    pub id: i64,
    /// The Matrix transaction id: the same at every attempt.
    pub key: Uuid,
    /// What to do.
    pub job: Job,
    /// The lane it is first of.
    pub lane: Lane,
    /// Which attempt this is, from 1.
    pub attempt: i32,
    /// How many earlier attempts failed while others of its class went well.
    pub failures: i32,
    /// When it was enqueued.
    pub since: DateTime<Utc>,
    /// How long ago that was.
    pub age: Duration,
    /// The lane's row.
    pub(super) lane_id: i64,
    /// Ours as long as the lane's row says so.
    pub(super) lease: Uuid,
    /// Says to this instance's heartbeat that somebody works on it.
    #[expect(dead_code, reason = "it is held, and says so by its being there")]
    pub(super) in_hand: Option<Arc<InHand>>,
}

impl Leased {
    /// A job that no record knows.
    #[cfg(test)]
    pub(crate) fn made_up(id: i64, lane: Lane, job: impl Into<Job>, attempt: i32, failures: i32) -> Self {
        Self {
            id,
            key: Uuid::new_v4(),
            job: job.into(),
            lane,
            attempt,
            failures,
            since: DateTime::UNIX_EPOCH,
            age: Duration::ZERO,
            lane_id: id,
            lease: Uuid::new_v4(),
            in_hand: None,
        }
    }

    /// The lane's row.
    pub(crate) fn lane_id(&self) -> i64 {
        self.lane_id
    }

    /// Whether the next failure that counts is its last.
    #[must_use]
    pub fn is_last_chance(&self) -> bool {
        self.failures + 1 >= self.job.policy().limit
    }
}

fn clean(why: &str) -> String {
    why.replace('\0', "").chars().take(1000).collect()
}
