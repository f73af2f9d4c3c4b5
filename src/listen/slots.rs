//! Who may be connected at the same time, who of them goes when somebody else comes, and who was silent for too long.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// What an entry allows.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// So many connections at a time.
    pub connections: usize,
    /// So many of them from one address; an IPv6 network of 64 bits counts as one.
    pub per_address: usize,
    /// So long may somebody be silent while there are slots enough.
    pub idle: Duration,
    /// So long at least, however few slots there are.
    pub shortest_idle: Duration,
}

/// Whoever made progress within this time keeps the slot, whoever else comes: more than an answer takes over a network
/// that is used for this.
const SHORTEST: Duration = Duration::from_millis(100);
/// Whoever sends fewer bytes a second than this is as good as silent: 25 MiB would take seven hours.
const SLOWEST: f64 = 1024.0;
/// How often somebody who waits for a slot looks again.
const LOOK: Duration = Duration::from_millis(20);

/// The slots of an entry.
#[derive(Clone, Debug)]
pub struct Slots(Arc<Pool>);

#[derive(Debug)]
struct Pool {
    limits: Limits,
    taken: Mutex<Taken>,
    /// Somebody left.
    left: Notify,
}

#[derive(Debug, Default)]
struct Taken {
    next: u64,
    connections: BTreeMap<u64, Arc<Connection>>,
}

#[derive(Debug)]
struct Connection {
    address: IpAddr,
    pace: Mutex<Pace>,
    /// Somebody else is to have it.
    evicted: CancellationToken,
}

/// Since when somebody makes us wait.
#[derive(Clone, Copy, Debug)]
struct Pace {
    /// So many things are being done for them; meanwhile it is us who make them wait.
    busy: u32,
    since: Instant,
}

/// Why there is no slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Full {
    /// All are taken, and everybody makes progress.
    Everybody,
    /// This address has as many as it may have.
    Address,
}

/// Why somebody has to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overdue {
    /// They were silent, or too slow, for too long.
    Silent,
    /// Somebody else needs the slot.
    Evicted,
}

/// A connection's slot, until it is dropped.
#[derive(Debug)]
pub struct Slot {
    pool: Arc<Pool>,
    id: u64,
    connection: Arc<Connection>,
}

/// As long as it is there, something is done for a connection, but while it waits for more from there.
#[derive(Debug)]
pub struct Busy {
    connection: Arc<Connection>,
    /// Since when something is done; `None` while it waits.
    since: Mutex<Option<Instant>>,
}

impl Slots {
    /// All of them free.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self(Arc::new(Pool { limits, taken: Mutex::default(), left: Notify::new() }))
    }

    /// A slot for somebody from that address: a free one, or that of whoever made no progress for the longest time. While
    /// everybody does, it is waited for, but for an address that has all it may have.
    ///
    /// # Errors
    /// [`Full`] if there is none within that time.
    pub async fn take(&self, address: IpAddr, patience: Duration) -> Result<Slot, Full> {
        let (address, deadline) = (network(address), Instant::now() + patience);
        loop {
            let left = self.0.left.notified();
            let why = match self.try_take(address) {
                Ok(slot) => return Ok(slot),
                Err(why) => why,
            };
            let is_leaving = self.0.evict((why == Full::Address).then_some(address), Instant::now());
            if !is_leaving && (why == Full::Address || Instant::now() >= deadline) {
                return Err(why);
            }
            let _ = tokio::time::timeout(LOOK, left).await;
        }
    }

    fn try_take(&self, address: IpAddr) -> Result<Slot, Full> {
        let mut taken = locked(&self.0.taken);
        if taken.connections.values().filter(|connection| connection.address == address).count()
            >= self.0.limits.per_address
        {
            return Err(Full::Address);
        }
        if taken.connections.len() >= self.0.limits.connections {
            return Err(Full::Everybody);
        }
        let pace = Mutex::new(Pace { busy: 0, since: Instant::now() });
        let at = Arc::new(Connection { address, pace, evicted: CancellationToken::new() });
        taken.next += 1;
        let id = taken.next;
        taken.connections.insert(id, Arc::clone(&at));
        Ok(Slot { pool: Arc::clone(&self.0), id, connection: at })
    }
}

impl Pool {
    /// Has somebody go, of that address or of any; whether somebody is on the way out.
    fn evict(&self, address: Option<IpAddr>, now: Instant) -> bool {
        let taken = locked(&self.taken);
        let of_address = || {
            taken.connections.values().filter(|connection| address.is_none_or(|address| connection.address == address))
        };
        if of_address().any(|connection| connection.evicted.is_cancelled() && locked(&connection.pace).busy == 0) {
            return true;
        }
        let silent = of_address().filter_map(|connection| Some((locked(&connection.pace).idle_for(now)?, connection)));
        let longest = silent.filter(|(silent, _)| *silent >= SHORTEST).max_by_key(|(silent, _)| *silent);
        if let Some((_, connection)) = longest {
            connection.evicted.cancel();
        }
        longest.is_some()
    }

