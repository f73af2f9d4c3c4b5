//! When a ticket's first answer, its next answer and its solution are due, and when its lock is taken back: computed from
//! what happened to it, whenever something does, and never counted on.
//!
//! The rules are OTRS' escalation, but for what users complained of: what waits or is closed uses up no time, an answer of
//! ours starts no new time, and a customer's first mail is the first answer's alone.

mod past;
#[cfg(test)]
mod tests;

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub use self::past::{Past, Telling, Turn, Word};
use super::ticket::State;
use super::working_time::{Calendar, WorkingSpan};

/// What is to be done in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// The first answer.
    First,
    /// The next answer, since the customer has written again.
    Update,
    /// The closing.
    Solution,
}

impl Target {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::First, Self::Update, Self::Solution];
}

/// What a queue has promised for a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Goal {
    /// Within what working time.
    pub within: WorkingSpan,
    /// At what share of it the desk warns, in percent.
    pub warn: u8,
}

impl Goal {
    /// At what share the desk warns if nobody says otherwise, in percent.
    pub const WARN: u8 = 75;
}

/// As `queue list` shows it.
impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}%", self.within, self.warn)
    }
}

/// A queue's time: when it works, and what it has promised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timing {
    /// When it works.
    pub calendar: Calendar,
    /// For the first answer.
    pub first: Option<Goal>,
    /// For the next answer.
    pub update: Option<Goal>,
    /// For the solution.
    pub solution: Option<Goal>,
    /// Whether a ticket that is open again has all the time for its solution once more.
    pub solution_restarts: bool,
    /// After what working time a lock is taken back whose owner does nothing.
    pub unlock_after: Option<WorkingSpan>,
}

/// What of a ticket is due, and when.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Due {
    /// Each target that is still to be met.
    pub deadlines: Vec<Deadline>,
    /// When the lock is taken back.
    pub unlock_at: Option<DateTime<Utc>>,
}

/// A target that is still to be met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline {
    /// Which.
    pub target: Target,
    /// When the desk warns.
    pub warn_at: DateTime<Utc>,
    /// When it is due.
    pub due: DateTime<Utc>,
    /// Whether somebody was warned.
    pub is_warned: bool,
    /// Whether somebody was told that it is overdue.
    pub is_told: bool,
}

/// How late it is for a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Most of the time is over.
    Warned,
    /// All of it is.
    Breached,
}

/// The times of a ticket that stand in its row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct DueTimes {
    /// When the first answer is due.
    pub first: Option<DateTime<Utc>>,
    /// When the next answer is due.
    pub update: Option<DateTime<Utc>>,
    /// When the solution is due.
    pub solution: Option<DateTime<Utc>>,
    /// Since when something is overdue.
    pub breached_at: Option<DateTime<Utc>>,
}

impl DueTimes {
    /// What is due first.
    #[must_use]
    pub fn next(&self) -> Option<(Target, DateTime<Utc>)> {
        let all = [(Target::First, self.first), (Target::Update, self.update), (Target::Solution, self.solution)];
        all.into_iter().filter_map(|(target, due)| Some((target, due?))).min_by_key(|(_, due)| *due)
    }
}

impl Timing {
    /// Whether there is anything to be kept: if not, its tickets have no times at all.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        Target::ALL.iter().any(|target| self.goal(*target).is_some()) || self.unlock_after.is_some()
    }

    /// What is promised for a target.
    #[must_use]
    pub fn goal(&self, target: Target) -> Option<Goal> {
        match target {
            Target::First => self.first,
            Target::Update => self.update,
            Target::Solution => self.solution,
        }
    }

    /// What of a ticket is due that is in that state now and has that past. What waits or is over has nothing due.
    #[must_use]
    pub fn due(&self, past: &Past, state: State) -> Due {
        if !is_running(state) {
            return Due::default();
        }
        let deadlines = Target::ALL.into_iter().filter_map(|target| self.deadline(past, target)).collect();
        let unlock_at = past.handled_at.zip(self.unlock_after);
        Due { deadlines, unlock_at: unlock_at.and_then(|(since, after)| self.reach(past, since, after.time())) }
    }

    fn deadline(&self, past: &Past, target: Target) -> Option<Deadline> {
        let goal = self.goal(target)?;
        let since = match target {
            Target::First => past.waits_for_first_answer(),
            Target::Update => past.waits_for_next_answer(),
            Target::Solution => past.waits_for_solution(self.solution_restarts),
        }?;
        let due = self.reach(past, since, goal.within.time())?;
        let warn_at = self.reach(past, since, goal.within.share(goal.warn))?;
        let (is_warned, is_told) =
            (past.has_told(target, Stage::Warned, warn_at), past.has_told(target, Stage::Breached, due));
        Some(Deadline { target, warn_at, due, is_warned, is_told })
    }

    /// When so much working time has passed since a moment in which the ticket did not wait.
    fn reach(&self, past: &Past, since: DateTime<Utc>, time: chrono::TimeDelta) -> Option<DateTime<Utc>> {
        let mut left = time;
        for (from, to) in past.running() {
            let from = from.max(since);
            if to.is_some_and(|to| to <= from) {
                continue;
            }
            let reached = self.calendar.add(from, left)?;
            match to {
                Some(to) if reached > to => left -= self.calendar.between(from, to),
                _ => return Some(reached),
            }
        }
        None
    }
}

impl Due {
    /// What stands in the ticket's row at a moment.
    #[must_use]
    pub fn times(&self, now: DateTime<Utc>) -> DueTimes {
        let of = |target| self.deadlines.iter().find(|deadline| deadline.target == target).map(|deadline| deadline.due);
        let breached = self.deadlines.iter().filter(|deadline| deadline.is_told || deadline.due <= now);
        DueTimes {
            first: of(Target::First),
            update: of(Target::Update),
            solution: of(Target::Solution),
            breached_at: breached.map(|deadline| deadline.due).min(),
        }
    }

    /// What is to be told at a moment and has not been. Of what is overdue nobody is warned any more.
    #[must_use]
    pub fn untold(&self, now: DateTime<Utc>) -> Vec<(Stage, Deadline)> {
        self.deadlines.iter().filter_map(|deadline| Some((deadline.stage(now)?, *deadline))).collect()
    }

    /// The next moment at which something is to be told or done.
    #[must_use]
    pub fn next(&self) -> Option<DateTime<Utc>> {
        let moments = self.deadlines.iter().filter_map(|deadline| match deadline {
            Deadline { is_told: true, .. } => None,
            Deadline { is_warned: true, due, .. } => Some(*due),
            Deadline { warn_at, .. } => Some(*warn_at),
        });
        moments.chain(self.unlock_at).min()
    }
}

impl Deadline {
    fn stage(&self, now: DateTime<Utc>) -> Option<Stage> {
        match () {
            () if self.is_told => None,
            () if self.due <= now => Some(Stage::Breached),
            () if self.warn_at <= now && !self.is_warned => Some(Stage::Warned),
            () => None,
        }
    }
}

/// Whether time passes for a ticket in that state.
fn is_running(state: State) -> bool {
    !state.is_over() && !state.is_pending()
}
