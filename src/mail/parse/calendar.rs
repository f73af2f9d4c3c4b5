//! What a calendar entry (RFC 5545) says in one line: what, when, and who invites.

use crate::mail::clean;

/// How much of an entry, and how many bytes of one of its fields, are looked at.
const ENTRY: usize = 256 * 1024;
const FIELD: usize = 300;

/// A line about the first event of a calendar file; `None` if there is no event in it.
pub(super) fn line(calendar: &str) -> Option<String> {
    let unfolded = clean::cut(calendar, ENTRY).replace("\n ", "").replace("\n\t", "");
    let mut method = String::new();
    let (mut summary, mut start, mut organizer, mut place) = (None, None, None, None);
    // What is open: fields of a time zone or an alarm inside an event are not the event's.
    let mut open: Vec<String> = Vec::new();
    let mut found = false;
    for text in unfolded.lines() {
        let Some(field) = Field::read(text) else { continue };
        match field.name.as_str() {
            "BEGIN" => {
                found |= field.value.eq_ignore_ascii_case("VEVENT");
                open.push(field.value.to_ascii_uppercase());
            }
            "END" if open.pop().as_deref() == Some("VEVENT") => break,
            "METHOD" => method = field.value.to_ascii_uppercase(),
            _ if open.last().is_none_or(|last| last != "VEVENT") => {}
            "SUMMARY" => summary = Some(field.text()),
            "DTSTART" => start = Some(field.time()),
            "LOCATION" => place = Some(field.text()).filter(|place| !place.is_empty()),
            "ORGANIZER" => organizer = Some(field.person()),
            _ => {}
        }
    }
    let kind = match method.as_str() {
        "CANCEL" => "Cancelled",
        "REPLY" => "Answer to an invitation",
        "REQUEST" | "ADD" | "COUNTER" => "Invitation",
        _ => "Calendar entry",
    };
    let summary = summary.filter(|summary| !summary.is_empty()).unwrap_or_else(|| "without a title".to_owned());
    let by = organizer.map(|organizer| format!("by {organizer}"));
    let more: Vec<String> = [start, place, by].into_iter().flatten().collect();
    found.then(|| [vec![format!("{kind}: {summary}")], more].concat().join(" · "))
}

/// A line of a calendar file: `NAME;PARAMETER=…:value`.
struct Field<'a> {
    name: String,
    parameters: &'a str,
    value: &'a str,
}

impl<'a> Field<'a> {
    fn read(line: &'a str) -> Option<Self> {
        // A colon in a quoted parameter does not end the name.
        let mut quoted = false;
        let colon = line.bytes().position(|byte| {
            quoted ^= byte == b'"';
            byte == b':' && !quoted
        })?;
        let (head, value) = (&line[..colon], line[colon + 1..].trim());
        let (name, parameters) = head.split_once(';').unwrap_or((head, ""));
        Some(Self { name: name.trim().to_ascii_uppercase(), parameters, value })
    }

    fn parameter(&self, wanted: &str) -> Option<String> {
        self.parameters.split(';').find_map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            let value = clean::line(value.trim().trim_matches('"'));
            (name.eq_ignore_ascii_case(wanted) && !value.is_empty()).then(|| clean::cut(&value, FIELD).to_owned())
        })
    }

    /// The value with its escapes resolved, on one line.
    fn text(&self) -> String {
        let plain = self.value.replace("\\n", " ").replace("\\N", " ").replace("\\,", ",").replace("\\;", ";");
        clean::cut(&clean::line(&plain.replace("\\\\", "\\")), FIELD).to_owned()
    }

    /// `20261124T100000` as people write it, with its time zone.
    fn time(&self) -> String {
        let digits: Vec<&str> = [(0, 4), (4, 6), (6, 8), (9, 11), (11, 13)]
            .into_iter()
            .filter_map(|(from, to)| self.value.get(from..to))
            .filter(|piece| piece.bytes().all(|byte| byte.is_ascii_digit()))
            .collect();
        let zone = if self.value.ends_with('Z') { Some("UTC".to_owned()) } else { self.parameter("TZID") };
        match (digits.as_slice(), zone) {
            ([year, month, day, hour, minute], Some(zone)) => format!("{year}-{month}-{day} {hour}:{minute} ({zone})"),
            ([year, month, day, hour, minute], None) => format!("{year}-{month}-{day} {hour}:{minute}"),
            ([year, month, day], _) => format!("{year}-{month}-{day}"),
            _ => self.text(),
        }
    }

    fn person(&self) -> String {
        let address = self.text();
        let address =
            address.get(7..).filter(|_| address.to_ascii_lowercase().starts_with("mailto:")).unwrap_or(&address);
        match self.parameter("CN") {
            Some(name) if name != address => format!("{name} <{address}>"),
            _ => address.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invitation_is_one_line() {
        let entry = "BEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VTIMEZONE\nDTSTART:16010101T030000\nEND:VTIMEZONE\nBEGIN:VEVENT\n\
            ORGANIZER;CN=\"Bob: the boss\":MAILTO:bob@x.test\nSUMMARY;LANGUAGE=en:Plan\\, and\n  more\n\
            DTSTART;TZID=Europe/Berlin:20261124T100000\nBEGIN:VALARM\nSUMMARY:bell\nEND:VALARM\nLOCATION:Room 1\nEND:VEVENT\n\
            BEGIN:VEVENT\nSUMMARY:second\nEND:VEVENT\nEND:VCALENDAR\n";
        assert_eq!(
            line(entry).as_deref(),
            Some(
                "Invitation: Plan, and more · 2026-11-24 10:00 (Europe/Berlin) · Room 1 · by Bob: the boss <bob@x.test>"
            )
        );
        let bare = "BEGIN:VEVENT\nDTSTART;VALUE=DATE:20261124\n";
        assert_eq!(line(bare).as_deref(), Some("Calendar entry: without a title · 2026-11-24"));
        let utc = "METHOD:CANCEL\nBEGIN:VEVENT\nSUMMARY:x\nDTSTART:20261124T090000Z\n";
        assert_eq!(line(utc).as_deref(), Some("Cancelled: x · 2026-11-24 09:00 (UTC)"));
        assert_eq!(line("BEGIN:VCALENDAR\nBEGIN:VTODO\nSUMMARY:x\n"), None);
    }

    #[test]
    fn nonsense_is_passed_over() {
        for entry in ["", ":", "BEGIN:VEVENT\nDTSTART:20é", "BEGIN:VEVENT\nORGANIZER:mailt\u{f6}:x\nDTSTART;TZID=:"] {
            assert!(line(entry).is_none_or(|line| !line.contains('\n')), "{entry}");
        }
    }
}
