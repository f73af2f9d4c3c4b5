//! A header: its fields, the first of each name, and what they say.

use chrono::{DateTime, Utc};
use mail_parser::parsers::MessageStream;
use mail_parser::{ContentType, HeaderValue};

use super::charset;
use crate::desk::incoming::Mailbox;
use crate::domain::id::{EmailAddress, MessageId};
use crate::mail::clean;

/// How many fields, and how many bytes of one, are looked at.
const FIELDS: usize = 1000;
const FIELD: usize = 64 * 1024;
/// How many bytes of a header are looked at.
pub(super) const HEADER: usize = 256 * 1024;
/// How many bytes of a field that is one line of text: a subject of 2,000 bytes, encoded, needs less.
const LINE: usize = 8 * 1024;
/// How many addresses of a field are looked at.
const ADDRESSES: usize = 100;
/// The longest display name in bytes.
const NAME: usize = 200;

/// The fields of a header as they stand there.
#[derive(Debug, Default)]
pub(in crate::mail) struct Headers<'a> {
    fields: Vec<(&'a [u8], &'a [u8])>,
}

impl<'a> Headers<'a> {
    /// Reads the header at the beginning of `raw`, and says where the body begins. A header ends with
    /// an empty line or before the first line that can't belong to it.
    pub(in crate::mail) fn read(raw: &'a [u8]) -> (Self, usize) {
        Self::read_within(raw, HEADER)
    }

    /// Likewise; fields that end behind `most` bytes are passed over.
    pub(super) fn read_within(raw: &'a [u8], most: usize) -> (Self, usize) {
        let mut fields: Vec<(&[u8], &[u8])> = Vec::new();
        let mut at = 0;
        while at < raw.len() {
            let line_end = end_of_line(raw, at);
            let line = &raw[at..line_end];
            if matches!(line, b"\n" | b"\r\n" | b"\r") {
                return (Self { fields }, line_end);
            }
            if fields.is_empty() && (line.starts_with(b"From ") || line.starts_with(b">From ")) {
                at = line_end;
                continue;
            }
            let Some(colon) = name_end(line) else { return (Self { fields }, at) };
            let mut end = line_end;
            while end < raw.len() && matches!(raw[end], b' ' | b'\t') && !is_blank(&raw[end..end_of_line(raw, end)]) {
                end = end_of_line(raw, end);
            }
            if fields.len() < FIELDS && end <= most {
                let value = &raw[at + colon + 1..end];
                fields.push((line[..colon].trim_ascii_end(), &value[..value.len().min(FIELD)]));
            }
            at = end;
        }
        (Self { fields }, raw.len())
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
        let line = |value: &[u8]| clean::line(&charset::words(&unfolded(&value[..value.len().min(most)])));
        self.first(name).map(line).unwrap_or_default()
    }

    /// The mailboxes of a field, groups opened.
    pub(in crate::mail) fn mailboxes(&self, name: &str) -> Vec<Mailbox> {
        let Some(value) = self.first(name) else { return Vec::new() };
        let field = charset::rewritten(&unfolded(value)) + "\r\n";
        let parsed = MessageStream::new(field.as_bytes()).parse_address();
        let HeaderValue::Address(addresses) = parsed else { return Vec::new() };
        addresses
            .iter()
            .filter_map(|found| {
                let address = EmailAddress::parse(&clean::line(found.address.as_deref()?))?;
                let name = clean::line(&charset::words(found.name.as_deref().unwrap_or_default()));
                Some(Mailbox { name: clean::cut(&name, NAME).trim_end().to_owned(), address })
            })
            .take(ADDRESSES)
            .collect()
    }

    /// The ids in a field, in their order, each once.
    pub(in crate::mail) fn ids(&self, name: &str) -> Vec<MessageId> {
        let Some(value) = self.first(name) else { return Vec::new() };
        let text = unfolded(value);
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
    pub(in crate::mail) fn parameters(&self, name: &str) -> Option<ContentType<'static>> {
        let field = unfolded(self.first(name)?) + "\r\n";
        match MessageStream::new(field.as_bytes()).parse_content_type().into_owned() {
            HeaderValue::ContentType(parsed) => Some(parsed),
            _ => None,
        }
    }
}

/// Where the line that begins at `at` ends, its line feed included.
pub(super) fn end_of_line(raw: &[u8], at: usize) -> usize {
    memchr::memchr(b'\n', &raw[at..]).map_or(raw.len(), |length| at + length + 1)
}

fn is_blank(line: &[u8]) -> bool {
    line.iter().all(u8::is_ascii_whitespace)
}

/// Where the name of a field ends: at its colon.
fn name_end(line: &[u8]) -> Option<usize> {
    let colon = line.iter().position(|&byte| byte == b':')?;
    let name = line[..colon].trim_ascii_end();
    let sound = !name.is_empty() && name.len() <= 200 && name.iter().all(u8::is_ascii_graphic);
    sound.then_some(colon)
}

/// A field's bytes as one line of text, whatever its bytes are.
fn unfolded(value: &[u8]) -> String {
    let text = charset::decode(value, None);
    let mut line = String::with_capacity(text.len());
    for c in text.trim().chars() {
        match c {
            '\r' | '\n' => {}
            '\t' => line.push(' '),
            c if c.is_control() && c != '\u{1b}' => {}
            c => line.push(c),
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_two_fields_counts() {
        let (headers, body) = Headers::read(b"Subject: one\r\nsubject: two\r\n\r\nbody");
        assert_eq!(headers.text("Subject"), "one");
        assert_eq!(body, 30);
    }

    #[test]
    fn a_body_without_an_empty_line_is_no_header() {
        let (headers, body) = Headers::read(b"Subject: one\r\nhello there\r\n");
        assert_eq!(headers.text("subject"), "one");
        assert_eq!(body, 14);
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
    fn ids_are_found_in_what_programs_write() {
        let (headers, _) = Headers::read(b"References: <a@b>\r\n <c@d> junk <a@b>\r\nIn-Reply-To: e@f (x)\r\n\r\n");
        let ids: Vec<_> = headers.ids("References").iter().map(|id| id.as_str().to_owned()).collect();
        assert_eq!(ids, ["a@b", "c@d"]);
        assert_eq!(headers.ids("In-Reply-To")[0].as_str(), "e@f");
    }
}
