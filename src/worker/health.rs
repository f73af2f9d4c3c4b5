//! Whether the other side of a class works at all: what tells a job that fails from a server that is away.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::store::jobs::{Class, Leased, PutBack};

/// At so many lanes in a row that failed, and none that went well, the other side counts as away.
const FEW: usize = 3;
/// The longest pause of a class whose other side is away: it is found soon after it is back.
const LONGEST_PAUSE: Duration = Duration::from_secs(15);
/// What the clocks of the record and of this process may differ in over a wait.
const SLACK: Duration = Duration::from_secs(1);

/// What the workers of one class have seen lately.
#[derive(Debug, Default)]
pub(super) struct Health(Mutex<Seen>);

#[derive(Debug, Default)]
struct Seen {
    last_success: Option<Instant>,
    /// Lanes that failed since.
    failed: HashSet<i64>,
    /// How often the class paused since, and until when it does.
    pauses: u32,
    pause_until: Option<Instant>,
}

impl Health {
    /// A job was done.
    pub(super) fn succeeded(&self) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *seen = Seen { last_success: Some(Instant::now()), ..Seen::default() };
    }

    /// A job of Matrix failed in a way that may be everybody's. Returns how long its class should pause, if the
    /// homeserver seems to be away: then not every job has to find that out.
    pub(super) fn failed(&self, leased: &Leased, back: &PutBack) -> Option<Duration> {
        if leased.lane.class() != Class::Chat || !back.begun {
            return None;
        }
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.failed.insert(leased.lane_id());
        let now = Instant::now();
        // What was under way when the pause began knows nothing new.
        if seen.failed.len() < FEW || seen.pause_until.is_some_and(|until| now < until) {
            return None;
        }
        let pause = Duration::from_secs(1 << seen.pauses.min(4)).min(LONGEST_PAUSE);
        seen.pauses += 1;
        seen.pause_until = Some(now + pause);
        Some(pause)
    }

    /// Whether the other side seems to be away.
    pub(super) fn is_away(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).failed.len() >= FEW
    }

    /// Whether anything of the class went well since a moment.
    pub(super) fn has_worked_since(&self, moment: Instant) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).last_success.is_some_and(|success| success >= moment)
    }

    /// When the attempt before this one ended, at the earliest: if others went well since, a failure is the job's own.
    pub(super) fn last_attempt(leased: &Leased, began: Instant) -> Instant {
        let policy = leased.job.policy();
        let waited = policy.wait(leased.failures).max(policy.wait_while_away(leased.attempt - 1));
        let waited = if leased.attempt > 1 { waited + SLACK } else { Duration::ZERO };
        began.checked_sub(waited).unwrap_or(began)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::TicketId;
    use crate::store::jobs::{Card, Lane};

    fn card(n: i64, attempt: i32) -> Leased {
        Leased::made_up(n, Lane::ticket(TicketId(n)), Card { ticket: TicketId(n) }, attempt, 0)
    }

    fn back() -> PutBack {
        PutBack { wait: Duration::ZERO, why: "502".to_owned(), begun: true, counts: false }
    }

    #[test]
    fn one_lane_that_fails_makes_nobody_pause() {
        let health = Health::default();
        for _ in 0..10 {
            assert_eq!(health.failed(&card(1, 1), &back()), None);
        }
        assert!(!health.is_away());
    }

    #[test]
    fn three_lanes_that_fail_make_one_pause_and_a_success_ends_it() {
        let health = Health::default();
        let pauses: Vec<_> = (0..5).filter_map(|n| health.failed(&card(n, 1), &back())).collect();
        assert_eq!(pauses, [Duration::from_secs(1)], "what was under way adds nothing");
        assert!(health.is_away());
        health.succeeded();
        assert!(!health.is_away());
    }

    #[test]
    fn what_went_well_since_the_last_attempt_shows_that_the_other_side_works() {
        let health = Health::default();
        let began = Instant::now();
        assert!(!health.has_worked_since(Health::last_attempt(&card(1, 1), began)));
        health.succeeded();
        let later = Instant::now() + Duration::from_secs(1);
        assert!(
            !health.has_worked_since(Health::last_attempt(&card(1, 1), later)),
            "its first attempt came after that"
        );
        assert!(
            health.has_worked_since(Health::last_attempt(&card(1, 2), later)),
            "it has waited a second and tried again"
        );
    }
}
