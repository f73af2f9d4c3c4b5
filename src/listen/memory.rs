//! How many bytes the mails may have together that are being received: more connections, or larger mails, than the memory
//! is for are put off and not taken in part.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// What is counted at a time.
const UNIT: usize = 1024;

/// The memory for all mails under way, of all entries together.
#[derive(Clone, Debug)]
pub struct MailMemory {
    free: Arc<Semaphore>,
    all: u32,
}

/// One mail's part of it, until it is dropped.
#[derive(Debug)]
pub struct Reservation {
    memory: MailMemory,
    held: Option<OwnedSemaphorePermit>,
}

impl MailMemory {
    /// So many bytes.
    #[must_use]
    pub fn of(bytes: usize) -> Self {
        let all = u32::try_from(bytes.div_ceil(UNIT)).unwrap_or(u32::MAX).min(u32::MAX >> 4);
        Self { free: Arc::new(Semaphore::new(all as usize)), all }
    }

    /// Whether there is room for a mail of that size now. Nothing is kept for it: who only announces mails would keep out
    /// those that come.
    #[must_use]
    pub fn has_room_for(&self, bytes: usize) -> bool {
        self.free.available_permits() >= units(bytes) as usize
    }

    /// A share for a mail that grows as it comes.
    #[must_use]
    pub fn share(&self) -> Reservation {
        Reservation { memory: self.clone(), held: None }
    }

    /// A share for a mail of that size that can be waited with. Who waits comes before whoever asks later.
    pub async fn wait_for(&self, bytes: usize) -> Reservation {
        let wanted = units(bytes).min(self.all);
        let held = Arc::clone(&self.free).acquire_many_owned(wanted).await.ok();
        Reservation { memory: self.clone(), held }
    }
}

impl Reservation {
    /// An empty one of the same memory.
    #[must_use]
    pub fn emptied(&self) -> Self {
        self.memory.share()
    }

    /// Makes it one of that size, if there is room.
    pub fn grow_to(&mut self, bytes: usize) -> bool {
        let held = self.held.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let Some(more) = (units(bytes) as usize).checked_sub(held).filter(|more| *more > 0) else { return true };
        let more = u32::try_from(more).unwrap_or(u32::MAX);
        let Ok(more) = Arc::clone(&self.memory.free).try_acquire_many_owned(more) else { return false };
        match &mut self.held {
            Some(held) => held.merge(more),
            None => self.held = Some(more),
        }
        true
    }
}

fn units(bytes: usize) -> u32 {
    u32::try_from(bytes.div_ceil(UNIT)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_comes_last_has_no_room_until_another_is_done() {
        let memory = MailMemory::of(100 * UNIT);
        let (mut one, mut other) = (memory.share(), memory.share());
        assert!(one.grow_to(10 * UNIT) && one.grow_to(60 * UNIT) && one.grow_to(5 * UNIT));
        assert!(other.grow_to(40 * UNIT) && !other.grow_to(40 * UNIT + 1), "the rest, and no more");
        assert!(!memory.has_room_for(1) && memory.has_room_for(0));
        drop(one);
        assert!(memory.has_room_for(60 * UNIT) && other.grow_to(100 * UNIT));
    }

    #[tokio::test]
    async fn who_waits_comes_before_whoever_asks_later() {
        let memory = MailMemory::of(100 * UNIT);
        let mut first = memory.share();
        assert!(first.grow_to(50 * UNIT));
        let waiting = tokio::spawn({
            let memory = memory.clone();
            async move { memory.wait_for(usize::MAX).await }
        });
        while memory.free.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        assert!(!memory.share().grow_to(1), "what is free is kept for who waits");
        drop(first);
        let all = waiting.await.expect("no panic");
        assert!(!memory.has_room_for(1), "a mail larger than all of it has all of it");
        drop(all);
        assert!(memory.has_room_for(100 * UNIT));
    }
}
