//! A header: its fields, the first of each name, and what they say.

use chrono::{DateTime, Utc};

use super::line::end_of_line;
use super::parameters::Parameters;
use super::{addresses, charset, encoded_word};
use crate::desk::intake::incoming::Mailbox;
use crate::domain::id::MessageId;
use crate::mail::clean;

/// How many fields, and how many bytes of one, are looked at.
const FIELDS: usize = 1000;
const FIELD: usize = 64 * 1024;
/// How many bytes of a header are looked at.
pub(super) const HEADER: usize = 256 * 1024;
/// How many bytes of a field that is one line of text: a subject of 2,000 bytes, encoded, needs less.
const LINE: usize = 8 * 1024;
/// How many lines that lost their indentation may stand one below the other.
const LOST_LINES: usize = 20;
/// What a header has at most one field of (RFC 5322 §3.6): a second one belongs to a mail in the text.
const SINGLE: [&str; 6] = ["From", "To", "Cc", "Subject", "Date", "Message-ID"];

/// The fields of a header as they stand there.
#[derive(Debug, Default)]
pub(in crate::mail) struct Headers<'a> {
    fields: Vec<(&'a [u8], &'a [u8])>,
    /// Which of [`SINGLE`] were seen.
    singles: [bool; SINGLE.len()],
}

impl<'a> Headers<'a> {
    /// Reads the header at the beginning of `raw`, and says where the body begins. A header ends with
    /// an empty line or before the first line that can't belong to it. A line that is no field goes on with
    /// the one above it if the header goes on below it: gateways lose indentations.
    pub(in crate::mail) fn read(raw: &'a [u8]) -> (Self, usize) {
        Self::read_within(raw, HEADER)
    }

    /// Likewise; fields that end behind `most` bytes are passed over.
    pub(super) fn read_within(raw: &'a [u8], most: usize) -> (Self, usize) {
        let mut headers = Self::default();
        let mut at = 0;
        while at < raw.len() {
            let line_end = end_of_line(raw, at);
            let line = &raw[at..line_end];
            if is_empty(line) {
                return (headers, line_end);
            }
            if headers.is_empty() && (line.starts_with(b"From ") || line.starts_with(b">From ")) {
                at = line_end;
                continue;
            }
            let Some(colon) = name_end(line) else { return (headers, at) };
            let name = line[..colon].trim_ascii_end();
            if let Some(single) = single(name) {
                headers.singles[single] = true;
            }
            let (mut end, mut value_end) = (line_end, line_end);
            while let Some((more, belongs)) = headers.continuation(raw, name, end) {
                if belongs && value_end == end {
                    value_end = more;
                }
                end = more;
            }
            if headers.fields.len() < FIELDS && end <= most {
                let value = &raw[at + colon + 1..value_end];
                headers.fields.push((name, &value[..value.len().min(FIELD)]));
            }
            at = end;
        }
        (headers, raw.len())
    }

    /// Where what goes on with the field of that name ends, if the lines from `at` on do so, and whether it is the
    /// field's: a line such as `X Scan Result: ok` is nobody's.
    fn continuation(&self, raw: &[u8], name: &[u8], at: usize) -> Option<(usize, bool)> {
        let line_end = end_of_line(raw, at);
        let line = &raw[at..line_end];
        let is_indented = matches!(line.first(), Some(b' ' | b'\t'));
        let is_blank = line.trim_ascii().is_empty();
        if is_indented && !is_blank {
            return Some((line_end, true));
        }
        if is_blank != is_indented || name_end(line).is_some() {
            return None;
        }
        if is_parameter(line) && starts_with(name, b"Content-") {
            return Some((line_end, true));
        }
        // It may be the body's: a header goes on below it, or it is none of the header's.
        let belongs = !(line[0].is_ascii_uppercase() && line.contains(&b':'));
        let mut below = line_end;
        for _ in 0..LOST_LINES {
            let line = &raw[below..end_of_line(raw, below)];
            if line.is_empty() || is_empty(line) {
                return None;
            }
            if let Some(colon) = name_end(line) {
                let next = line[..colon].trim_ascii_end();
                let is_second = single(next).is_some_and(|single| self.singles[single]);
                return (is_usual(next) && !is_second).then_some((below, belongs));
            }
            below = end_of_line(raw, below);
        }
        None
    }

