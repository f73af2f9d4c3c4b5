//! How often somebody may ask: so that guessing is hopeless, and nobody keeps others from their pages.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use governor::clock::DefaultClock;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};

use super::Caller;

/// A network's looks a minute: a house behind one address, with mail filters that follow every link.
const LOOKS_OF_ADDRESS: NonZeroU32 = NonZeroU32::new(600).expect("some");
/// A link's looks a minute: a page with its files.
const LOOKS_OF_LINK: NonZeroU32 = NonZeroU32::new(120).expect("some");
/// What one network, and one link, may send a minute.
const SENDS_OF_ADDRESS: NonZeroU32 = NonZeroU32::new(60).expect("some");
const SENDS_OF_LINK: NonZeroU32 = NonZeroU32::new(10).expect("some");
/// After so many questions what is over is forgotten.
const TIDY: u32 = 10_000;

type Limit<K> = RateLimiter<K, DashMapStateStore<K>, DefaultClock>;

/// The limits of all who ask this process.
#[derive(Clone, Debug)]
pub struct AskLimits(Arc<Limiters>);

#[derive(Debug)]
struct Limiters {
    looks_of_address: Limit<IpAddr>,
    looks_of_link: Limit<u64>,
    sends_of_address: Limit<IpAddr>,
    sends_of_link: Limit<u64>,
    asked: AtomicU32,
}

impl Default for AskLimits {
    fn default() -> Self {
        Self(Arc::new(Limiters {
            looks_of_address: RateLimiter::keyed(Quota::per_minute(LOOKS_OF_ADDRESS)),
            looks_of_link: RateLimiter::keyed(Quota::per_minute(LOOKS_OF_LINK)),
            sends_of_address: RateLimiter::keyed(Quota::per_minute(SENDS_OF_ADDRESS)),
            sends_of_link: RateLimiter::keyed(Quota::per_minute(SENDS_OF_LINK)),
            asked: AtomicU32::new(0),
        }))
    }
}

impl AskLimits {
    /// Whether somebody may look behind a link now.
    #[must_use]
    pub fn may_look(&self, caller: Caller, link: &str) -> bool {
        self.tidy();
        self.0.looks_of_address.check_key(&caller.network()).is_ok()
            && self.0.looks_of_link.check_key(&hash(link)).is_ok()
    }

    /// Whether somebody may send something from there now.
    #[must_use]
    pub fn may_send(&self, caller: Caller, link: &str) -> bool {
        self.tidy();
        self.0.sends_of_address.check_key(&caller.network()).is_ok()
            && self.0.sends_of_link.check_key(&hash(link)).is_ok()
    }

    fn tidy(&self) {
        if self.0.asked.fetch_add(1, Ordering::Relaxed) % TIDY == TIDY - 1 {
            self.0.looks_of_address.retain_recent();
            self.0.looks_of_link.retain_recent();
            self.0.sends_of_address.retain_recent();
            self.0.sends_of_link.retain_recent();
        }
    }
}

/// A link by a number: the links themselves are secrets, and of any length.
fn hash(link: &str) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    link.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(address: &str) -> Caller {
        Caller(address.parse().expect("an address"))
    }

    #[test]
    fn who_sends_too_much_waits_and_keeps_nobody_else_from_it() {
        let limits = AskLimits::default();
        let sent = (0..100).filter(|_| limits.may_send(caller("192.0.2.1"), "a")).count();
        assert_eq!(sent, 10);
        assert!(limits.may_send(caller("192.0.2.1"), "b"), "another link of the same house");
        assert!(!limits.may_send(caller("192.0.2.2"), "a"), "the link itself");
        assert!(limits.may_send(caller("192.0.2.2"), "c"));
    }

    #[test]
    fn whoever_guesses_links_is_stopped_by_their_network() {
        let limits = AskLimits::default();
        let guesses = |net: &str| {
            (0..2_000).filter(|n| limits.may_look(caller(&format!("2001:db8:{net}::{n:x}")), &n.to_string())).count()
        };
        assert_eq!(guesses("1:2"), 600, "all of a network of 64 bits are one");
        assert_eq!(guesses("1:3"), 600);
    }
}
