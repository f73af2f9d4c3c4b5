//! What a calendar entry (RFC 5545) says in one line: what, when, and who invites, or who answers an invitation, and how.

use super::mime::Part;
use crate::domain::response::Response;
use crate::mail::clean;

/// How much of an entry, and how many bytes of one of its fields, are looked at.
const ENTRY: usize = 256 * 1024;
const FIELD: usize = 300;

/// A line about the first event of a calendar file; `None` if there is no event in it.
pub(super) fn line(part: &Part<'_>) -> Option<String> {
    Some(Entry::of(part)?.line())
}

/// What a part answers to an invitation (RFC 5546); `None` if it does not.
pub(in crate::mail) fn answer(part: &Part<'_>) -> Option<Response> {
    if !matches!(part.kind.as_str(), "text/calendar" | "application/ics") {
        return None;
    }
    Entry::of(part)?.answer()
}

/// The first event of a calendar file.
#[derive(Default)]
struct Entry {
    method: String,
    summary: Option<String>,
    start: Option<String>,
    place: Option<String>,
    organizer: Option<String>,
    /// Who answers, and what, lower case.
    attendee: Option<(String, String)>,
    comment: Option<String>,
}

impl Entry {
    fn of(part: &Part<'_>) -> Option<Self> {
        let content = part.headers.parameters("Content-Type");
        let method = content.as_ref().and_then(|content| content.get("method")).unwrap_or_default();
        Self::read(&part.text_within(ENTRY), method)
    }

    /// `method`: what the part's header says; the file's own counts.
    fn read(calendar: &str, method: &str) -> Option<Self> {
        let unfolded = clean::cut(calendar, ENTRY).replace("\n ", "").replace("\n\t", "");
        let mut entry = Self { method: method.trim().to_ascii_uppercase(), ..Self::default() };
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
                "METHOD" => entry.method = field.value.to_ascii_uppercase(),
                _ if open.last().is_none_or(|last| last != "VEVENT") => {}
                _ => entry.take(&field),
            }
        }
        found.then_some(entry)
    }

    fn take(&mut self, field: &Field<'_>) {
        let text = || Some(field.text()).filter(|text| !text.is_empty());
        match field.name.as_str() {
            "SUMMARY" => self.summary = text(),
            "DTSTART" => self.start = Some(field.time()),
            "LOCATION" => self.place = text(),
            "ORGANIZER" => self.organizer = Some(field.person()),
            "COMMENT" => self.comment = text(),
            // An answer has one attendee; some programs write the others, too, who say nothing in it.
            "ATTENDEE" => {
                let says = field.parameter("PARTSTAT").unwrap_or_default().to_ascii_lowercase();
                let is_word = !matches!(says.as_str(), "" | "needs-action");
                if self.attendee.as_ref().is_none_or(|(_, said)| is_word && said == "needs-action") {
                    let says = if is_word { says } else { "needs-action".to_owned() };
                    self.attendee = Some((field.person(), says));
                }
            }
            _ => {}
        }
    }

    fn answer(&self) -> Option<Response> {
        match self.method.as_str() {
            "COUNTER" => Some(Response::Counter),
            "REPLY" => match self.attendee.as_ref().map(|(_, says)| says.as_str()) {
                Some("accepted") => Some(Response::Accepted),
                Some("declined") => Some(Response::Declined),
                Some("tentative") => Some(Response::Tentative),
                Some("delegated") => Some(Response::Delegated),
                _ => Some(Response::Automatic),
            },
            _ => None,
        }
    }

    fn line(self) -> String {
        let kind = match (self.method.as_str(), self.answer()) {
            (_, Some(Response::Accepted)) => "Invitation accepted",
            (_, Some(Response::Declined)) => "Invitation declined",
            (_, Some(Response::Tentative)) => "Invitation answered with perhaps (tentative)",
            (_, Some(Response::Delegated)) => "Invitation passed on (delegated)",
            (_, Some(Response::Counter)) => "Another time is proposed",
            ("CANCEL", _) => "Cancelled",
            ("DECLINECOUNTER", _) => "The proposed time is declined",
            ("REPLY", _) => "Answer to an invitation",
            ("REQUEST" | "ADD", _) => "Invitation",
            _ => "Calendar entry",
        };
        let is_answer = self.answer().is_some();
        let who = if is_answer { self.attendee.map(|(who, _)| who) } else { self.organizer };
        let by = who.map(|who| format!("by {who}"));
        let comment = self.comment.filter(|_| is_answer).map(|comment| format!("“{comment}”"));
        let summary = self.summary.unwrap_or_else(|| "without a title".to_owned());
        let more = [self.start, self.place, by, comment].into_iter().flatten();
        std::iter::once(format!("{kind}: {summary}")).chain(more).collect::<Vec<_>>().join(" · ")
    }
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

    fn line(calendar: &str) -> Option<String> {
        Some(Entry::read(calendar, "")?.line())
    }

    #[test]
    fn an_answer_says_who_answers_what() {
        let reply = |says: &str| {
            format!(
                "BEGIN:VCALENDAR\nMETHOD:REPLY\nBEGIN:VEVENT\nORGANIZER:mailto:support@desk.test\n\
                 ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:dave@x.test\nATTENDEE;CN=Carol;{says}:mailto:car\n ol@x.test\n\
                 SUMMARY:Visit\nCOMMENT:Call me\nEND:VEVENT\nEND:VCALENDAR\n"
            )
        };
        for (says, what, answer) in [
            ("PARTSTAT=ACCEPTED", "Invitation accepted", Response::Accepted),
            ("partstat=\"Declined\"", "Invitation declined", Response::Declined),
            ("PARTSTAT=TENTATIVE", "Invitation answered with perhaps (tentative)", Response::Tentative),
            ("PARTSTAT=DELEGATED", "Invitation passed on (delegated)", Response::Delegated),
        ] {
            let said = format!("{what}: Visit · by Carol <carol@x.test> · “Call me”");
            assert_eq!(line(&reply(says)), Some(said), "{says}");
            assert_eq!(Entry::read(&reply(says), "").and_then(|entry| entry.answer()), Some(answer));
        }
        let counter = "BEGIN:VEVENT\nSUMMARY:Visit\nDTSTART:20261124T090000Z\nEND:VEVENT\n";
        let counter = Entry::read(counter, "counter").expect("an event");
        assert_eq!(counter.answer(), Some(Response::Counter));
        assert_eq!(counter.line(), "Another time is proposed: Visit · 2026-11-24 09:00 (UTC)");
        assert_eq!(
            Entry::read(&reply("PARTSTAT=ACCEPTED").replace("REPLY", "REQUEST"), "").and_then(|it| it.answer()),
            None
        );
    }

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
