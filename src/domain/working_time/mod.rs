//! Working time: hours that count, by a queue's clock, with holidays that don't.
//!
//! A moment counts if a clock on the wall there shows a time within the working hours of a day that is no holiday. So an
//! hour that a clock shows twice counts twice, and one that it skips does not count.

mod holidays;
mod hours;
mod span;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

pub use self::holidays::Holidays;
pub use self::hours::Hours;
pub use self::span::WorkingSpan;

/// How far ahead a moment is looked for, in days: some ten years.
const MOST_DAYS: usize = 3_700;
/// No clock is farther behind UTC, and none farther ahead.
const FARTHEST: TimeDelta = TimeDelta::hours(16);

/// When a queue works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// By whose clock.
    pub zone: Tz,
    /// At which hours of a week.
    pub hours: Hours,
    /// On which days not at all.
    pub holidays: Holidays,
}

impl Calendar {
    /// One in which every moment counts.
    #[must_use]
    pub fn always(zone: Tz) -> Self {
        Self { zone, hours: Hours::default(), holidays: Holidays::default() }
    }

    /// The first moment at which so much working time has passed since `from`. `None`: not within ten years.
    #[must_use]
    pub fn add(&self, from: DateTime<Utc>, time: TimeDelta) -> Option<DateTime<Utc>> {
        if time <= TimeDelta::zero() {
            return Some(from);
        }
        if self.counts_always() {
            return from.checked_add_signed(time);
        }
        let mut left = time;
        for (start, end) in self.spans(from) {
            if left <= end - start {
                return Some(start + left);
            }
            left -= end - start;
        }
        None
    }

    /// How much working time there is between two moments; none if the later one comes first.
    #[must_use]
    pub fn between(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> TimeDelta {
        if self.counts_always() {
            return (to - from).max(TimeDelta::zero());
        }
        let spans = self.spans(from).take_while(|(start, _)| *start < to);
        spans.fold(TimeDelta::zero(), |sum, (start, end)| sum + (end.min(to) - start))
    }

    fn counts_always(&self) -> bool {
        self.hours.are_all() && self.holidays.is_empty()
    }

    /// The spans of working time that end after a moment, in their order.
    fn spans(&self, from: DateTime<Utc>) -> impl Iterator<Item = (DateTime<Utc>, DateTime<Utc>)> {
        let first = from.with_timezone(&self.zone).date_naive().pred_opt();
        let days = first.into_iter().flat_map(|first| first.iter_days().take(MOST_DAYS));
        days.flat_map(|day| self.spans_of(day))
            .filter(move |(_, end)| *end > from)
            .map(move |(start, end)| (start.max(from), end))
    }

    /// A day's spans: its hours under each offset that the clock has on it.
    fn spans_of(&self, day: NaiveDate) -> Vec<(DateTime<Utc>, DateTime<Utc>)> {
        if self.holidays.has(day) {
            return Vec::new();
        }
        let ranges = self.hours.of(day);
        if ranges.is_empty() {
            return Vec::new();
        }
        let midnight = day.and_time(NaiveTime::MIN);
        let mut spans = Vec::new();
        for (from, to, offset) in offsets(self.zone, midnight) {
            for range in ranges {
                let start = (midnight + TimeDelta::minutes(range.from.into()) - offset).max(from);
                let end = (midnight + TimeDelta::minutes(range.to.into()) - offset).min(to);
                if start < end {
                    spans.push((start.and_utc(), end.and_utc()));
                }
            }
        }
        spans
    }
}

/// The offsets that a clock has around a local day: from when, until when (in UTC), and how far it is ahead of UTC.
fn offsets(zone: Tz, midnight: NaiveDateTime) -> Vec<(NaiveDateTime, NaiveDateTime, TimeDelta)> {
    let ahead =
        |at: NaiveDateTime| TimeDelta::seconds(zone.offset_from_utc_datetime(&at).fix().local_minus_utc().into());
    let (Some(start), Some(end)) = (
        midnight.checked_sub_signed(FARTHEST),
        midnight.checked_add_days(Days::new(1)).and_then(|end| end.checked_add_signed(FARTHEST)),
    ) else {
        return Vec::new();
    };
    let (before, after) = (ahead(start), ahead(end));
    if before == after {
        return vec![(start, end, before)];
    }
    // No clock changes twice within three days, so there is one moment before which it has the one and after which the other.
    let (mut low, mut high) = (start, end);
    while high - low > TimeDelta::seconds(1) {
        let middle = low + TimeDelta::seconds((high - low).num_seconds() / 2);
        if ahead(middle) == before { low = middle } else { high = middle }
    }
    vec![(start, high, before), (high, end, after)]
}
