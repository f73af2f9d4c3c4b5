//! The working hours of a week, as people write them: `mo-fr 09:00-12:30,13:30-17:00; sa 10:00-12:00`.

use std::fmt;

use chrono::{Datelike, NaiveDate, Weekday};

/// How they are written.
const FORM: &str = "mo-fr 09:00-12:30,13:30-17:00; sa 10:00-12:00";
const DAY: u16 = 24 * 60;
const WEEK: [(Weekday, &str, &str); 7] = [
    (Weekday::Mon, "mo", "monday"),
    (Weekday::Tue, "tu", "tuesday"),
    (Weekday::Wed, "we", "wednesday"),
    (Weekday::Thu, "th", "thursday"),
    (Weekday::Fri, "fr", "friday"),
    (Weekday::Sat, "sa", "saturday"),
    (Weekday::Sun, "su", "sunday"),
];

/// The working hours of a week.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hours([Vec<Range>; 7]);

/// A part of a day, in minutes from midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Range {
    pub(super) from: u16,
    pub(super) to: u16,
}

impl Default for Hours {
    /// All of them.
    fn default() -> Self {
        Self(std::array::from_fn(|_| vec![Range { from: 0, to: DAY }]))
    }
}

impl Hours {
    /// Reads hours; nothing, or `always`, is all of them.
    ///
    /// # Errors
    /// Every mistake, each with what is wrong and the right form.
    pub fn parse(text: &str) -> Result<Self, Vec<String>> {
        if matches!(text.trim(), "" | "always") {
            return Ok(Self::default());
        }
        let (mut week, mut mistakes) = (<[Vec<Range>; 7]>::default(), Vec::new());
        for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
            let (days, ranges) = part.split_once(char::is_whitespace).unwrap_or((part, ""));
            let days = days_of(days, &mut mistakes);
            let ranges = ranges_of(part, ranges, &mut mistakes);
            for day in days {
                week[day].extend(&ranges);
            }
        }
        for (day, ranges) in week.iter_mut().enumerate() {
            ranges.sort_unstable();
            for pair in ranges.windows(2).filter(|pair| pair[1].from < pair[0].to) {
                mistakes.push(format!("{}: {} and {} overlap", WEEK[day].1, pair[0], pair[1]));
            }
        }
        if mistakes.is_empty() && week.iter().all(Vec::is_empty) {
            mistakes.push(format!("there are no hours in “{text}”; write {FORM}, or nothing for always"));
        }
        if mistakes.is_empty() { Ok(Self(week)) } else { Err(mistakes) }
    }

    /// Whether it is never not working time.
    #[must_use]
    pub fn are_all(&self) -> bool {
        *self == Self::default()
    }

    pub(super) fn of(&self, day: NaiveDate) -> &[Range] {
        &self.0[day.weekday().num_days_from_monday() as usize]
    }
}

/// As they are read again; nothing if it is all of them.
impl fmt::Display for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.are_all() {
            return Ok(());
        }
        let mut day = 0;
        let mut gap = "";
        while day < 7 {
            let ranges = &self.0[day];
            let last = day + self.0[day..].iter().take_while(|other| *other == ranges).count() - 1;
            if !ranges.is_empty() {
                let days =
                    if last > day { format!("{}-{}", WEEK[day].1, WEEK[last].1) } else { WEEK[day].1.to_owned() };
                let ranges = ranges.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
                write!(f, "{gap}{days} {ranges}")?;
                gap = "; ";
            }
            day = last + 1;
        }
        Ok(())
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}-{:02}:{:02}", self.from / 60, self.from % 60, self.to / 60, self.to % 60)
    }
}

/// `mo`, `mo-fr`, `mo,we,fr`, `sa-mo`, as places in the week.
fn days_of(text: &str, mistakes: &mut Vec<String>) -> Vec<usize> {
    let mut days = Vec::new();
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (Some(first), Some(last)) = (day_of(first), day_of(last)) else {
            mistakes.push(format!("“{part}” is no day; there are mo, tu, we, th, fr, sa, su, and mo-fr"));
            continue;
        };
        days.extend((0..=(last + 7 - first) % 7).map(|n| (first + n) % 7));
    }
    days
}

fn day_of(text: &str) -> Option<usize> {
    let text = text.to_lowercase();
    WEEK.iter().position(|(_, short, long)| text.len() >= short.len() && long.starts_with(&text))
}

fn ranges_of(part: &str, text: &str, mistakes: &mut Vec<String>) -> Vec<Range> {
    if text.trim().is_empty() {
        mistakes.push(format!("“{part}” has no hours; write {FORM}"));
        return Vec::new();
    }
    let mut ranges = Vec::new();
    for part in text.split(',').map(str::trim) {
        let times = part.split_once('-').and_then(|(from, to)| Some((minutes(from.trim())?, minutes(to.trim())?)));
        match times {
            Some((from, to)) if from < to => ranges.push(Range { from, to }),
            Some((from, _)) => {
                let first = Range { from, to: DAY };
                let night = if from < DAY {
                    format!("; a night is {first}, and the rest the next day's")
                } else {
                    String::new()
                };
                mistakes.push(format!("“{part}” ends before it begins{night}"));
            }
            None => mistakes.push(format!("“{part}” are no hours, such as 09:00-12:30 or 13:30-24:00")),
        }
    }
    ranges
}

/// `9:00`, `09:00`, `24:00`, in minutes from midnight.
fn minutes(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let number = |text: &str, most: usize| {
        let is_one = (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        if is_one { text.parse::<u16>().ok() } else { None }
    };
    let (hour, minute) = (number(hour, 2)?, number(minute, 2).filter(|_| minute.len() == 2)?);
    let all = hour * 60 + minute;
    (minute < 60 && all <= DAY).then_some(all)
}
