//! How often a token may ask, and how many are at work at the same time.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::problem::Problem;
use crate::domain::id::ApiTokenId;

/// How many requests are worked on at a time. Each has a connection to PostgreSQL, of which mails and commands need most.
const AT_WORK: usize = 6;
/// How long one waits for its turn.
const PATIENCE: Duration = Duration::from_secs(5);

/// How often tokens may ask. Each has its own share, in this process alone. Only good tokens are counted, so there are no
/// more of them than the desk has made.
pub(super) struct Limit(RateLimiter<i64, HashMapStateStore<i64>, DefaultClock>);

impl Limit {
    /// So many requests a second, and twice as many at once.
    pub(super) fn of(rate: NonZeroU32) -> Self {
        let quota = Quota::per_second(rate).allow_burst(rate.saturating_add(rate.get()));
        Self(RateLimiter::hashmap(quota))
    }

    /// Counts a request, or refuses it.
    pub(super) fn count(&self, token: ApiTokenId) -> Result<(), Problem> {
        self.0.check_key(&token.0).map_err(|until| {
            let wait = until.wait_time_from(DefaultClock::default().now());
            Problem::too_many(wait.as_secs() + 1)
        })
    }
}

/// Seats for those who are at work.
#[derive(Clone)]
pub(super) struct Seats(Arc<Semaphore>);

impl Seats {
    pub(super) fn new() -> Self {
        Self(Arc::new(Semaphore::new(AT_WORK)))
    }

    /// Waits for one, not for ever.
    pub(super) async fn take(&self) -> Result<OwnedSemaphorePermit, Problem> {
        let seat = tokio::time::timeout(PATIENCE, Arc::clone(&self.0).acquire_owned()).await;
        seat.ok().and_then(Result::ok).ok_or_else(Problem::busy)
    }
}
