//! Holidays out of an iCalendar file (RFC 5545), as operators give it.

use chrono::NaiveDate;
use icalendar::{Calendar, CalendarComponent, Component, DatePerhapsTime, Event};

use crate::domain::working_time::Holidays;

/// How many days one event may have.
const LONGEST: usize = 100;

/// Its whole-day events as holidays.
///
/// # Errors
/// Every mistake: what is no iCalendar, and events that are not whole days or that repeat.
pub fn holidays(text: &str) -> Result<Holidays, Vec<String>> {
    let (days, mistakes) = days(text);
    Holidays::of(days, mistakes)
}

/// The days of its events with their names, and what can't be taken.
fn days(text: &str) -> (Vec<(NaiveDate, String)>, Vec<String>) {
    let calendar: Calendar = match text.parse() {
        Ok(calendar) => calendar,
        Err(why) => return (Vec::new(), vec![format!("this is no iCalendar file: {why}")]),
    };
    let events: Vec<&Event> = calendar
        .iter()
        .filter_map(|part| if let CalendarComponent::Event(event) = part { Some(event) } else { None })
        .collect();
    if events.is_empty() {
        return (Vec::new(), vec!["there is no event in this iCalendar file".to_owned()]);
    }
    let (mut days, mut mistakes) = (Vec::new(), Vec::new());
    for event in events {
        match days_of(event) {
            Ok(of) => days.extend(of),
            Err(why) => mistakes.push(format!("“{}” {why}", event.get_summary().unwrap_or("an event without a name"))),
        }
    }
    (days, mistakes)
}

/// An event's days. Its end is the first day that does not belong to it.
fn days_of(event: &Event) -> Result<Vec<(NaiveDate, String)>, String> {
    if ["RRULE", "RDATE"]
        .iter()
        .any(|key| event.property_value(key).is_some() || event.multi_properties().contains_key(*key))
    {
        return Err("repeats; write it once for each year".to_owned());
    }
    let Some(DatePerhapsTime::Date(start)) = event.get_start() else {
        return Err("is no whole day (DTSTART;VALUE=DATE)".to_owned());
    };
    let end = match event.get_end() {
        None => start.succ_opt(),
        Some(DatePerhapsTime::Date(end)) => Some(end.max(start.succ_opt().unwrap_or(end))),
        Some(DatePerhapsTime::DateTime(_)) => return Err("ends at a time of day (DTEND;VALUE=DATE)".to_owned()),
    };
    let name = event.get_summary().unwrap_or_default();
    let days: Vec<_> = start.iter_days().take_while(|day| end.is_none_or(|end| *day < end)).take(LONGEST + 1).collect();
    if days.len() > LONGEST {
        return Err(format!("has more than {LONGEST} days"));
    }
    Ok(days.into_iter().map(|day| (day, name.to_owned())).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn holidays_come_from_an_icalendar_file() {
        let file = |events: &[&str]| {
            let events = events.iter().map(|event| format!("BEGIN:VEVENT\r\nUID:1\r\n{event}\r\nEND:VEVENT\r\n"));
            let events = events.collect::<Vec<_>>().concat();
            holidays(&format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{events}END:VCALENDAR\r\n"))
        };
        let days = file(&[
            "SUMMARY:Christmas\\, the first day\r\nDTSTART;VALUE=DATE:20261225\r\nDTEND;VALUE=DATE:20261226",
            "SUMMARY:Between the\r\n  years\r\nDTSTART;VALUE=DATE:20261229\r\nDTEND;VALUE=DATE:20261231",
            "SUMMARY:New Year\r\nDTSTART;VALUE=DATE:20270101",
        ]);
        let days = days.expect("holidays").to_string();
        let written = "2026-12-25 Christmas, the first day\n2026-12-29 Between the years\n2026-12-30 Between the years\n2027-01-01 New Year";
        assert_eq!(days, written);
        let mistakes = file(&[
            "SUMMARY:Party\r\nDTSTART:20261225T180000Z\r\nDTEND:20261225T200000Z",
            "SUMMARY:Easter\r\nDTSTART;VALUE=DATE:20260405\r\nRRULE:FREQ=YEARLY",
            "SUMMARY:Long\r\nDTSTART;VALUE=DATE:20260101\r\nDTEND;VALUE=DATE:20270101",
        ]);
        let mistakes = mistakes.expect_err("mistakes");
        assert_eq!(mistakes.len(), 3, "{mistakes:?}");
        assert!(mistakes[0].contains("Party") && mistakes[1].contains("repeats") && mistakes[2].contains("100 days"));
        assert!(file(&[]).is_err_and(|why| why[0].contains("no event")));
        assert!(holidays("2026-12-25 Christmas").is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "(BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n)?.{0,40}") {
            let _ = holidays(&text);
        }
    }
}
