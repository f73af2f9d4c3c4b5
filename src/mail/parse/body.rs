//! What of a mail's parts is its text, and what are its files.

use super::html::Images;
use super::mime::Part;
use super::smime::{self, Container};
use super::{armour, calendar, file_name, html, stub};
use crate::desk::intake::incoming::IncomingFile;
use crate::domain::transfer::Place;
use crate::mail::clean;

/// The longest text in bytes that is looked at line by line; what is longer is cut, the raw mail has all.
pub(in crate::mail) const TEXT: usize = 4 << 20;
/// The part by which Gmail marks a reaction; it has the emoji as JSON, as the text has it.
pub(in crate::mail) const REACTION: &str = "text/vnd.google.email-reaction+json";

/// How many files are looked for in texts.
const UUENCODED: usize = 100;
/// How many signed or compressed containers are opened: some mails are signed, and signed again on their way.
const CONTAINERS: usize = 5;

const ENCRYPTED: &str = "It is encrypted: its text is in the file.";

/// A mail's text and files.
#[derive(Debug, Default)]
pub(in crate::mail) struct Content {
    /// The whole text.
    pub(in crate::mail) text: String,
    /// The whole HTML, if there is any; foreign and dangerous.
    pub(in crate::mail) html: Option<String>,
    /// The files that the HTML can show in place.
    pub(in crate::mail) images: Images,
    /// The files.
    pub(in crate::mail) files: Vec<IncomingFile>,
}

/// A piece of the text, in one form or in both.
struct Piece {
    text: Option<String>,
    html: Option<String>,
}

#[derive(Default)]
struct Found<'a> {
    /// The mail that is read: what is unpacked from it stands elsewhere.
    raw: &'a [u8],
    pieces: Vec<Piece>,
    files: Vec<IncomingFile>,
    /// A line about each calendar entry.
    entries: Vec<String>,
    /// A sentence about each thing that could not be read as it should, or is not what it seems.
    notes: Vec<String>,
    /// How many containers were opened.
    containers: usize,
    /// How long the pieces are in bytes.
    length: usize,
}

impl Found<'_> {
    fn note(&mut self, sentence: &str) {
        if !self.notes.iter().any(|known| known == sentence) {
            self.notes.push(sentence.to_owned());
        }
    }

    /// Takes a text in, as far as texts are looked at; one byte more shows that there was more.
    fn take(&mut self, text: &str) -> String {
        let text = clean::cut(text, (TEXT + 4).saturating_sub(self.length));
        self.length += text.len();
        text.to_owned()
    }

    /// Whether more text is looked at.
    fn is_full(&self) -> bool {
        self.length > TEXT
    }
}

/// Collects text and files of a mail.
pub(in crate::mail) fn collect(root: &Part<'_>, raw: &[u8], troubles: &mut Vec<String>) -> Content {
    let mut found = Found { raw, ..Found::default() };
    gather(root, &mut found, false);
    if let Some(entry) = found.entries.first() {
        found.pieces.insert(0, Piece { text: Some(entry.clone()), html: None });
    }
    let mut content = Content { files: file_name::named_apart(found.files), ..Content::default() };
    troubles.append(&mut found.notes);
    for file in content.files.iter().filter(|file| file.mime.starts_with("image/")) {
        content.images.insert(file.content_id.as_deref().unwrap_or_default(), &file.name);
    }
    let mut texts = Vec::new();
    for piece in &found.pieces {
        match (&piece.text, &piece.html) {
            (Some(text), _) if !text.trim().is_empty() => texts.push(text.trim_end().to_owned()),
            (_, Some(html)) => texts.push(html::to_text(html, &content.images)),
            _ => {}
        }
    }
    content.text = texts.join("\n\n");
    if found.pieces.iter().any(|piece| piece.html.is_some()) {
        let whole = found
            .pieces
            .into_iter()
            .filter_map(|piece| piece.html.or_else(|| piece.text.map(|text| html::of_text(&text))));
        content.html = Some(whole.collect::<Vec<_>>().join("<br>\n"));
    }
    if content.files.iter().any(is_tnef) {
        troubles.push("Outlook packed its files into winmail.dat, which is attached as it is.".to_owned());
    }
    content
}

fn is_tnef(file: &IncomingFile) -> bool {
    matches!(file.mime.as_str(), "application/ms-tnef" | "application/vnd.ms-tnef")
        || file.name.eq_ignore_ascii_case("winmail.dat")
}

