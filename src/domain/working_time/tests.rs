//! Working time against tables, and against a clock that is read every minute.

use chrono_tz::{Africa, America, Australia, Europe, UTC};
use proptest::prelude::*;

use super::*;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a moment")
}

fn calendar(zone: Tz, hours: &str, holidays: &str) -> Calendar {
    Calendar {
        zone,
        hours: Hours::parse(hours).expect("hours"),
        holidays: Holidays::parse(holidays).expect("holidays"),
    }
}

const OFFICE: &str = "mo-fr 09:00-12:30,13:30-17:00; sa 10:00-12:00";

#[test]
fn working_time_is_added() {
    let office = calendar(Europe::Berlin, OFFICE, "2026-12-25 Christmas");
    for (from, minutes, to, why) in [
        ("2026-11-25T08:00:00Z", 60, "2026-11-25T09:00:00Z", "9:00 there"),
        ("2026-11-25T03:00:00Z", 60, "2026-11-25T09:00:00Z", "before work"),
        ("2026-11-25T11:00:00Z", 60, "2026-11-25T13:00:00Z", "over lunch"),
        ("2026-11-25T10:30:00Z", 60, "2026-11-25T11:30:00Z", "until lunch"),
        ("2026-11-25T15:30:00Z", 60, "2026-11-26T08:30:00Z", "over night"),
        ("2026-11-27T15:59:00Z", 60, "2026-11-28T09:59:00Z", "on Saturday"),
        ("2026-11-28T11:00:00Z", 60, "2026-11-30T09:00:00Z", "over Sunday"),
        ("2026-12-24T15:59:30Z", 1, "2026-12-26T09:00:30Z", "over Christmas"),
        ("2026-11-25T20:00:00Z", 0, "2026-11-25T20:00:00Z", "no time is no time"),
    ] {
        assert_eq!(office.add(at(from), TimeDelta::minutes(minutes)), Some(at(to)), "{why}");
        let moments = (at(from), at(to));
        assert_eq!(office.between(moments.0, moments.1), TimeDelta::minutes(minutes), "{why}");
    }
    assert_eq!(office.between(at("2026-11-26T00:00:00Z"), at("2026-11-25T00:00:00Z")), TimeDelta::zero());
}

#[test]
fn a_day_may_be_longer_or_shorter() {
    let day = TimeDelta::hours(48);
    let holiday = "2026-01-01 so that the hours are looked at";
    for (zone, from, hours) in [
        (Europe::Berlin, "2026-03-27T23:00:00Z", 47),
        (Europe::Berlin, "2026-10-23T22:00:00Z", 49),
        (America::New_York, "2026-03-07T05:00:00Z", 47),
        (UTC, "2026-03-28T00:00:00Z", 48),
    ] {
        let calendar = calendar(zone, "sa,su 00:00-24:00", holiday);
        let end = at(from) + TimeDelta::hours(hours);
        assert_eq!(calendar.between(at(from), at(from) + day * 2), TimeDelta::hours(hours), "{zone} {from}");
        assert_eq!(calendar.add(at(from), TimeDelta::hours(hours)), Some(end));
    }
    let night = calendar(Europe::Berlin, "su 02:00-02:30", "");
    let (before, after) = (at("2026-03-28T00:00:00Z"), at("2026-03-29T12:00:00Z"));
    assert_eq!(night.between(before, after), TimeDelta::zero(), "the clock skips it");
    let (before, after) = (at("2026-10-24T12:00:00Z"), at("2026-10-25T12:00:00Z"));
    assert_eq!(night.between(before, after), TimeDelta::hours(1), "the clock shows it twice");
}

#[test]
fn what_never_comes_is_not_looked_for_for_ever() {
    let rare = calendar(UTC, "mo 09:00-09:01", "");
    assert!(rare.add(at("2026-11-25T00:00:00Z"), TimeDelta::minutes(500)).is_some());
    assert_eq!(rare.add(at("2026-11-25T00:00:00Z"), TimeDelta::minutes(600)), None);
    let always = Calendar::always(UTC);
    assert_eq!(always.add(DateTime::<Utc>::MAX_UTC, TimeDelta::hours(1)), None);
    let (end, past) = (DateTime::<Utc>::MAX_UTC, DateTime::<Utc>::MIN_UTC);
    assert_eq!(rare.add(end, TimeDelta::minutes(1)), None);
    assert_eq!(rare.add(past, TimeDelta::minutes(1)), None, "before the calendar begins nothing is found");
}

