//! Moments as people name them: `30min`, `4h`, `4wh`, `2d`, `tomorrow 9:00`, `mon 14:00`, `2026-12-01`.

use chrono::{DateTime, Datelike, Days, MappedLocalTime, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc, Weekday};
use chrono_tz::Tz;

use super::working_time::Calendar;

/// When the day begins for whoever names a day alone.
pub const MORNING: NaiveTime = NaiveTime::from_hms_opt(9, 0, 0).expect("a time of day");
/// By what a moment may be ahead, in the unit that it is named in.
const MOST: u32 = 9_999;

/// A moment to come, seen from a now and a place that are not known yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// So long from now.
    In(TimeDelta),
    /// So much working time from now.
    InWorking(TimeDelta),
    /// At this time of day in so many days.
    InDays(u32),
    /// On a day, in the morning if no time is named.
    On(Day, Option<NaiveTime>),
    /// That moment: nobody names it so, it was told before.
    Moment(DateTime<Utc>),
}

/// A day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Day {
    /// So many days after today.
    After(u32),
    /// The next one of that name that is still to come.
    Next(Weekday),
    /// A date.
    Date(NaiveDate),
}

impl When {
    /// What can be read, for whoever wrote something else.
    pub const FORMS: &str =
        "30min, 4h, 4wh (working time), 2d, 14:00, tomorrow 9:00, mon 14:00, 2026-12-01, 2026-12-01 9:00";

    /// Reads a moment in any case. `None`: it is none, or not clear.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_lowercase();
        let mut words = text.split_whitespace();
        let (first, second) = (words.next()?, words.next());
        if words.next().is_some() {
            return None;
        }
        match second {
            Some(time) => Some(Self::On(day(first)?, Some(time_of_day(time)?))),
            None => span(first)
                .or_else(|| day(first).map(|day| Self::On(day, None)))
                .or_else(|| time_of_day(first).map(|time| Self::On(Day::After(0), Some(time)))),
        }
    }

    /// Whether a word names a day, so that a time of day may follow it.
    #[must_use]
    pub fn is_day(word: &str) -> bool {
        day(&word.to_lowercase()).is_some()
    }

    /// Whether a word is a time of day.
    #[must_use]
    pub fn is_time_of_day(word: &str) -> bool {
        time_of_day(word).is_some()
    }

    /// The moment, in whole seconds, seen from `now` by a calendar. `None`: it is beyond that.
    #[must_use]
    pub fn at(self, now: DateTime<Utc>, calendar: &Calendar) -> Option<DateTime<Utc>> {
        let zone = calendar.zone;
        let here = now.with_timezone(&zone);
        let (today, time) = (here.date_naive(), here.time());
        let moment = match self {
            Self::Moment(moment) => moment,
            Self::In(span) => now.checked_add_signed(span)?,
            Self::InWorking(span) => calendar.add(now, span)?,
            Self::InDays(days) => local(zone, today.checked_add_days(Days::new(days.into()))?, time)?,
            Self::On(day, time) => {
                let time = time.unwrap_or(MORNING);
                match day {
                    Day::After(days) => local(zone, today.checked_add_days(Days::new(days.into()))?, time)?,
                    Day::Date(date) => local(zone, date, time)?,
                    Day::Next(weekday) => {
                        let ahead = (weekday.days_since(today.weekday())).into();
                        let date = today.checked_add_days(Days::new(ahead))?;
                        match local(zone, date, time)? {
                            moment if moment > now => moment,
                            _ => local(zone, date.checked_add_days(Days::new(7))?, time)?,
                        }
                    }
                }
            }
        };
        DateTime::from_timestamp(moment.timestamp(), 0)
    }
}

/// A moment without the parts of a second that a clock tells and the record does not keep, or keeps in part.
#[must_use]
pub fn whole_seconds(moment: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp(moment.timestamp(), 0).unwrap_or(moment)
}

