//! How moments are told: in one form everywhere, by the clock of a queue's zone.

use chrono::{DateTime, Datelike, NaiveDateTime, Utc};
use chrono_tz::Tz;

/// A clock on the wall, and what it shows now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WallClock {
    zone: Tz,
    now: DateTime<Utc>,
}

impl WallClock {
    /// The clock of a zone.
    #[must_use]
    pub fn new(zone: Tz, now: DateTime<Utc>) -> Self {
        Self { zone, now }
    }

    /// Its zone.
    #[must_use]
    pub fn zone(self) -> Tz {
        self.zone
    }

    /// A moment in what is said once, such as a list: `19:13` of today, else as in what stays.
    #[must_use]
    pub fn told(self, at: DateTime<Utc>) -> String {
        let (here, now) = (self.here(at), self.here(self.now));
        if here.date() == now.date() { here.format("%H:%M").to_string() } else { self.lasting(at) }
    }

    /// A moment in what stays as it is until there is something else to say, such as a card: `25 Nov 19:13`, without a word
    /// that is wrong tomorrow; of another year with that.
    #[must_use]
    pub fn lasting(self, at: DateTime<Utc>) -> String {
        let (here, now) = (self.here(at), self.here(self.now));
        if here.year() == now.year() { here.format("%-d %b %H:%M").to_string() } else { in_full(here) }
    }

    /// The same, and the zone: of a moment that somebody has typed.
    #[must_use]
    pub fn agreed(self, at: DateTime<Utc>) -> String {
        format!("{} {}", self.lasting(at), at.with_timezone(&self.zone).format("%Z"))
    }

    fn here(self, at: DateTime<Utc>) -> NaiveDateTime {
        at.with_timezone(&self.zone).naive_local()
    }
}

/// `25 Nov 2026 19:13`
#[must_use]
pub fn in_full(at: NaiveDateTime) -> String {
    at.format("%-d %b %Y %H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_told_by_the_queues_clock_and_no_longer_than_it_must_be() {
        let moment = |text: &str| text.parse::<DateTime<Utc>>().expect("a moment");
        for (now, at, told, lasting) in [
            ("2026-11-25T20:13:00Z", "2026-11-25T18:13:00Z", "19:13", "25 Nov 19:13"),
            ("2026-11-26T03:13:00Z", "2026-11-25T18:13:00Z", "25 Nov 19:13", "25 Nov 19:13"),
            ("2026-11-26T03:13:00Z", "2026-11-25T23:13:00Z", "00:13", "26 Nov 00:13"),
            ("2026-12-31T22:59:00Z", "2026-12-31T23:00:00Z", "1 Jan 2027 00:00", "1 Jan 2027 00:00"),
            ("2027-01-01T00:00:00Z", "2026-12-31T23:00:00Z", "00:00", "1 Jan 00:00"),
        ] {
            let clock = WallClock::new(chrono_tz::Europe::Berlin, moment(now));
            assert_eq!(
                (clock.told(moment(at)), clock.lasting(moment(at))),
                (told.to_owned(), lasting.to_owned()),
                "{at}"
            );
        }
        let clock = WallClock::new(chrono_tz::Europe::Berlin, moment("2026-11-25T20:13:00Z"));
        assert_eq!(clock.agreed(moment("2026-11-30T08:00:00Z")), "30 Nov 09:00 CET");
    }
}