    /// Whether there is no field at all.
    pub(in crate::mail) fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// The first field of that name, as it stands there.
    pub(in crate::mail) fn first(&self, name: &str) -> Option<&'a [u8]> {
        self.all(name).next()
    }

    /// All fields of that name.
    pub(in crate::mail) fn all(&self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        let wanted = name.as_bytes();
        let found: Vec<&'a [u8]> =
            self.fields.iter().filter(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| *value).collect();
        found.into_iter()
    }

    /// All names, for looking at those with a common beginning.
    pub(in crate::mail) fn fields(&self) -> impl Iterator<Item = (&'a [u8], &'a [u8])> {
        self.fields.iter().copied()
    }

    /// The names of all fields, in their order.
    pub(in crate::mail) fn names(&self) -> impl Iterator<Item = &'a [u8]> {
        self.fields.iter().map(|(name, _)| *name)
    }

    /// The first field of that name as one clean line; empty if there is none.
    pub(in crate::mail) fn text(&self, name: &str) -> String {
        self.text_within(name, LINE)
    }

    /// Likewise, of the first `most` bytes of the field.
    pub(super) fn text_within(&self, name: &str, most: usize) -> String {
        let line = |value: &[u8]| clean::line(&encoded_word::decoded(&unfolded(&value[..value.len().min(most)])));
        self.first(name).map(line).unwrap_or_default()
    }

    /// The mailboxes of a field, groups opened.
    pub(in crate::mail) fn mailboxes(&self, name: &str) -> Vec<Mailbox> {
        self.first(name).map(mailboxes_in).unwrap_or_default()
    }

    /// The first mailbox in any field of that name.
    pub(in crate::mail) fn mailbox(&self, name: &str) -> Option<Mailbox> {
        self.all(name).take(20).find_map(|value| mailboxes_in(value).into_iter().next())
    }

    /// The ids in a field, in their order, each once.
    pub(in crate::mail) fn ids(&self, name: &str) -> Vec<MessageId> {
        let Some(value) = self.first(name) else { return Vec::new() };
        let text = charset::decode(&unfolded(value), None);
        let mut ids: Vec<MessageId> = Vec::new();
        let bracketed = text.split('<').skip(1).filter_map(|rest| rest.split_once('>')).map(|(id, _)| id);
        let mut found: Vec<&str> = bracketed.collect();
        if found.is_empty() {
            found = text.split_whitespace().filter(|word| word.contains('@')).collect();
        }
        // Some programs fold in the middle of an id.
        for id in found.iter().filter_map(|id| MessageId::parse(&id.split_whitespace().collect::<String>())) {
            if !ids.contains(&id) && ids.len() < 500 {
                ids.push(id);
            }
        }
        ids
    }

    /// When the mail was written.
    pub(in crate::mail) fn date(&self) -> Option<DateTime<Utc>> {
        let text = self.text("Date");
        let date = mail_parser::DateTime::parse_rfc822(clean::cut(&text, 200))?;
        date.is_valid().then(|| DateTime::from_timestamp(date.to_timestamp(), 0)).flatten()
    }

    /// A field with parameters: Content-Type, Content-Disposition.
    pub(in crate::mail) fn parameters(&self, name: &str) -> Option<Parameters> {
        Some(Parameters::read(&unfolded(self.first(name)?)))
    }
}

/// The mailboxes that stand in a field, or in what it says once it is decoded: some encode a whole field.
fn mailboxes_in(value: &[u8]) -> Vec<Mailbox> {
    let value = unfolded(value);
    let found = addresses::mailboxes(&encoded_word::rewritten(&value));
    if found.is_empty() && value.contains(&b'?') {
        return addresses::mailboxes(&encoded_word::decoded(&value));
    }
    found
}

