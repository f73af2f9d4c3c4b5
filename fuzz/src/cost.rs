//! What reading a mail costs: this thread's time of work, and the most memory that it had at once.

use std::time::Duration;

use crate::mail::read;

/// The bounds of `docs/mail.md`.
pub const WORK: Duration = Duration::from_secs(2);
pub const MEMORY: u64 = 256 << 20;
/// The largest mail that is tried; the default of `max_size`.
pub const LARGEST: usize = 25 << 20;
const SMALLEST: usize = 64 << 10;

/// What a mail cost.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    /// The size of the mail in bytes.
    pub size: usize,
    /// The work.
    pub work: Duration,
    /// The memory in bytes, the mail itself not counted.
    pub memory: u64,
}

/// Reads a mail, and says what that cost.
pub fn of(mail: &[u8]) -> Cost {
    let start = work();
    let memory = allocation_counter::measure(|| {
        let _ = std::hint::black_box(read(mail));
    });
    Cost { size: mail.len(), work: work().saturating_sub(start), memory: memory.bytes_max }
}

/// How long this thread has been working, whatever else the machine does.
fn work() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("the kernel's account");
    let nanoseconds = text.split_whitespace().next().expect("a number").parse().expect("a number");
    Duration::from_nanos(nanoseconds)
}

/// Doubles a mail as long as it might become too expensive; the cost that is over the bounds, if one is.
pub fn over(mail: impl Fn(usize) -> Vec<u8>) -> Option<Cost> {
    let mut last: Option<Cost> = None;
    let sizes = std::iter::successors(Some(SMALLEST), |&size| (size < LARGEST).then_some((2 * size).min(LARGEST)));
    for size in sizes {
        let cost = of(&mail(size));
        if cost.work > WORK || cost.memory + cost.size as u64 > MEMORY {
            return Some(cost);
        }
        let left = (LARGEST / size) as u32;
        let grows = last.is_some_and(|last| {
            cost.work > Duration::from_millis(15) && cost.work > last.work * 5 / 2
        });
        let dear = cost.work * left > WORK || cost.memory * u64::from(left) > MEMORY * 3 / 4;
        // Twice the size is always tried: what grows by the square shows there.
        if last.is_some() && !grows && !dear {
            return None;
        }
        last = Some(cost);
    }
    None
}