    /// How long somebody may be silent now: the whole time while half of the slots are free, and less with each that is
    /// taken beyond.
    fn idle(&self) -> Duration {
        let (taken, limits) = (locked(&self.taken).connections.len(), &self.limits);
        let free = u32::try_from(limits.connections.saturating_sub(taken)).unwrap_or(u32::MAX);
        let all = u32::try_from(limits.connections).unwrap_or(u32::MAX).max(1);
        let share = (2.0 * f64::from(free) / f64::from(all)).min(1.0);
        limits.idle.mul_f64(share).max(limits.shortest_idle)
    }
}

impl Pace {
    fn idle_for(&self, now: Instant) -> Option<Duration> {
        (self.busy == 0).then(|| now.saturating_duration_since(self.since))
    }

    /// Bytes buy time, as much as they may take at the slowest pace that is borne; one at a time buys next to nothing.
    fn progress(&mut self, bytes: usize, now: Instant) {
        let bytes = f64::from(u32::try_from(bytes).unwrap_or(u32::MAX));
        self.since = (self.since + Duration::from_secs_f64(bytes / SLOWEST)).min(now);
    }
}

impl Slot {
    /// Says that the connection moved so many bytes.
    pub fn progressed(&self, bytes: usize) {
        locked(&self.connection.pace).progress(bytes, Instant::now());
    }

    /// Says that something is done for the connection, which has to wait meanwhile. What it was waiting for is progress.
    #[must_use]
    pub fn busy(&self) -> Busy {
        let now = Instant::now();
        let mut pace = locked(&self.connection.pace);
        pace.busy += 1;
        pace.since = now;
        Busy { connection: Arc::clone(&self.connection), since: Mutex::new(Some(now)) }
    }

    /// Returns when the connection has to go.
    pub async fn overdue(&self) -> Overdue {
        loop {
            // Not in one expression: whoever holds all connections looks at each one's pace, so that lock comes first.
            let (most, silent) = (self.pool.idle(), locked(&self.connection.pace).idle_for(Instant::now()));
            if silent.is_some_and(|silent| silent >= most) {
                return Overdue::Silent;
            }
            // Looked at again each second, since the time shortens while we wait.
            tokio::select! {
                () = self.connection.evicted.cancelled() => return Overdue::Evicted,
                () = tokio::time::sleep(Duration::from_secs(1).min(self.pool.limits.shortest_idle)) => {}
            }
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        locked(&self.pool.taken).connections.remove(&self.id);
        self.pool.left.notify_waiters();
    }
}

impl Busy {
    /// Says that nothing can be done before they send more. The time is theirs again, and goes on where it stopped.
    pub fn wait(&self) {
        if let Some(since) = locked(&self.since).take() {
            let (now, mut pace) = (Instant::now(), locked(&self.connection.pace));
            pace.busy -= 1;
            pace.since = (pace.since + now.saturating_duration_since(since)).min(now);
        }
    }

    /// Says that something is done again.
    pub fn go_on(&self) {
        let mut since = locked(&self.since);
        if since.is_none() {
            *since = Some(Instant::now());
            locked(&self.connection.pace).busy += 1;
        }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let mut pace = locked(&self.connection.pace);
        pace.busy -= u32::from(locked(&self.since).is_some());
        pace.since = Instant::now();
    }
}

/// What counts as one address: who has one IPv6 address has 2^64 of them.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
        address @ IpAddr::V4(_) => address,
    }
}

