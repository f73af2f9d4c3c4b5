//! How often somebody may ask, and how many are at work at the same time.

use std::collections::HashSet;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::problem::Problem;
use crate::domain::api_token::ShownToken;
use crate::domain::id::ApiTokenId;
use crate::listen::rate::Rate;

/// How many requests are worked on at a time. Each has a connection to PostgreSQL, of which mails and commands need most.
const AT_WORK: usize = 6;
/// How long one waits for its turn.
const PATIENCE: Duration = Duration::from_secs(5);
/// How many requests a minute come from one network without a token that is known to be good.
const STRANGERS: NonZeroU32 = NonZeroU32::new(60).expect("some");

/// How often programs may ask. Each good token has a share; whoever shows none, or one that nobody knows to be good, has their
/// network's. So guessing is stopped before the record is asked, and keeps no good token from the same network out.
pub(super) struct Limit {
    tokens: Rate<i64>,
    strangers: Rate<IpAddr>,
    /// Tokens that were good when they were shown last: no more than the desk has made.
    good: Mutex<HashSet<ShownToken>>,
}

impl Limit {
    /// So many requests a second of each token, and twice as many at once.
    pub(super) fn of(rate: NonZeroU32) -> Self {
        Self { tokens: Rate::per_second(rate), strangers: Rate::per_minute(STRANGERS), good: Mutex::default() }
    }

    /// Counts a good token's request, or says for how many seconds it is one too many.
    pub(super) fn count(&self, token: ApiTokenId) -> Result<(), u64> {
        self.tokens.count(&token.0).map_err(seconds)
    }

    /// Counts the request of a network that shows that token, unless it is known to be good; or says for how many seconds it
    /// is one too many.
    pub(super) fn meet(&self, network: IpAddr, shown: Option<&ShownToken>) -> Result<(), u64> {
        let is_known = shown.is_some_and(|shown| self.good().contains(shown));
        if is_known { Ok(()) } else { self.strangers.count(&network).map_err(seconds) }
    }

    /// Notes whether a token is good.
    pub(super) fn note(&self, shown: ShownToken, is_good: bool) {
        let mut good = self.good();
        if is_good {
            good.insert(shown);
        } else {
            good.remove(&shown);
        }
    }

    fn good(&self) -> std::sync::MutexGuard<'_, HashSet<ShownToken>> {
        self.good.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn seconds(wait: Duration) -> u64 {
    wait.as_secs() + 1
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