#[test]
fn hours_are_read_and_written() {
    for (typed, written) in [
        ("", ""),
        ("always", ""),
        ("mo-su 00:00-24:00", ""),
        (OFFICE, OFFICE),
        ("Monday-Fri 9:00-17:00", "mo-fr 09:00-17:00"),
        ("mo,we,fr 8:00-12:00 ; tu 8:00-12:00;", "mo-we 08:00-12:00; fr 08:00-12:00"),
        (
            "sa-mo 10:00-12:00, 11:59-11:59",
            "“11:59-11:59” ends before it begins; a night is 11:59-24:00, and the rest the next day's",
        ),
        ("sa-mo 10:00-12:00", "mo 10:00-12:00; sa-su 10:00-12:00"),
        ("mo 13:00-14:00,9:00-10:00", "mo 09:00-10:00,13:00-14:00"),
        ("mo 9:00-10:00,9:30-11:00", "mo: 09:00-10:00 and 09:30-11:00 overlap"),
        ("mo 22:00-06:00", "“22:00-06:00” ends before it begins; a night is 22:00-24:00, and the rest the next day's"),
        ("mo-fr", "“mo-fr” has no hours; write mo-fr 09:00-12:30,13:30-17:00; sa 10:00-12:00"),
        (";", "there are no hours in “;”; write mo-fr 09:00-12:30,13:30-17:00; sa 10:00-12:00, or nothing for always"),
        (
            "xx-fr 9-17; mo 25:00-26:00",
            "“xx-fr” is no day; there are mo, tu, we, th, fr, sa, su, and mo-fr\n“9-17” are no hours, such as 09:00-12:30 or 13:30-24:00\n\
             “25:00-26:00” are no hours, such as 09:00-12:30 or 13:30-24:00",
        ),
    ] {
        let read = Hours::parse(typed);
        assert_eq!(read.map_or_else(|mistakes| mistakes.join("\n"), |hours| hours.to_string()), written, "{typed}");
    }
}

#[test]
fn holidays_are_read_and_written() {
    for (typed, written) in [
        ("", ""),
        ("2027-01-01 New  Year; 2026-12-25 Christmas", "2026-12-25 Christmas\n2027-01-01 New Year"),
        ("2026-12-25", "2026-12-25"),
        ("2026-12-25 A\n2026-12-25 B", "2026-12-25 A, B"),
        (
            "25.12.2026 Christmas; 2026-2-1; 2026-02-30",
            "“25.12.2026 Christmas” begins with no date; write 2026-12-25 Christmas\n“2026-2-1” begins with no date; write 2026-12-25 Christmas\n“2026-02-30” begins with no date; write 2026-12-25 Christmas",
        ),
    ] {
        let read = Holidays::parse(typed);
        assert_eq!(read.map_or_else(|mistakes| mistakes.join("\n"), |days| days.to_string()), written, "{typed}");
    }
}

#[test]
fn working_spans_are_read_and_written() {
    for (typed, written) in
        [("4h", "4h"), ("90min", "1h30min"), ("1h30min", "1h30min"), ("45min", "45min"), ("5000h", "5000h")]
    {
        assert_eq!(WorkingSpan::parse(typed).map(|span| span.to_string()).as_deref(), Ok(written), "{typed}");
    }
    for typed in ["", "0h", "4", "4d", "h", "30min1h", "4h4", "-1h", "5001h", "99999999999h"] {
        assert!(WorkingSpan::parse(typed).is_err_and(|why| why.contains("such as 4h")), "{typed}");
    }
    assert_eq!(WorkingSpan::parse("1h").map(|span| span.share(75)), Ok(TimeDelta::minutes(45)));
}

/// Whether a clock on the wall shows working time: what all of this is about, without any arithmetic.
fn is_working(calendar: &Calendar, moment: DateTime<Utc>) -> bool {
    use chrono::Timelike;
    let here = moment.with_timezone(&calendar.zone);
    let minute = u16::try_from(here.hour() * 60 + here.minute()).expect("a minute of a day");
    let is_on = calendar.hours.of(here.date_naive()).iter().any(|range| (range.from..range.to).contains(&minute));
    is_on && !calendar.holidays.has(here.date_naive())
}

