//! The tree of a mail's parts (RFC 2046), with every depth and number bounded.

use super::header::{HEADER, Headers, end_of_line};
use super::uuencode::{self, Found};
use super::{charset, flowed};
use crate::mail::clean;

/// How deep parts may stand in each other; what is deeper is one file.
const DEPTH: usize = 24;
/// How many parts are looked at.
const PARTS: usize = 1000;
/// How many bytes of their headers, and how often every byte of a mail is searched for boundaries on the
/// average: each level of parts searches all that is below it.
const HEADERS: usize = 1 << 20;
const SEARCHES: usize = 8;
/// How many bytes of a part that is text are decoded.
const SOURCE: usize = 12 << 20;

/// What may still be looked at.
struct Budget {
    parts: usize,
    headers: usize,
    search: usize,
}

/// A part of a mail, or the whole of it.
#[derive(Debug)]
pub(in crate::mail) struct Part<'a> {
    /// Its header.
    pub(in crate::mail) headers: Headers<'a>,
    /// Its media type, lower case, such as `text/plain`.
    pub(in crate::mail) kind: String,
    /// A parameter of its media type: the charset.
    pub(in crate::mail) charset: Option<String>,
    /// Whether its lines are to be joined (RFC 3676), and whether without the blanks between them.
    flowed: Option<bool>,
    /// Whether it asks to be shown as a file.
    pub(in crate::mail) is_attachment: bool,
    /// Its file name, decoded but not cleaned.
    pub(in crate::mail) name: Option<String>,
    /// Its bytes as they stand in the mail.
    pub(in crate::mail) body: &'a [u8],
    /// Its parts, if it is a multipart.
    pub(in crate::mail) parts: Vec<Part<'a>>,
}

impl<'a> Part<'a> {
    /// Reads a mail's tree.
    pub(in crate::mail) fn read(raw: &'a [u8], troubles: &mut Vec<String>) -> Self {
        let mut budget = Budget { parts: PARTS, headers: HEADERS, search: raw.len().saturating_mul(SEARCHES) };
        let root = Self::read_at(raw, "text/plain", 0, &mut budget);
        if budget.parts == 0 {
            troubles.push(format!("It has more than {PARTS} parts; the rest is in the raw mail."));
        }
        if budget.headers == 0 {
            troubles.push("The headers of its parts are too long; the rest is in the raw mail.".to_owned());
        }
        root
    }

    fn read_at(raw: &'a [u8], default: &str, depth: usize, budget: &mut Budget) -> Self {
        budget.parts = budget.parts.saturating_sub(1);
        let (headers, start) = Headers::read_within(raw, budget.headers.min(HEADER));
        budget.headers = budget.headers.saturating_sub(start.min(HEADER));
        let body = &raw[start..];
        let content = headers.parameters("Content-Type");
        let kind = content.as_ref().and_then(|content| {
            let whole = format!("{}/{}", content.c_type, content.c_subtype.as_deref()?).to_ascii_lowercase();
            let sound = whole.len() <= 100 && whole.bytes().all(|byte| byte.is_ascii_graphic());
            sound.then_some(whole)
        });
        let disposition = headers.parameters("Content-Disposition");
        let name = disposition
            .as_ref()
            .and_then(|disposition| disposition.attribute("filename"))
            .or_else(|| content.as_ref()?.attribute("name"))
            .map(charset::words);
        let mut part = Self {
            kind: kind.unwrap_or_else(|| default.to_owned()),
            charset: content.as_ref().and_then(|content| content.attribute("charset")).map(str::to_owned),
            flowed: content.as_ref().and_then(|content| {
                let says =
                    |name, value: &str| content.attribute(name).is_some_and(|said| said.eq_ignore_ascii_case(value));
                says("format", "flowed").then(|| says("delsp", "yes"))
            }),
            is_attachment: disposition.is_some_and(|disposition| disposition.c_type.eq_ignore_ascii_case("attachment")),
            name,
            headers,
            body,
            parts: Vec::new(),
        };
        let boundary = content.as_ref().and_then(|content| content.attribute("boundary"));
        let is_split = part.kind.starts_with("multipart/") && depth < DEPTH && budget.search >= body.len();
        if let (true, Some(boundary)) = (is_split, boundary) {
            budget.search -= body.len();
            let default = if part.kind == "multipart/digest" { "message/rfc822" } else { "text/plain" };
            for piece in split(body, boundary.as_bytes()) {
                if budget.parts == 0 || budget.headers == 0 {
                    break;
                }
                part.parts.push(Self::read_at(piece, default, depth + 1, budget));
            }
        }
        if part.parts.is_empty() && part.kind.starts_with("multipart/") {
            // No boundary, or none of it in the body: what is there is all there is.
            "text/plain".clone_into(&mut part.kind);
        }
        part
    }

    /// Its bytes as they were before they were encoded for the mail.
    pub(in crate::mail) fn bytes(&self) -> Vec<u8> {
        self.decoded(self.body)
    }

