//! How long and how often a kind of job is tried.

use std::time::Duration;

/// How a kind of job is tried. What becomes of it at the end is said where it is dispatched.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Policy {
    /// At this many failures it is given up. Only failures count that happen while others of its class go well: a
    /// server that is away is nobody's fault, however long.
    pub limit: i32,
    /// The wait after the first failure; it doubles with each.
    pub first_wait: Duration,
    /// The longest wait between two attempts.
    pub longest_wait: Duration,
    /// After this time an attempt is cancelled, and failed.
    pub time_limit: Duration,
}

/// The longest wait while a failure counts for nothing: a server that is away is found soon after it is back.
const LONGEST_WHILE_AWAY: Duration = Duration::from_secs(30);

impl Policy {
    /// For what only PostgreSQL has to do with.
    pub const RECORD: Self = Self {
        limit: 10,
        first_wait: Duration::from_millis(500),
        longest_wait: Duration::from_secs(30),
        time_limit: Duration::from_mins(2),
    };
    /// For a message in Matrix: given up after an hour and a half in which others were sent.
    pub const CHAT: Self = Self {
        limit: 24,
        first_wait: Duration::from_secs(1),
        longest_wait: Duration::from_mins(5),
        time_limit: Duration::from_mins(3),
    };
    /// For a file in Matrix.
    pub const FILE: Self = Self { time_limit: Duration::from_mins(15), ..Self::CHAT };
    /// For a mail: its own age decides (RFC 5321 §4.5.4.1), so the limit is only for what is wrong on our side. An
    /// SMTP server may take ten minutes for the final dot alone (RFC 5321 §4.5.3.2.6).
    pub const LETTER: Self = Self {
        limit: 24,
        first_wait: Duration::from_secs(1),
        longest_wait: Duration::from_hours(1),
        time_limit: Duration::from_mins(20),
    };

    /// For a call of a webhook: its receiver's answers decide, so the limit is only for what is wrong on our side.
    pub const WEBHOOK: Self = Self {
        limit: 24,
        first_wait: Duration::from_secs(1),
        longest_wait: Duration::from_hours(1),
        time_limit: Duration::from_mins(1),
    };

    /// The wait after so many failures that counted.
    #[must_use]
    pub fn wait(&self, failures: i32) -> Duration {
        doubled(self.first_wait, failures).min(self.longest_wait)
    }

    /// The wait after an attempt whose failure did not count.
    #[must_use]
    pub fn wait_while_away(&self, attempt: i32) -> Duration {
        doubled(self.first_wait, attempt).min(LONGEST_WHILE_AWAY).min(self.longest_wait)
    }
}

/// The wait of the first time, doubled for every further one.
fn doubled(first: Duration, times: i32) -> Duration {
    let exponent = u32::try_from(times.clamp(1, 16) - 1).unwrap_or_default();
    first * 2u32.pow(exponent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest() {
        let waits: Vec<u64> = [1, 2, 3, 9, 10, 1000].map(|failures| Policy::CHAT.wait(failures).as_secs()).to_vec();
        assert_eq!(waits, [1, 2, 4, 256, 300, 300]);
        assert_eq!(Policy::CHAT.wait_while_away(1000), Duration::from_secs(30));
    }

    #[test]
    fn what_fails_alone_is_given_up_within_hours() {
        let whole = |policy: Policy| (1..policy.limit).map(|failures| policy.wait(failures)).sum::<Duration>();
        assert!((Duration::from_hours(1)..Duration::from_hours(2)).contains(&whole(Policy::CHAT)));
        assert!(whole(Policy::RECORD) < Duration::from_mins(10));
        assert!(whole(Policy::LETTER) < Duration::from_hours(24));
    }
}
