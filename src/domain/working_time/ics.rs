//! Whole days out of an iCalendar file (RFC 5545).

use chrono::NaiveDate;
use icalendar::{Calendar, CalendarComponent, Component, DatePerhapsTime, Event};

/// How many days one event may have.
const LONGEST: usize = 100;

/// The days of its events with their names, and what can't be taken.
pub(super) fn days(text: &str) -> (Vec<(NaiveDate, String)>, Vec<String>) {
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