    fn decoded(&self, body: &[u8]) -> Vec<u8> {
        let encoding = self.headers.text("Content-Transfer-Encoding").to_ascii_lowercase();
        match encoding.split([' ', ';']).next().unwrap_or_default() {
            "base64" => base64(body),
            "quoted-printable" => quoted_printable(body),
            "x-uuencode" | "uuencode" | "x-uue" => uuencode::whole(body).unwrap_or_else(|| body.to_vec()),
            _ => body.to_vec(),
        }
    }

    /// Its bytes as clean text.
    pub(in crate::mail) fn text(&self) -> String {
        self.text_of(&self.bytes())
    }

    /// The beginning of its text, of so many bytes as they stand in the mail.
    pub(in crate::mail) fn text_within(&self, most: usize) -> String {
        self.text_of(&self.decoded(&self.body[..self.body.len().min(most)]))
    }

    /// Its text without the files that were written into it (uuencode), and at most so many of these.
    pub(super) fn text_and_files(&self, most: usize) -> (String, Vec<Found>) {
        let (rest, files) = uuencode::taken_out(self.bytes(), most);
        (self.text_of(&rest), files)
    }

    fn text_of(&self, bytes: &[u8]) -> String {
        let bytes = &bytes[..bytes.len().min(SOURCE)];
        let text = clean::text(&charset::decode(bytes, self.charset.as_deref()));
        match self.flowed {
            Some(delsp) => flowed::joined(&text, delsp),
            None => text,
        }
    }

    /// It and all parts below it.
    pub(in crate::mail) fn walk(&self) -> Vec<&Self> {
        let mut found = vec![self];
        let mut at = 0;
        while at < found.len() {
            let part: &Self = found[at];
            found.extend(part.parts.iter());
            at += 1;
        }
        found
    }
}

/// The pieces of a body between its boundaries. The last need not be closed.
fn split<'a>(body: &'a [u8], boundary: &[u8]) -> Vec<&'a [u8]> {
    let mut pieces = Vec::new();
    let mut open: Option<usize> = None;
    let mut at = 0;
    while at < body.len() && pieces.len() <= PARTS {
        let end = end_of_line(body, at);
        let line = body[at..end].trim_ascii_end();
        let rest = line.strip_prefix(b"--").and_then(|rest| rest.strip_prefix(boundary));
        if let Some(rest) = rest.filter(|rest| rest.is_empty() || *rest == b"--") {
            if let Some(start) = open.take() {
                pieces.push(without_line_end(&body[start..at]));
            }
            if rest == b"--" {
                return pieces;
            }
            open = Some(end);
        }
        at = end;
    }
    if let Some(start) = open {
        pieces.push(&body[start..]);
    }
    pieces
}

/// The line end before a boundary belongs to the boundary (RFC 2046 §5.1.1).
fn without_line_end(piece: &[u8]) -> &[u8] {
    let piece = piece.strip_suffix(b"\n").unwrap_or(piece);
    piece.strip_suffix(b"\r").unwrap_or(piece)
}

/// Base64 as mails have it: line ends and foreign characters are passed over, padding may be missing
/// or stand in the middle.
pub(super) fn base64(encoded: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(encoded.len() / 4 * 3);
    let (mut bits, mut count) = (0u32, 0u8);
    for &byte in encoded {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => {
                flush(&mut bytes, &mut bits, &mut count);
                continue;
            }
            _ => continue,
        };
        bits = bits << 6 | u32::from(value);
        count += 1;
        if count == 4 {
            flush(&mut bytes, &mut bits, &mut count);
        }
    }
    flush(&mut bytes, &mut bits, &mut count);
    bytes
}

/// Writes what a group of two to four base64 characters holds.
fn flush(bytes: &mut Vec<u8>, bits: &mut u32, count: &mut u8) {
    let whole = *bits << (6 * (4 - u32::from(*count)));
    let [_, first, second, third] = whole.to_be_bytes();
    match *count {
        2 => bytes.push(first),
        3 => bytes.extend([first, second]),
        4 => bytes.extend([first, second, third]),
        _ => {}
    }
    (*bits, *count) = (0, 0);
}

/// Quoted-printable (RFC 2045 §6.7); what is no escape stays as it is.
pub(super) fn quoted_printable(encoded: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut at = 0;
    while at < encoded.len() {
        let byte = encoded[at];
        at += 1;
        if byte != b'=' {
            bytes.push(byte);
            continue;
        }
        let digit = |at: usize| encoded.get(at).and_then(|&byte| char::from(byte).to_digit(16));
        if let (Some(high), Some(low)) = (digit(at), digit(at + 1)) {
            bytes.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
            at += 2;
            continue;
        }
        // A soft line break, blanks before its line end or not. The line is not searched for its end: it may be long.
        let is_blank = |byte: &&u8| byte.is_ascii_whitespace() && **byte != b'\n';
        let end = at + encoded[at..].iter().take_while(is_blank).count();
        match encoded.get(end) {
            None => at = end,
            Some(b'\n') => at = end + 1,
            Some(_) => bytes.push(b'='),
        }
    }
    bytes
}