/// Nothing that could panic happens under these locks. Of two, the one of all connections is taken first.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V6(Ipv6Addr::LOCALHOST);

    fn limits(connections: usize, per_address: usize) -> Limits {
        let (idle, shortest_idle) = (Duration::from_mins(5), Duration::from_secs(10));
        Limits { connections, per_address, idle, shortest_idle }
    }

    fn slots(connections: usize, per_address: usize) -> Slots {
        Slots::new(limits(connections, per_address))
    }

    fn address(word: &str) -> IpAddr {
        network(word.parse().expect("an address"))
    }

    fn late(seconds: u64) -> Instant {
        Instant::now() + Duration::from_secs(seconds)
    }

    #[test]
    fn who_is_silent_for_the_longest_time_goes_first_and_one_for_each_newcomer() {
        let slots = slots(3, 3);
        let [first, second, third] = [0, 1, 2].map(|_| slots.try_take(HERE).expect("a slot"));
        assert_eq!(slots.try_take(HERE).expect_err("none"), Full::Address);
        first.progressed(1 << 20);
        locked(&second.connection.pace).since -= Duration::from_secs(2);
        locked(&third.connection.pace).since -= Duration::from_secs(1);
        assert!(slots.0.evict(None, Instant::now()));
        assert!(slots.0.evict(None, Instant::now()), "the same one is on the way out");
        let gone = [&first, &second, &third].map(|slot| slot.connection.evicted.is_cancelled());
        assert_eq!(gone, [false, true, false]);
        drop(second);
        let newcomer = slots.try_take(HERE).expect("the second's");
        assert!(slots.0.evict(None, late(1)));
        assert!(third.connection.evicted.is_cancelled() && !newcomer.connection.evicted.is_cancelled());
    }

    #[test]
    fn for_whom_something_is_done_keeps_the_slot() {
        let slots = slots(1, 1);
        let slot = slots.try_take(HERE).expect("a slot");
        let work = slot.busy();
        assert!(!slots.0.evict(None, late(3600)), "the silence is ours");
        drop(work);
        let answered = locked(&slot.connection.pace).since;
        assert!(!slots.0.evict(None, answered), "it was just answered");
        assert!(slots.0.evict(None, late(1)));
    }

    #[test]
    fn who_sends_nothing_more_of_what_is_being_read_goes() {
        let slots = slots(1, 1);
        let slot = slots.try_take(HERE).expect("a slot");
        let silent = |seconds| locked(&slot.connection.pace).idle_for(late(seconds)).expect("waiting").as_secs_f64();
        let work = slot.busy();
        work.wait();
        work.wait();
        assert!((10.0..10.1).contains(&silent(10)), "the time is theirs");
        locked(&slot.connection.pace).since -= Duration::from_secs(20);
        work.go_on();
        assert!(!slots.0.evict(None, late(3600)), "the silence is ours");
        *locked(&work.since) = Some(Instant::now() - Duration::from_secs(5));
        work.wait();
        assert!((15.0..15.1).contains(&silent(0)), "what was ours is not theirs: {}", silent(0));
        drop(work);
        assert_eq!(locked(&slot.connection.pace).busy, 0);
        assert!(silent(0) < 0.1, "it was answered");
    }

    #[test]
    fn one_byte_a_second_is_silence_and_a_stream_is_not() {
        let begin = Instant::now();
        let (mut trickle, mut stream) = (Pace { busy: 0, since: begin }, Pace { busy: 0, since: begin });
        for second in 1..=60 {
            let now = begin + Duration::from_secs(second);
            trickle.progress(1, now);
            stream.progress(10_000, now);
        }
        let now = begin + Duration::from_mins(1);
        assert!(trickle.idle_for(now).expect("waiting") > Duration::from_secs(59));
        assert_eq!(stream.idle_for(now), Some(Duration::ZERO), "what was too much is not saved up");
    }

    #[test]
    fn an_address_has_its_share_and_gives_only_of_its_own() {
        let slots = slots(10, 2);
        let (one, other) = (address("192.0.2.1"), address("192.0.2.2"));
        let kept: Vec<Slot> =
            [one, one, other].iter().map(|address| slots.try_take(*address).expect("a slot")).collect();
        assert_eq!(slots.try_take(one).expect_err("none"), Full::Address);
        slots.try_take(other).expect("another address has a slot");
        locked(&kept[2].connection.pace).since -= Duration::from_secs(9);
        assert!(slots.0.evict(Some(one), late(1)));
        let gone: Vec<bool> = kept.iter().map(|slot| slot.connection.evicted.is_cancelled()).collect();
        assert!(!gone[2] && (gone[0] ^ gone[1]), "{gone:?}");
        for (one, other, is_same) in [
            ("2001:db8::1", "2001:db8::2:3", true),
            ("2001:db8::1", "2001:db8:0:1::1", false),
            ("::ffff:192.0.2.1", "192.0.2.1", true),
            ("192.0.2.1", "192.0.2.2", false),
        ] {
            assert_eq!(address(one) == address(other), is_same, "{one} {other}");
        }
    }

    #[test]
    fn the_time_to_be_silent_shortens_as_slots_get_few() {
        let slots = slots(100, 100);
        let mut kept = Vec::new();
        for (taken, idle) in [(0, 300), (50, 300), (75, 150), (90, 60), (99, 10), (100, 10)] {
            while kept.len() < taken {
                kept.push(slots.try_take(HERE).expect("a slot"));
            }
            assert_eq!(slots.0.idle().as_secs(), idle, "{taken}");
        }
    }

    #[tokio::test]
    async fn who_has_no_slot_waits_for_one_but_not_for_ever() {
        let slots = slots(1, 9);
        let slot = slots.take(HERE, Duration::ZERO).await.expect("a slot");
        let work = slot.busy();
        assert_eq!(slots.take(HERE, Duration::ZERO).await.expect_err("none"), Full::Everybody);
        let leave = async {
            drop(work);
            let why = slot.overdue().await;
            drop(slot);
            why
        };
        let (taken, why) = tokio::join!(slots.take(HERE, Duration::from_secs(10)), leave);
        assert!(taken.is_ok());
        assert_eq!(why, Overdue::Evicted);
    }
}