/// Places whose clocks change, each with days on which they do (2026).
const CHANGES: &[(Tz, &[&str])] = &[
    (Europe::Berlin, &["2026-03-29", "2026-10-25"]),
    (America::New_York, &["2026-03-08", "2026-11-01"]),
    (Australia::Lord_Howe, &["2026-04-05", "2026-10-04"]),
    (Africa::Casablanca, &["2026-02-15", "2026-03-22"]),
    (America::Havana, &["2026-03-08", "2026-11-01"]),
    (Africa::Cairo, &["2026-04-24", "2026-10-30"]),
    (UTC, &["2026-06-01"]),
];

/// Hours of whole minutes, at most two ranges a day, and some days without.
fn week() -> impl Strategy<Value = Hours> {
    let day = proptest::collection::vec(0u16..=1440, 4);
    proptest::collection::vec(proptest::option::weighted(0.8, day), 7).prop_filter_map("no hours", |days| {
        let names = ["mo", "tu", "we", "th", "fr", "sa", "su"];
        let parts = days.into_iter().zip(names).filter_map(|(times, name)| {
            let mut times = times?;
            times.sort_unstable();
            let ranges = times.chunks(2).filter(|pair| pair[0] < pair[1]);
            let ranges: Vec<String> = ranges.map(|pair| Range { from: pair[0], to: pair[1] }.to_string()).collect();
            (!ranges.is_empty()).then(|| format!("{name} {}", ranges.join(",")))
        });
        let text = parts.collect::<Vec<_>>().join("; ");
        if text.is_empty() { None } else { Some(Hours::parse(&text).expect(&text)) }
    })
}

use super::hours::Range;

proptest! {
    /// What is reckoned is what somebody counts who looks at the clock every minute, for days around a change of clocks.
    #[test]
    fn a_minute_counts_if_the_clock_says_so(
        hours in week(),
        place in 0..CHANGES.len(),
        which in 0usize..2,
        start in -3 * 1440i64..1440,
        length in 0i64..4 * 1440,
        holiday in proptest::option::of(-2i64..4),
    ) {
        let (zone, days) = CHANGES[place];
        let day: NaiveDate = days[which % days.len()].parse().expect("a day");
        let holidays = holiday.map(|after| format!("{} off", day + TimeDelta::days(after))).unwrap_or_default();
        let calendar = Calendar { zone, hours, holidays: Holidays::parse(&holidays).expect("a day") };
        let from = day.and_time(NaiveTime::MIN).and_utc() + TimeDelta::minutes(start);
        let to = from + TimeDelta::minutes(length);
        let minutes = (0..length).filter(|minute| is_working(&calendar, from + TimeDelta::minutes(*minute))).count();
        let minutes = i64::try_from(minutes).expect("few");
        prop_assert_eq!(calendar.between(from, to), TimeDelta::minutes(minutes));
        if minutes > 0 {
            let reached = calendar.add(from, TimeDelta::minutes(minutes)).expect("a moment");
            prop_assert!(reached <= to, "no later than where it was counted");
            prop_assert_eq!(calendar.between(from, reached), TimeDelta::minutes(minutes));
            let just_before = reached - TimeDelta::minutes(1);
            prop_assert!(is_working(&calendar, just_before), "and no later than needed");
        }
    }

    /// A time is the sum of its parts.
    #[test]
    fn it_adds_up(hours in week(), parts in proptest::array::uniform3(0i64..10_000_000)) {
        let calendar = Calendar { zone: Europe::Berlin, hours, holidays: Holidays::default() };
        let mut parts = parts.map(|seconds| at("2026-01-01T00:00:00Z") + TimeDelta::seconds(seconds));
        parts.sort_unstable();
        let [first, second, third] = parts;
        prop_assert_eq!(
            calendar.between(first, second) + calendar.between(second, third),
            calendar.between(first, third)
        );
    }

    #[test]
    fn hours_keep_their_meaning(hours in week()) {
        prop_assert_eq!(Hours::parse(&hours.to_string()), Ok(hours));
    }

    #[test]
    fn any_text_is_read(text in ".{0,40}") {
        let _ = Hours::parse(&text);
        let _ = Holidays::parse(&text).map(|days| Holidays::parse(&days.to_string()));
        let _ = WorkingSpan::parse(&text);
    }
}
