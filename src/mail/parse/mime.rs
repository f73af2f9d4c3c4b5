//! The tree of a mail's parts (RFC 2046), with every depth and number bounded.

use super::header::{HEADER, Headers};
use super::line::end_of_line;
use super::uuencode::{self, Found};
use super::{charset, flowed, transfer};
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
        let kind = content.as_ref().map(|content| &content.value).filter(|kind| is_kind(kind)).cloned();
        let disposition = headers.parameters("Content-Disposition");
        let name = disposition
            .as_ref()
            .and_then(|disposition| disposition.get("filename"))
            .or_else(|| content.as_ref()?.get("name"))
            .map(str::to_owned);
        let mut part = Self {
            kind: kind.unwrap_or_else(|| default.to_owned()),
            charset: content.as_ref().and_then(|content| content.get("charset")).map(str::to_owned),
            flowed: content.as_ref().and_then(|content| {
                let says = |name, value: &str| content.get(name).is_some_and(|said| said.eq_ignore_ascii_case(value));
                says("format", "flowed").then(|| says("delsp", "yes"))
            }),
            is_attachment: disposition.is_some_and(|disposition| disposition.value == "attachment"),
            name,
            headers,
            body,
            parts: Vec::new(),
        };
        if part.kind.starts_with("multipart/") && depth < DEPTH && budget.search >= body.len() {
            budget.search -= body.len();
            let named = content.as_ref().and_then(|content| content.get("boundary")).unwrap_or_default();
            let default = if part.kind == "multipart/digest" { "message/rfc822" } else { "text/plain" };
            for piece in pieces(body, named.as_bytes()) {
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
        self.decoded(self.body).0
    }

    /// Its body without what was glued behind it without being encoded.
    pub(super) fn encoded(&self) -> &'a [u8] {
        if self.encoding() == "base64" { &self.body[..transfer::end_of_base64(self.body)] } else { self.body }
    }

    fn encoding(&self) -> String {
        let encoding = self.headers.text("Content-Transfer-Encoding").to_ascii_lowercase();
        encoding.split([' ', ';']).next().unwrap_or_default().to_owned()
    }

    /// A piece of its body as it was before it was encoded, and what was glued behind it without being encoded.
    fn decoded<'b>(&self, body: &'b [u8]) -> (Vec<u8>, &'b [u8]) {
        let bytes = match self.encoding().as_str() {
            "base64" => {
                let (encoded, footer) = body.split_at(transfer::end_of_base64(body));
                return (transfer::base64(encoded), footer);
            }
            "quoted-printable" => transfer::quoted_printable(body),
            "x-uuencode" | "uuencode" | "x-uue" => uuencode::whole(body).unwrap_or_else(|| body.to_vec()),
            _ => body.to_vec(),
        };
        (bytes, &[])
    }

    /// Its bytes as clean text.
    pub(in crate::mail) fn text(&self) -> String {
        let (bytes, footer) = self.decoded(self.body);
        self.text_of(&bytes, footer)
    }

    /// The beginning of its text, of so many bytes as they stand in the mail.
    pub(in crate::mail) fn text_within(&self, most: usize) -> String {
        let (bytes, footer) = self.decoded(&self.body[..self.body.len().min(most)]);
        self.text_of(&bytes, footer)
    }

    /// Its text without the files that were written into it (uuencode), and at most so many of these.
    pub(super) fn text_and_files(&self, most: usize) -> (String, Vec<Found>) {
        let (bytes, footer) = self.decoded(self.body);
        let (rest, files) = uuencode::taken_out(bytes, most);
        (self.text_of(&rest, footer), files)
    }

    fn text_of(&self, bytes: &[u8], footer: &[u8]) -> String {
        let bytes = &bytes[..bytes.len().min(SOURCE)];
        let footer = &footer[..footer.len().min(SOURCE - bytes.len())];
        let label = self.charset.as_deref();
        let is_page = self.kind == "text/html";
        let decoded = if is_page { charset::decode_page(bytes, label) } else { charset::decode(bytes, label) };
        let mut text = clean::text(&decoded);
        if !footer.trim_ascii().is_empty() && !is_page {
            let line_end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
            text = format!("{text}{line_end}{}", clean::text(&charset::decode(footer, None)));
        }
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

/// Whether a media type is one: two words (RFC 2045 §5.1).
fn is_kind(kind: &str) -> bool {
    let sound = kind.len() <= 100 && kind.bytes().all(|byte| byte.is_ascii_graphic());
    sound && kind.split_once('/').is_some_and(|(kind, subtype)| !kind.is_empty() && !subtype.is_empty())
}

/// The pieces of a body. Blanks at the end of its boundary, which it may not have, are lost in most mails, but count
/// where they are not. Where it is not named, or is named wrongly, the first line that can be one is it.
fn pieces<'a>(body: &'a [u8], boundary: &[u8]) -> Vec<&'a [u8]> {
    let trimmed = boundary.trim_ascii_end();
    for boundary in [boundary, trimmed].into_iter().skip(usize::from(boundary == trimmed)) {
        let found = if trimmed.is_empty() { Vec::new() } else { split(body, boundary) };
        if !found.is_empty() {
            return found;
        }
    }
    likely_boundary(body).map(|likely| split(body, likely)).unwrap_or_default()
}

/// What stands behind `--` in the first line that a part's header follows.
fn likely_boundary(body: &[u8]) -> Option<&[u8]> {
    let mut lines = body.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii_end).peekable();
    while let Some(line) = lines.next() {
        let next = lines.peek().and_then(|next| next.get(..8)).unwrap_or_default();
        if let Some(boundary) = line.strip_prefix(b"--").filter(|it| !it.is_empty() && it.len() <= 200)
            && next.eq_ignore_ascii_case(b"content-")
        {
            return Some(boundary);
        }
    }
    None
}

/// The pieces of a body between its boundaries. The last need not be closed.
fn split<'a>(body: &'a [u8], boundary: &[u8]) -> Vec<&'a [u8]> {
    let mut pieces = Vec::new();
    let mut open: Option<usize> = None;
    let mut at = 0;
    while at < body.len() && pieces.len() <= PARTS {
        let end = end_of_line(body, at);
        let rest = body[at..end].strip_prefix(b"--").and_then(|rest| rest.strip_prefix(boundary));
        let rest = rest.map(<[u8]>::trim_ascii_end);
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