fn is_empty(line: &[u8]) -> bool {
    matches!(line, b"\n" | b"\r\n" | b"\r")
}

/// Where the name of a field ends: at its colon.
fn name_end(line: &[u8]) -> Option<usize> {
    let colon = memchr::memchr(b':', line)?;
    let name = line[..colon].trim_ascii_end();
    (!name.is_empty() && name.iter().all(u8::is_ascii_graphic)).then_some(colon)
}

/// Whether a name is one that headers have and texts hardly begin a line with.
fn is_usual(name: &[u8]) -> bool {
    const USUAL: [&str; 14] = [
        "From",
        "To",
        "Cc",
        "Bcc",
        "Subject",
        "Date",
        "Sender",
        "Received",
        "References",
        "Comments",
        "Keywords",
        "Importance",
        "Precedence",
        "Organization",
    ];
    name.contains(&b'-') || USUAL.iter().any(|usual| name.eq_ignore_ascii_case(usual.as_bytes()))
}

/// The place of a name in [`SINGLE`].
fn single(name: &[u8]) -> Option<usize> {
    SINGLE.iter().position(|single| name.eq_ignore_ascii_case(single.as_bytes()))
}

fn starts_with(name: &[u8], beginning: &[u8]) -> bool {
    name.get(..beginning.len()).is_some_and(|start| start.eq_ignore_ascii_case(beginning))
}

/// Whether a line is `name=value` and nothing else: a parameter that lost its indentation.
fn is_parameter(line: &[u8]) -> bool {
    let name = line.iter().take_while(|byte| byte.is_ascii_alphanumeric() || b"-*".contains(byte)).count();
    name > 0 && line.get(name) == Some(&b'=') && line.len() < 300
}

