//! How often somebody may ask: so that guessing is hopeless, and nobody keeps others from their pages.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;

use governor::clock::{Clock, DefaultClock};

use super::Caller;
use crate::listen::rate::Rate;

/// A network's looks a minute: a house behind one address, with mail filters that follow every link.
const LOOKS_OF_ADDRESS: NonZeroU32 = NonZeroU32::new(600).expect("some");
/// A link's looks a minute: a page with its files.
const LOOKS_OF_LINK: NonZeroU32 = NonZeroU32::new(120).expect("some");
/// What one network, and one link, may send a minute.
const SENDS_OF_ADDRESS: NonZeroU32 = NonZeroU32::new(60).expect("some");
const SENDS_OF_LINK: NonZeroU32 = NonZeroU32::new(10).expect("some");

/// The limits of all who ask this process.
#[derive(Clone, Debug)]
pub struct AskLimits(Arc<Limiters<DefaultClock>>);

#[derive(Debug)]
struct Limiters<C: Clock> {
    looks_of_address: Rate<IpAddr, C>,
    looks_of_link: Rate<u64, C>,
    sends_of_address: Rate<IpAddr, C>,
    sends_of_link: Rate<u64, C>,
}

impl Default for AskLimits {
    fn default() -> Self {
        Self(Arc::new(Limiters::by(&DefaultClock::default())))
    }
}

impl AskLimits {
    /// Whether somebody may look behind a link now.
    #[must_use]
    pub fn may_look(&self, caller: Caller, link: &str) -> bool {
        self.0.may_look(caller, link)
    }

    /// Whether somebody may send something from there now.
    #[must_use]
    pub fn may_send(&self, caller: Caller, link: &str) -> bool {
        self.0.may_send(caller, link)
    }
}

impl<C: Clock + Clone> Limiters<C> {
    fn by(clock: &C) -> Self {
        Self {
            looks_of_address: Rate::by_minute(LOOKS_OF_ADDRESS, clock),
            looks_of_link: Rate::by_minute(LOOKS_OF_LINK, clock),
            sends_of_address: Rate::by_minute(SENDS_OF_ADDRESS, clock),
            sends_of_link: Rate::by_minute(SENDS_OF_LINK, clock),
        }
    }

    fn may_look(&self, caller: Caller, link: &str) -> bool {
        self.looks_of_address.count(&caller.network()).is_ok() && self.looks_of_link.count(&hash(link)).is_ok()
    }

    fn may_send(&self, caller: Caller, link: &str) -> bool {
        // The link first: what is too much for one link is not counted against a whole house.
        self.sends_of_link.count(&hash(link)).is_ok() && self.sends_of_address.count(&caller.network()).is_ok()
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
    use governor::clock::FakeRelativeClock;

    use super::*;

    fn caller(address: &str) -> Caller {
        Caller(address.parse().expect("an address"))
    }

    #[test]
    fn who_sends_too_much_waits_and_keeps_nobody_else_from_it() {
        let clock = FakeRelativeClock::default();
        let limits = Limiters::by(&clock);
        let sent = (0..100).filter(|_| limits.may_send(caller("192.0.2.1"), "a")).count();
        assert_eq!(sent, 10);
        assert!(limits.may_send(caller("192.0.2.1"), "b"), "another link of the same house");
        assert!(!limits.may_send(caller("192.0.2.2"), "a"), "the link itself");
        assert!(limits.may_send(caller("192.0.2.2"), "c"));
        clock.advance(std::time::Duration::from_secs(6));
        assert!(limits.may_send(caller("192.0.2.2"), "a") && !limits.may_send(caller("192.0.2.2"), "a"));
    }

    #[test]
    fn whoever_guesses_links_is_stopped_by_their_network() {
        let limits = Limiters::by(&FakeRelativeClock::default());
        let guesses = |net: &str| {
            (0..2_000).filter(|n| limits.may_look(caller(&format!("2001:db8:{net}::{n:x}")), &n.to_string())).count()
        };
        assert_eq!(guesses("1:2"), 600, "all of a network of 64 bits are one");
        assert_eq!(guesses("1:3"), 600);
    }
}
