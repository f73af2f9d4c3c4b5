//! How often somebody may do something: a share each, counted in this process alone.

use std::fmt;
use std::hash::Hash;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};

/// After so many questions, whoever has all of their share again is forgotten.
const TIDY: u32 = 10_000;

/// Shares by whoever they belong to. One that nobody used for a while takes no memory.
pub struct Rate<K: Hash + Eq + Clone, C: Clock = DefaultClock> {
    limiter: RateLimiter<K, DashMapStateStore<K>, C, NoOpMiddleware<C::Instant>>,
    clock: C,
    asked: AtomicU32,
}

impl<K: Hash + Eq + Clone> Rate<K> {
    /// So many a second, and twice as many at once.
    #[must_use]
    pub fn per_second(rate: NonZeroU32) -> Self {
        let quota = Quota::per_second(rate).allow_burst(rate.saturating_add(rate.get()));
        Self::by(quota, &DefaultClock::default())
    }

    /// So many a minute, all of them at once if need be.
    #[must_use]
    pub fn per_minute(rate: NonZeroU32) -> Self {
        Self::by_minute(rate, &DefaultClock::default())
    }
}

impl<K: Hash + Eq + Clone, C: Clock + Clone> Rate<K, C> {
    /// So many a minute, by that clock.
    #[must_use]
    pub fn by_minute(rate: NonZeroU32, clock: &C) -> Self {
        Self::by(Quota::per_minute(rate), clock)
    }

    fn by(quota: Quota, clock: &C) -> Self {
        let limiter = RateLimiter::dashmap_with_clock(quota, clock.clone());
        Self { limiter, clock: clock.clone(), asked: AtomicU32::new(0) }
    }

    /// Counts one.
    ///
    /// # Errors
    /// How long to wait, if the share is used up.
    pub fn count(&self, key: &K) -> Result<(), Duration> {
        if self.asked.fetch_add(1, Ordering::Relaxed) % TIDY == TIDY - 1 {
            self.limiter.retain_recent();
        }
        self.limiter.check_key(key).map_err(|until| until.wait_time_from(self.clock.now()))
    }
}

impl<K: Hash + Eq + Clone, C: Clock> fmt::Debug for Rate<K, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rate").field("keys", &self.limiter.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use governor::clock::FakeRelativeClock;

    use super::*;

    #[test]
    fn a_share_is_used_up_comes_back_and_is_nobody_elses() {
        let clock = FakeRelativeClock::default();
        let rate: Rate<&str, _> = Rate::by_minute(NonZeroU32::new(6).expect("some"), &clock);
        assert_eq!((0..20).filter(|_| rate.count(&"a").is_ok()).count(), 6);
        assert_eq!(rate.count(&"a"), Err(Duration::from_secs(10)));
        assert_eq!(rate.count(&"b"), Ok(()));
        clock.advance(Duration::from_secs(10));
        assert_eq!(rate.count(&"a"), Ok(()));
        assert!(rate.count(&"a").is_err());
    }

    #[test]
    fn who_has_all_of_their_share_is_forgotten() {
        let clock = FakeRelativeClock::default();
        let rate: Rate<u32, _> = Rate::by_minute(NonZeroU32::new(6).expect("some"), &clock);
        for key in 0..TIDY - 1 {
            rate.count(&key).expect("the first of its share");
        }
        clock.advance(Duration::from_mins(1));
        rate.count(&0).expect("a share");
        assert!(rate.limiter.len() < 10, "{rate:?}");
    }
}