/// A local time as a moment. One that a clock shows twice is its first, one that it skips is when it goes on.
fn local(zone: Tz, date: NaiveDate, time: NaiveTime) -> Option<DateTime<Utc>> {
    let mut naive = date.and_time(time);
    for _ in 0..=96 {
        match zone.from_local_datetime(&naive) {
            MappedLocalTime::Single(moment) | MappedLocalTime::Ambiguous(moment, _) => return Some(moment.to_utc()),
            MappedLocalTime::None => naive = naive.checked_add_signed(TimeDelta::minutes(15))?,
        }
    }
    None
}

/// `30min`, `4h`, `2d`, `1w`; in working time `30wmin`, `4wh`.
fn span(word: &str) -> Option<When> {
    let unit = word.find(|c: char| !c.is_ascii_digit())?;
    let (count, unit) = word.split_at(unit);
    let count: u32 = count.parse().ok().filter(|count| (1..=MOST).contains(count))?;
    match unit {
        "min" => Some(When::In(TimeDelta::minutes(count.into()))),
        "h" => Some(When::In(TimeDelta::hours(count.into()))),
        "wmin" => Some(When::InWorking(TimeDelta::minutes(count.into()))),
        "wh" => Some(When::InWorking(TimeDelta::hours(count.into()))),
        "d" => Some(When::InDays(count)),
        "w" => Some(When::InDays(count * 7)),
        _ => None,
    }
}

fn day(word: &str) -> Option<Day> {
    let weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    match word {
        "today" => Some(Day::After(0)),
        "tomorrow" => Some(Day::After(1)),
        _ if word.len() >= 3 && weekdays.iter().any(|day| day.starts_with(word)) => {
            word.parse().ok().or_else(|| word[..3].parse().ok()).map(Day::Next)
        }
        _ => NaiveDate::parse_from_str(word, "%Y-%m-%d").ok().filter(|_| word.len() == 10).map(Day::Date),
    }
}

/// `9:00`, `14:30`.
fn time_of_day(word: &str) -> Option<NaiveTime> {
    let (hour, minute) = word.split_once(':')?;
    let is_number = |text: &str, most| text.len() <= most && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(hour, 2) || !is_number(minute, 2) || minute.len() != 2 {
        return None;
    }
    NaiveTime::from_hms_opt(hour.parse().ok()?, minute.parse().ok()?, 0)
}

#[cfg(test)]
mod tests {
    use chrono_tz::{Australia, Europe, UTC};
    use proptest::prelude::*;

    use super::*;

    /// A Wednesday.
    fn now() -> DateTime<Utc> {
        "2026-11-25T10:15:42.5Z".parse().expect("a moment")
    }

    #[test]
    fn moments_are_read_as_people_name_them() {
        for (typed, zone, moment) in [
            ("30min", UTC, "2026-11-25T10:45:42Z"),
            ("4h", UTC, "2026-11-25T14:15:42Z"),
            ("2d", Europe::Berlin, "2026-11-27T10:15:42Z"),
            ("1W", UTC, "2026-12-02T10:15:42Z"),
            ("tomorrow", Europe::Berlin, "2026-11-26T08:00:00Z"),
            ("Tomorrow 9:30", UTC, "2026-11-26T09:30:00Z"),
            ("today 23:59", UTC, "2026-11-25T23:59:00Z"),
            ("14:00", Europe::Berlin, "2026-11-25T13:00:00Z"),
            ("mon 14:00", UTC, "2026-11-30T14:00:00Z"),
            ("wed 14:00", UTC, "2026-11-25T14:00:00Z"),
            ("wednesday 9:00", UTC, "2026-12-02T09:00:00Z"),
            ("thur", UTC, "2026-11-26T09:00:00Z"),
            ("2026-12-01", Europe::Berlin, "2026-12-01T08:00:00Z"),
            ("2026-12-01 17:05", UTC, "2026-12-01T17:05:00Z"),
        ] {
            let when = When::parse(typed).unwrap_or_else(|| panic!("{typed} is a moment"));
            assert_eq!(when.at(now(), &Calendar::always(zone)), moment.parse().ok(), "{typed}");
        }
    }

