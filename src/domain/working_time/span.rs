//! A span of working time as people write it: `4h`, `90min`, `1h30min`.

use std::fmt;

use chrono::TimeDelta;

/// How many minutes a span may have: 5,000 hours, some two years and a half of work.
const MOST: u32 = 5_000 * 60;

/// A span of working time, in whole minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WorkingSpan(u32);

impl WorkingSpan {
    /// So many minutes; `None` if they are none, or too many.
    #[must_use]
    pub fn of_minutes(minutes: u32) -> Option<Self> {
        (1..=MOST).contains(&minutes).then_some(Self(minutes))
    }

    /// Reads a span.
    ///
    /// # Errors
    /// What is wrong with it, with the right form.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!("“{text}” is no working time, such as 4h, 90min or 1h30min (a day has as many hours as are worked)")
        };
        let (mut minutes, mut rest) = (0_u32, text.trim());
        for (unit, each) in [("h", 60), ("min", 1)] {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            if digits > 0
                && let Some(after) = rest[digits..].strip_prefix(unit)
            {
                let count: u32 = rest[..digits].parse().map_err(|_| wrong())?;
                minutes = count.checked_mul(each).and_then(|more| minutes.checked_add(more)).ok_or_else(wrong)?;
                rest = after;
            }
        }
        if !rest.is_empty() {
            return Err(wrong());
        }
        Self::of_minutes(minutes).ok_or_else(wrong)
    }

    /// In minutes.
    #[must_use]
    pub fn minutes(self) -> u32 {
        self.0
    }

    /// As a length of time.
    #[must_use]
    pub fn time(self) -> TimeDelta {
        TimeDelta::minutes(self.0.into())
    }

    /// A share of it, in percent.
    #[must_use]
    pub fn share(self, percent: u8) -> TimeDelta {
        TimeDelta::seconds(i64::from(self.0) * 60 * i64::from(percent) / 100)
    }
}

impl fmt::Display for WorkingSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0 / 60, self.0 % 60) {
            (0, minutes) => write!(f, "{minutes}min"),
            (hours, 0) => write!(f, "{hours}h"),
            (hours, minutes) => write!(f, "{hours}h{minutes}min"),
        }
    }
}
