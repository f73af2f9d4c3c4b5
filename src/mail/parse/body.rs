//! What of a mail's parts is its text, and what are its files.

use std::collections::HashMap;

use super::html::Images;
use super::mime::Part;
use super::{TEXT, armour, calendar, html};
use crate::desk::incoming::IncomingFile;
use crate::mail::{clean, reaction};

/// The longest file name in bytes.
const NAME: usize = 200;
/// How many files are looked for in texts.
const UUENCODED: usize = 100;
/// How much of an attached mail's subject is looked at for its name.
const SUBJECT: usize = 1024;

/// A mail's text and files.
#[derive(Debug, Default)]
pub(super) struct Content {
    /// The whole text.
    pub(super) text: String,
    /// The whole HTML, if there is any; foreign and dangerous.
    pub(super) html: Option<String>,
    /// The files that the HTML can show in place.
    pub(super) images: Images,
    /// The files.
    pub(super) files: Vec<IncomingFile>,
}

/// A piece of the text, in one form or in both.
struct Piece {
    text: Option<String>,
    html: Option<String>,
}

#[derive(Default)]
struct Found {
    pieces: Vec<Piece>,
    files: Vec<IncomingFile>,
    /// A line about each calendar entry.
    entries: Vec<String>,
    /// How long the pieces are in bytes.
    length: usize,
}

impl Found {
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
pub(super) fn collect(root: &Part<'_>, troubles: &mut Vec<String>) -> Content {
    let mut found = Found::default();
    gather(root, &mut found, false);
    if let Some(entry) = found.entries.first() {
        found.pieces.insert(0, Piece { text: Some(entry.clone()), html: None });
    }
    let mut content = Content { files: named_apart(found.files), ..Content::default() };
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
    if root.kind.starts_with("multipart/encrypted") || root.kind.ends_with("pkcs7-mime") {
        troubles.push("It is encrypted: its text is in the file.".to_owned());
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
fn gather(part: &Part<'_>, found: &mut Found, has_text: bool) {
    match part.kind.as_str() {
        "multipart/alternative" => alternative(part, found),
        _ if !part.parts.is_empty() => {
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
        | reaction::GMAIL => {}
        // It stays in the raw mail, and the text says that it is cut.
        "text/plain" | "text/html" if !part.is_attachment && part.name.is_none() && found.is_full() => {}
        "text/plain" if !part.is_attachment && (part.name.is_none() || !has_text) => {
            let (text, files) = part.text_and_files(UUENCODED.saturating_sub(found.files.len()));
            let text = found.take(&armour::without(&text).unwrap_or(text));
            found.pieces.push(Piece { text: Some(text), html: None });
            found.files.extend(files.into_iter().map(|file| {
                let name = file_name(&file.name);
                let name = if name.is_empty() { "file.bin".to_owned() } else { name };
                let mime = "application/octet-stream".to_owned();
                IncomingFile { name, mime, bytes: file.bytes, content_id: None }
            }));
        }
        "text/html" if !part.is_attachment && (part.name.is_none() || !has_text) => {
            let html = found.take(&part.text());
            found.pieces.push(Piece { text: None, html: Some(html) });
        }
        "text/calendar" => {
            found.entries.extend(calendar::line(&part.text()));
            found.files.push(file(part));
        }
        _ => found.files.push(file(part)),
    }
}

/// The same said in several forms: one piece, and the files of all of them.
fn alternative(part: &Part<'_>, found: &mut Found) {
    let (mut text, mut html): (Option<String>, Option<String>) = (None, None);
    for child in &part.parts {
        let mut below = Found { length: found.length, ..Found::default() };
        gather(child, &mut below, false);
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
                html = Some(html.map_or(more.clone(), |html| html + "<br>\n" + more.as_str()));
            }
        }
    }
    if text.is_some() || html.is_some() {
        found.pieces.push(Piece { text, html });
    }
}

fn file(part: &Part<'_>) -> IncomingFile {
    let content_id = part.headers.text("Content-ID");
    let content_id = content_id.trim_start_matches('<').trim_end_matches('>');
    let name = match &part.name {
        Some(name) => file_name(name),
        None if part.kind == "message/rfc822" => {
            let (inner, _) = super::Headers::read(part.body);
            let subject = file_name(clean::cut(&inner.text_within("Subject", SUBJECT), 80));
            if subject.is_empty() { "message.eml".to_owned() } else { format!("{subject}.eml") }
        }
        None => String::new(),
    };
    let name = if name.is_empty() { format!("file.{}", ending(&part.kind)) } else { name };
    IncomingFile {
        name,
        mime: part.kind.clone(),
        bytes: part.bytes(),
        content_id: (!content_id.is_empty()).then(|| clean::cut(content_id, 255).to_owned()),
    }
}

/// A usual ending for a file that has no name.
fn ending(kind: &str) -> &'static str {
    match kind {
        "text/html" => "html",
        "text/calendar" => "ics",
        "text/csv" => "csv",
        "text/plain" | "text/rfc822-headers" | "message/delivery-status" | "message/global-delivery-status" => "txt",
        "message/rfc822" | "message/global" => "eml",
        "image/png" => "png",
        "image/jpeg" => "jpg",
        "image/gif" => "gif",
        "application/pdf" => "pdf",
        "application/zip" => "zip",
        _ => "bin",
    }
}

/// A file's name without path, control characters and tricks; empty if nothing is left.
pub(super) fn file_name(raw: &str) -> String {
    let line = clean::line(raw);
    let last = line.rsplit(['/', '\\']).find(|piece| !piece.trim().is_empty()).unwrap_or_default();
    let name: String = last.chars().map(|c| if "<>:\"|?*".contains(c) { '_' } else { c }).collect();
    let name = name.trim().trim_start_matches(['.', '-', ' ']).trim_end_matches(['.', ' ']);
    let (stem, end) = match name.rsplit_once('.') {
        Some((stem, end)) if end.len() <= 16 && !stem.is_empty() => (stem, format!(".{end}")),
        _ => (name, String::new()),
    };
    format!("{}{end}", clean::cut(stem, NAME - end.len()))
}

/// Gives files of one name different ones: `a.txt`, `a (2).txt`.
fn named_apart(mut files: Vec<IncomingFile>) -> Vec<IncomingFile> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    for file in &mut files {
        let count = seen.entry(file.name.to_lowercase()).and_modify(|count| *count += 1).or_insert(1);
        if *count > 1 {
            let (stem, end) = match file.name.rsplit_once('.') {
                Some((stem, end)) => (stem, format!(".{end}")),
                None => (file.name.as_str(), String::new()),
            };
            let mark = format!(" ({count}){end}");
            file.name = format!("{}{mark}", clean::cut(stem, NAME.saturating_sub(mark.len())));
        }
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_is_a_name_and_nothing_else() {
        for (raw, name) in [
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\x\\a.txt", "a.txt"),
            ("invoice\u{202e}gpj.exe", "invoicegpj.exe"),
            ("-rf", "rf"),
            ("...", ""),
            ("a\0b\r\nc.txt", "ab c.txt"),
            ("..hidden", "hidden"),
        ] {
            assert_eq!(file_name(raw), name, "{raw:?}");
        }
        assert!(file_name(&"ü".repeat(5000)).len() <= NAME);
    }
}