    #[test]
    fn working_time_goes_by_the_calendar() {
        let hours = crate::domain::working_time::Hours::parse("mo-fr 09:00-17:00").expect("hours");
        let office = Calendar { hours, ..Calendar::always(UTC) };
        for (typed, moment) in [
            ("4wh", "2026-11-25T14:15:42Z"),
            ("8WH", "2026-11-26T10:15:42Z"),
            ("30wmin", "2026-11-25T10:45:42Z"),
            ("24wh", "2026-11-30T10:15:42Z"),
            ("8h", "2026-11-25T18:15:42Z"),
        ] {
            assert_eq!(When::parse(typed).and_then(|when| when.at(now(), &office)), moment.parse().ok(), "{typed}");
        }
        let rare =
            Calendar { hours: crate::domain::working_time::Hours::parse("mo 9:00-9:01").expect("hours"), ..office };
        assert_eq!(When::parse("9999wh").and_then(|when| when.at(now(), &rare)), None, "beyond the calendar");
    }

    #[test]
    fn what_is_not_clear_is_no_moment() {
        for typed in [
            "",
            "0d",
            "2",
            "d",
            "-1d",
            "2 d",
            "10000d",
            "soon",
            "9",
            "24:00",
            "9:60",
            "9:5",
            "mo",
            "12/01/2026",
            "2026-13-01",
            "2026-2-1",
            "tomorrow at nine",
            "tomorrow tomorrow",
            "9:00 tomorrow",
            "2d 9:00",
            "1e3d",
            "2wd",
            "4w h",
            "w",
        ] {
            assert_eq!(When::parse(typed), None, "{typed}");
        }
    }

    #[test]
    fn a_clock_that_jumps_goes_on_and_one_that_goes_back_counts_once() {
        let at = |typed: &str, zone, now: &str| {
            When::parse(typed).and_then(|when| when.at(now.parse().expect("a moment"), &Calendar::always(zone)))
        };
        let spring = at("2026-03-29 2:30", Europe::Berlin, "2026-03-01T00:00:00Z");
        assert_eq!(spring, "2026-03-29T01:00:00Z".parse().ok(), "at 2:00 it is 3:00");
        let autumn = at("2026-10-25 2:30", Europe::Berlin, "2026-03-01T00:00:00Z");
        assert_eq!(autumn, "2026-10-25T00:30:00Z".parse().ok(), "in summer time");
        let half = at("2026-10-04 2:15", Australia::Lord_Howe, "2026-03-01T00:00:00Z");
        assert_eq!(half, "2026-10-03T15:30:00Z".parse().ok(), "half an hour is skipped");
        let day = at("1d", Europe::Berlin, "2026-03-28T12:00:00Z");
        assert_eq!(day, "2026-03-29T11:00:00Z".parse().ok(), "a day is not always 24 hours");
    }

    proptest! {
        /// A weekday is always to come, and within a week.
        #[test]
        fn a_weekday_is_to_come(seconds in 0i64..4_000_000_000, day in 0usize..7, hour in 0u32..24) {
            let names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
            let now = DateTime::from_timestamp(seconds, 0).expect("a moment");
            let when = When::parse(&format!("{} {hour}:00", names[day])).expect("a moment");
            let then = when.at(now, &Calendar::always(UTC)).expect("a moment");
            prop_assert!(now < then && then - now <= TimeDelta::days(7));
        }

        #[test]
        fn any_text_is_read(text in ".{0,20}") {
            let _ = When::parse(&text).and_then(|when| when.at(now(), &Calendar::always(Europe::Berlin)));
        }
    }
}