/// A field's bytes as one line, whatever they are.
fn unfolded(value: &[u8]) -> Vec<u8> {
    let whole = charset::rejoined(value.trim_ascii());
    let mut line = Vec::with_capacity(whole.len());
    for (at, &byte) in whole.iter().enumerate() {
        match byte {
            // A line that lost its indentation.
            b'\n' if !matches!(whole.get(at + 1), Some(b' ' | b'\t' | b'\r' | b'\n')) => line.push(b' '),
            b'\t' => line.push(b' '),
            // ESC, SO and SI switch charsets.
            0x1b | 0x0e | 0x0f => line.push(byte),
            byte if byte.is_ascii_control() => {}
            byte => line.push(byte),
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject_and_body(raw: &str) -> (String, &str) {
        let (headers, body) = Headers::read(raw.as_bytes());
        (headers.text("Subject"), &raw[body..])
    }

    #[test]
    fn the_first_of_two_fields_counts() {
        let (headers, body) = Headers::read(b"Subject: one\r\nsubject: two\r\n\r\nbody");
        assert_eq!(headers.text("Subject"), "one");
        assert_eq!(body, 30);
    }

    #[test]
    fn a_body_without_an_empty_line_is_no_header() {
        for body in [
            "hello there\r\n",
            "hello there\r\nNote: it is stuck\r\n\r\nbye\r\n",
            "---- Original message\r\nFrom: b@x.test\r\nSubject: two\r\n\r\nx\r\n",
            " \r\nhello there\r\n",
        ] {
            let raw = format!("From: a@x.test\r\nSubject: one\r\n{body}");
            assert_eq!(subject_and_body(&raw), ("one".to_owned(), body));
        }
    }

    #[test]
    fn lines_that_lost_their_indentation_are_the_headers() {
        let rest = "Date: Tue, 24 Nov 2026 10:00:00 +0000\r\nMIME-Version: 1.0\r\n";
        for (header, subject) in [
            ("X-Virus: looked at by\r\nthe house without finding any\r\nSubject: Keys\r\n", "Keys"),
            ("Received: from a\r\nby b\r\n\twith smtp\r\nfor c; today\r\nSubject: Keys\r\n", "Keys"),
            ("Subject: Keys of\r\nthe cellar\r\n", "Keys of the cellar"),
            ("Subject: Keys of\r\n the\r\ncellar\r\n and attic\r\n", "Keys of the cellar and attic"),
            ("Subject: Keys\r\nX Scan Result: none\r\n found\r\n", "Keys"),
            ("Subject: Keys\r\n \r\n", "Keys"),
            ("Subject: Keys\r\n\t \r\n  of the cellar\r\n", "Keys of the cellar"),
            ("Authentication-Results: spf=none;\r\n \r\nSubject: Keys\r\n", "Keys"),
            ("Subject : Keys\r\n", "Keys"),
        ] {
            let raw = format!("{header}{rest}\r\nbody");
            let (got, body) = subject_and_body(&raw);
            assert_eq!((got.as_str(), body), (subject, "body"), "{header}");
        }
        for header in ["text/plain;\r\ncharset=utf-8\r\n", "text/plain\r\nformat=flowed\r\n charset=utf-8\r\n"] {
            let raw = format!("Content-Type: {header}\r\nbody");
            let (headers, body) = Headers::read(raw.as_bytes());
            assert_eq!(headers.parameters("Content-Type").expect("there").get("charset"), Some("utf-8"));
            assert_eq!(&raw[body..], "body");
        }
    }

    #[test]
    fn a_fields_name_may_be_long() {
        for length in [201, 999, 5000] {
            let raw = format!("{}: 1\r\nSubject: Keys\r\n\r\nbody", "X".repeat(length));
            assert_eq!(subject_and_body(&raw), ("Keys".to_owned(), "body"));
        }
    }

    #[test]
    fn names_and_addresses_are_read_however_they_are_written() {
        let field = "From: =?utf-8?Q?J=C3=BC?= =?utf-8?Q?rgen?= <jk@customer.test>\r\n\r\n";
        let (headers, _) = Headers::read(field.as_bytes());
        assert_eq!(headers.mailboxes("From")[0].name, "Jürgen");
        for nobody in ["From: \"x\" <>\r\n\r\n", "From: MAILER-DAEMON\r\n\r\n", "From:\r\n\r\n", "\r\n"] {
            assert!(Headers::read(nobody.as_bytes()).0.mailboxes("From").is_empty(), "{nobody}");
        }
        let (headers, _) = Headers::read(b"From: \xdcnal <u@customer.test>\r\n\r\n");
        assert_eq!(headers.mailboxes("From")[0].name, "Ünal");
        let (headers, _) = Headers::read(b"To: friends: a@x.test, B <b@x.test>;\r\n\r\n");
        assert_eq!(headers.mailboxes("To").len(), 2);
    }

    #[test]
    fn a_field_that_is_encoded_as_a_whole_is_read() {
        for whole in ["\"Lee, Ann\" <a@x.test>", "Ann <a@x.test>", "a@x.test"] {
            let raw = format!("From: =?utf-8?B?{}?=\r\n\r\n", data_encoding::BASE64.encode(whole.as_bytes()));
            let mailbox = Headers::read(raw.as_bytes()).0.mailbox("From").expect(whole);
            assert_eq!(mailbox.address.as_str(), "a@x.test");
        }
    }

    #[test]
    fn ids_are_found_in_what_programs_write() {
        let (headers, _) = Headers::read(b"References: <a@b>\r\n <c@d> junk <a@b>\r\nIn-Reply-To: e@f (x)\r\n\r\n");
        let ids: Vec<_> = headers.ids("References").iter().map(|id| id.as_str().to_owned()).collect();
        assert_eq!(ids, ["a@b", "c@d"]);
        assert_eq!(headers.ids("In-Reply-To")[0].as_str(), "e@f");
    }
}
