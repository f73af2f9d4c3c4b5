//! When queues work, and what they have promised.

use serde::Serialize;

use super::jobs::Retime;
use super::{Result, StoreError, Tx};
use crate::domain::due::{Goal, Timing};
use crate::domain::id::QueueId;
use crate::domain::working_time::{Calendar, Holidays, Hours, WorkingSpan};

/// What of a queue's time is to be changed; `None` leaves it as it is, `Some(None)` takes it away.
#[derive(Clone, Debug, Default)]
pub struct TimingChange {
    /// At which hours it works.
    pub hours: Option<Hours>,
    /// On which days it does not.
    pub holidays: Option<Holidays>,
    /// Within what time the first answer is promised.
    pub first: Option<Option<WorkingSpan>>,
    /// Within what time the next answer is promised.
    pub update: Option<Option<WorkingSpan>>,
    /// Within what time the solution is promised.
    pub solution: Option<Option<WorkingSpan>>,
    /// At what share of each the desk warns, in percent, in that order.
    pub warn: [Option<u8>; 3],
    /// Whether an opening gives all the time for the solution once more.
    pub solution_restarts: Option<bool>,
    /// After what time a lock is taken back.
    pub unlock_after: Option<Option<WorkingSpan>>,
}

impl TimingChange {
    /// What it makes of a queue's time.
    #[must_use]
    pub fn of(&self, timing: &Timing) -> Timing {
        let goal = |before: Option<Goal>, within: Option<Option<WorkingSpan>>, warn: Option<u8>| {
            let within = within.unwrap_or_else(|| before.map(|goal| goal.within))?;
            let warn = warn.or_else(|| before.map(|goal| goal.warn)).unwrap_or(Goal::WARN);
            Some(Goal { within, warn })
        };
        let [first_warn, update_warn, solution_warn] = self.warn;
        Timing {
            calendar: Calendar {
                zone: timing.calendar.zone,
                hours: self.hours.clone().unwrap_or_else(|| timing.calendar.hours.clone()),
                holidays: self.holidays.clone().unwrap_or_else(|| timing.calendar.holidays.clone()),
            },
            first: goal(timing.first, self.first, first_warn),
            update: goal(timing.update, self.update, update_warn),
            solution: goal(timing.solution, self.solution, solution_warn),
            solution_restarts: self.solution_restarts.unwrap_or(timing.solution_restarts),
            unlock_after: self.unlock_after.unwrap_or(timing.unlock_after),
        }
    }
}

/// A queue's time as `queue list --json` shows it.
#[derive(Clone, Debug, Serialize)]
pub struct TimingLine {
    /// Its working hours; empty: always.
    pub hours: String,
    /// Its holidays.
    pub holidays: Vec<String>,
    /// First answer.
    pub first_response: Option<String>,
    /// Next answer.
    pub update: Option<String>,
    /// Solution.
    pub solution: Option<String>,
    /// Whether opening begins the solution's time anew.
    pub solution_restarts: bool,
    /// Unlock timeout.
    pub unlock_after: Option<String>,
}

impl From<&Timing> for TimingLine {
    fn from(timing: &Timing) -> Self {
        let goal = |goal: Option<Goal>| goal.map(|goal| goal.to_string());
        Self {
            hours: timing.calendar.hours.to_string(),
            holidays: timing.calendar.holidays.to_string().lines().map(ToOwned::to_owned).collect(),
            first_response: goal(timing.first),
            update: goal(timing.update),
            solution: goal(timing.solution),
            solution_restarts: timing.solution_restarts,
            unlock_after: timing.unlock_after.map(|after| after.to_string()),
        }
    }
}

pub(super) struct TimingRow {
    pub(super) queue_id: i64,
    pub(super) time_zone: String,
    pub(super) hours: String,
    pub(super) holidays: String,
    pub(super) first_within: Option<i32>,
    pub(super) first_warn: i16,
    pub(super) update_within: Option<i32>,
    pub(super) update_warn: i16,
    pub(super) solution_within: Option<i32>,
    pub(super) solution_warn: i16,
    pub(super) solution_restarts: bool,
    pub(super) unlock_after: Option<i32>,
}

impl TryFrom<TimingRow> for Timing {
    type Error = StoreError;

    fn try_from(row: TimingRow) -> Result<Self> {
        let unsound =
            |what: &str| StoreError::Unsound { table: "queue", row: row.queue_id.to_string(), what: what.to_owned() };
        let span = |minutes: Option<i32>, what: &str| match minutes {
            None => Ok(None),
            Some(minutes) => {
                u32::try_from(minutes).ok().and_then(WorkingSpan::of_minutes).map(Some).ok_or_else(|| unsound(what))
            }
        };
        let goal = |within, warn: i16, what| {
            let warn = u8::try_from(warn).map_err(|_| unsound(what))?;
            Ok::<_, StoreError>(span(within, what)?.map(|within| Goal { within, warn }))
        };
        Ok(Self {
            calendar: Calendar {
                zone: row.time_zone.parse().map_err(|_| unsound("time_zone"))?,
                hours: Hours::parse(&row.hours).map_err(|_| unsound("hours"))?,
                holidays: Holidays::parse(&row.holidays).map_err(|_| unsound("holidays"))?,
            },
            first: goal(row.first_within, row.first_warn, "first_within")?,
            update: goal(row.update_within, row.update_warn, "update_within")?,
            solution: goal(row.solution_within, row.solution_warn, "solution_within")?,
            solution_restarts: row.solution_restarts,
            unlock_after: span(row.unlock_after, "unlock_after")?,
        })
    }
}

/// When queues work, and what they have promised.
pub struct Timings<'t>(pub(super) &'t mut Tx);

impl Timings<'_> {
    /// A queue's time.
    pub async fn of(&mut self, queue: QueueId) -> Result<Timing> {
        sqlx::query_as!(
            TimingRow,
            "select queue_id, time_zone, hours, holidays, first_within, first_warn, update_within, update_warn,
                    solution_within, solution_warn, solution_restarts, unlock_after
             from queue where queue_id = $1",
            queue.0,
        )
        .fetch_one(self.0.connection())
        .await?
        .try_into()
    }

    /// Makes a queue's time so, but for its time zone, and has the times of all its open tickets computed anew.
    pub async fn set(&mut self, queue: QueueId, timing: &Timing) -> Result<()> {
        let minutes = |span: Option<WorkingSpan>| span.and_then(|span| i32::try_from(span.minutes()).ok());
        let within = |goal: Option<Goal>| minutes(goal.map(|goal| goal.within));
        let warn = |goal: Option<Goal>| i16::from(goal.map_or(Goal::WARN, |goal| goal.warn));
        sqlx::query!(
            "update queue set hours = $2, holidays = $3, first_within = $4, first_warn = $5, update_within = $6, update_warn = $7,
                    solution_within = $8, solution_warn = $9, solution_restarts = $10, unlock_after = $11
             where queue_id = $1",
            queue.0,
            timing.calendar.hours.to_string(),
            timing.calendar.holidays.to_string(),
            within(timing.first),
            warn(timing.first),
            within(timing.update),
            warn(timing.update),
            within(timing.solution),
            warn(timing.solution),
            timing.solution_restarts,
            minutes(timing.unlock_after),
        )
        .execute(self.0.connection())
        .await?;
        self.0.enqueue(Retime { queue, after: None });
        Ok(())
    }
}
