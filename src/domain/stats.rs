//! What is counted of a desk, and over which days.

use chrono::{DateTime, Days, MappedLocalTime, NaiveDate, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

/// Over how long something is counted: whole days, today among them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Span {
    /// Today
    Day,
    /// The last seven days
    #[default]
    Week,
    /// The last thirty days
    Month,
}

impl Span {
    /// Reads `day`, `week` or `month`, in any case.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        match word.to_lowercase().as_str() {
            "day" | "today" => Some(Self::Day),
            "week" => Some(Self::Week),
            "month" => Some(Self::Month),
            _ => None,
        }
    }

    fn days(self) -> u64 {
        match self {
            Self::Day => 1,
            Self::Week => 7,
            Self::Month => 30,
        }
    }
}

/// Days by a clock, and the moments between which they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// By whose clock.
    pub zone: Tz,
    /// The first day.
    pub first: NaiveDate,
    /// The last day: today.
    pub last: NaiveDate,
    /// When the first day began.
    pub from: DateTime<Utc>,
    /// Now: nothing of later is counted.
    pub to: DateTime<Utc>,
}

impl Window {
    /// The days of a span up to now.
    #[must_use]
    pub fn of(span: Span, now: DateTime<Utc>, zone: Tz) -> Self {
        let last = now.with_timezone(&zone).date_naive();
        let first = last.checked_sub_days(Days::new(span.days() - 1)).unwrap_or(last);
        let midnight = first.and_hms_opt(0, 0, 0).unwrap_or_default();
        let from = match zone.from_local_datetime(&midnight) {
            MappedLocalTime::Single(at) | MappedLocalTime::Ambiguous(at, _) => at.to_utc(),
            // A clock that skips midnight: the day begins when it goes on.
            MappedLocalTime::None => {
                zone.from_local_datetime(&(midnight + TimeDelta::hours(1))).earliest().map_or(now, |at| at.to_utc())
            }
        };
        Self { zone, first, last, from, to: now }
    }

    /// Its days, in their order.
    pub fn days(&self) -> impl Iterator<Item = NaiveDate> + use<> {
        let last = self.last;
        self.first.iter_days().take_while(move |day| *day <= last)
    }
}

/// How long something took: in the middle, and of nine in ten at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Took {
    /// Half of them took no longer.
    pub median: TimeDelta,
    /// Nine in ten took no longer.
    pub ninety: TimeDelta,
    /// How many there were.
    pub count: usize,
}

impl Took {
    /// Of so many times; `None` if there are none.
    #[must_use]
    pub fn of(mut times: Vec<TimeDelta>) -> Option<Self> {
        times.sort_unstable();
        // The nearest rank: the smallest that so many percent are no larger than.
        let rank = |percent: usize| (times.len() * percent).div_ceil(100).checked_sub(1);
        Some(Self { median: *times.get(rank(50)?)?, ninety: *times.get(rank(90)?)?, count: times.len() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_clock_and_today_is_the_last() {
        let now = Utc.with_ymd_and_hms(2026, 11, 26, 23, 30, 0).single().expect("a moment");
        let window = Window::of(Span::Week, now, chrono_tz::Europe::Berlin);
        assert_eq!(
            (window.first.to_string(), window.last.to_string()),
            ("2026-11-21".to_owned(), "2026-11-27".to_owned())
        );
        assert_eq!(window.from.to_rfc3339(), "2026-11-20T23:00:00+00:00");
        assert_eq!(window.days().count(), 7);
        assert_eq!(Window::of(Span::Day, now, Tz::UTC).days().count(), 1);
        // Midnight of 2026-04-24 does not exist in Cairo.
        let now = Utc.with_ymd_and_hms(2026, 4, 24, 12, 0, 0).single().expect("a moment");
        let window = Window::of(Span::Day, now, chrono_tz::Africa::Cairo);
        assert_eq!(window.from.to_rfc3339(), "2026-04-23T22:00:00+00:00");
    }

    #[test]
    fn half_and_nine_in_ten_took_no_longer() {
        let took = |minutes: &[i64]| Took::of(minutes.iter().map(|minutes| TimeDelta::minutes(*minutes)).collect());
        let minutes = |took: Took| (took.median.num_minutes(), took.ninety.num_minutes(), took.count);
        assert_eq!(took(&[]), None);
        assert_eq!(took(&[7]).map(minutes), Some((7, 7, 1)));
        assert_eq!(took(&[4, 1, 3, 2]).map(minutes), Some((2, 4, 4)));
        let ten: Vec<i64> = (1..=10).rev().collect();
        assert_eq!(took(&ten).map(minutes), Some((5, 9, 10)));
    }
}