/// Collects below one part. `has_text`: some text was found before.
fn gather(part: &Part<'_>, found: &mut Found<'_>, has_text: bool) {
    match part.kind.as_str() {
        "multipart/alternative" => alternative(part, found),
        "message/rfc822" if is_own_header(part) && found.containers < CONTAINERS => {
            found.containers += 1;
            inside(&part.bytes(), found, has_text);
        }
        _ if smime::is_container(part) && found.containers < CONTAINERS => container(part, found, has_text),
        _ if !part.parts.is_empty() => {
            if part.kind == "multipart/encrypted" {
                found.note(ENCRYPTED);
            }
            for child in &part.parts {
                let has_text = has_text || !found.pieces.is_empty();
                gather(child, found, has_text);
            }
        }
        // Signatures; the version of what stands beside it (RFC 3156 §4); another form of the same emoji.
        "application/pgp-signature"
        | "application/pkcs7-signature"
        | "application/x-pkcs7-signature"
        | "application/pgp-encrypted"
        | REACTION => {}
        // It stays in the raw mail, and the text says that it is cut.
        "text/plain" | "text/html" if !part.is_attachment && part.name.is_none() && found.is_full() => {}
        "text/plain" if !part.is_attachment && (part.name.is_none() || !has_text) => {
            let (text, files) = part.text_and_files(UUENCODED.saturating_sub(found.files.len()));
            let text = found.take(&armour::without(&text).unwrap_or(text));
            found.pieces.push(Piece { text: Some(text), html: None });
            found.files.extend(files.into_iter().map(|file| {
                let name = file_name::clean_name(&file.name);
                let name = if name.is_empty() { "file.bin".to_owned() } else { name };
                let mime = "application/octet-stream".to_owned();
                IncomingFile::new(name, mime, file.bytes)
            }));
        }
        "text/html" if !part.is_attachment && (part.name.is_none() || !has_text) => {
            let html = found.take(&part.text());
            found.pieces.push(Piece { text: None, html: Some(html) });
        }
        "text/calendar" => {
            found.entries.extend(calendar::line(part));
            found.files.push(file(part, found.raw));
        }
        _ => found.files.push(file(part, found.raw)),
    }
}

/// What S/MIME wrapped: read as if it were not, if it can be.
fn container(part: &Part<'_>, found: &mut Found<'_>, has_text: bool) {
    found.containers += 1;
    let content = match smime::open(&part.bytes()) {
        Container::Signed(content) => {
            found.note("It is signed (S/MIME), and the signature was not verified.");
            content
        }
        Container::Plain(content) => content,
        Container::Encrypted => {
            found.note(ENCRYPTED);
            return found.files.push(file(part, found.raw));
        }
        Container::Certificates => {
            found.note("It brings certificates (S/MIME), which are in the file.");
            return found.files.push(file(part, found.raw));
        }
        Container::Unknown => {
            found.note("It is packed in a way that is not known here (S/MIME): what it says is in the file.");
            return found.files.push(file(part, found.raw));
        }
    };
    inside(&content, found, has_text);
}

/// Collects from the bytes of a part that was wrapped in another one.
fn inside(bytes: &[u8], found: &mut Found, has_text: bool) {
    let mut troubles = Vec::new();
    gather(&Part::read(bytes, &mut troubles), found, has_text);
    found.notes.append(&mut troubles);
}

/// Whether an attached mail is this mail itself, put there so that its header is signed, too (RFC 8551 §3.1). The header
/// is not shown: nobody has verified it, so it is worth no more than the one outside.
fn is_own_header(part: &Part<'_>) -> bool {
    let parameters = part.headers.parameters("Content-Type");
    parameters.is_some_and(|it| it.get("forwarded").is_some_and(|forwarded| forwarded.eq_ignore_ascii_case("no")))
}

/// The same said in several forms: one piece, and the files of all of them.
fn alternative(part: &Part<'_>, found: &mut Found<'_>) {
    let (mut text, mut html): (Option<String>, Option<String>) = (None, None);
    for child in &part.parts {
        let mut below =
            Found { raw: found.raw, containers: found.containers, length: found.length, ..Found::default() };
        gather(child, &mut below, false);
        found.containers = below.containers;
        found.notes.append(&mut below.notes);
        found.files.append(&mut below.files);
        found.entries.append(&mut below.entries);
        found.length = found.length.max(below.length);
        for piece in below.pieces {
            if let Some(more) = piece.text
                && text.as_ref().is_none_or(|text| text.trim().is_empty())
            {
                text = Some(more);
            }
            if let Some(more) = piece.html {
                html = Some(match html {
                    // Each form may be as long as a text.
                    Some(html) if html.len() > TEXT => html,
                    Some(html) => html + "<br>\n" + more.as_str(),
                    None => more,
                });
            }
        }
    }
    if let (Some(said), Some(page)) = (&text, &html)
        && stub::stands_for(said, page)
    {
        text = None;
    }
    if text.is_some() || html.is_some() {
        found.pieces.push(Piece { text, html });
    }
}

fn file(part: &Part<'_>, raw: &[u8]) -> IncomingFile {
    let content_id = part.headers.text("Content-ID");
    let content_id = content_id.trim_start_matches('<').trim_end_matches('>');
    let bytes = part.bytes();
    IncomingFile {
        place: Place::of(&bytes, part.encoded(), raw),
        content_id: (!content_id.is_empty()).then(|| clean::cut(content_id, 255).to_owned()),
        ..IncomingFile::new(file_name::of(part), part.kind.clone(), bytes)
    }
}
