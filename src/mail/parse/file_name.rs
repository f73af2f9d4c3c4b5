//! What a file is called: by its mail, else by what is known of it.

use std::collections::HashMap;

use super::Headers;
use super::mime::Part;
use crate::desk::intake::incoming::IncomingFile;
use crate::mail::clean;

/// The longest file name in bytes.
const NAME: usize = 200;
/// How much of an attached mail's subject is looked at for its name.
const SUBJECT: usize = 1024;

/// A part's file name. Without one, an attached mail has its subject's, and a picture that its Content-ID or its
/// Content-Location gives it, as Outlook and Apple write them.
pub(super) fn of(part: &Part<'_>) -> String {
    let named = part.name.as_deref().map(clean_name).unwrap_or_default();
    if !named.is_empty() {
        return named;
    }
    let usual = ending(&part.kind);
    if matches!(part.kind.as_str(), "message/rfc822" | "message/global" | "message/news") {
        let bytes = part.bytes();
        let subject = Headers::read(&bytes).0.text_within("Subject", SUBJECT).replace(['/', '\\'], "-");
        let subject = clean_name(clean::cut(&subject, 80));
        return if subject.is_empty() { "message.eml".to_owned() } else { format!("{subject}.eml") };
    }
    let id = part.headers.text("Content-ID");
    let id = id.trim_matches(['<', '>', ' ']);
    let places = [
        id.split('@').next().unwrap_or_default().to_owned(),
        part.headers.text("Content-Location"),
        part.headers.text("Content-Description"),
    ];
    let named = places.iter().map(|place| clean_name(place)).find(|name| has_ending(name, &part.kind, usual));
    named.unwrap_or_else(|| format!("file.{usual}"))
}

/// Whether a word is a file's name: it ends as files of that kind do.
fn has_ending(name: &str, kind: &str, usual: &str) -> bool {
    let Some((stem, end)) = name.rsplit_once('.') else { return false };
    let end = end.to_ascii_lowercase();
    let is_same = match usual {
        "jpg" => matches!(end.as_str(), "jpg" | "jpeg" | "jpe" | "jfif"),
        "tif" => matches!(end.as_str(), "tif" | "tiff"),
        "html" => matches!(end.as_str(), "html" | "htm"),
        "bin" => {
            kind == "application/octet-stream"
                && (2..=4).contains(&end.len())
                && end.bytes().all(|byte| byte.is_ascii_lowercase())
        }
        usual => end == usual,
    };
    is_same && !stem.is_empty()
}

/// The usual ending of files of a kind.
fn ending(kind: &str) -> &'static str {
    match kind {
        // What the list of media types has otherwise, or what other programs know better.
        "video/quicktime" => "mov",
        "image/tiff" => "tif",
        "image/jpg" | "image/pjpeg" => "jpg",
        "audio/mpeg" | "audio/x-mp3" => "mp3",
        "audio/amr" => "amr",
        "application/x-pdf" => "pdf",
        "application/x-zip" => "zip",
        "application/x-pkcs7-mime" | "application/pkcs7-mime" => "p7m",
        "message/rfc822" | "message/global" | "message/news" => "eml",
        "text/x-vcard" | "text/directory" => "vcf",
        _ if kind.starts_with("message/") || kind == "text/rfc822-headers" => "txt",
        _ => mime2ext::mime2ext(kind).unwrap_or(if kind.starts_with("text/") { "txt" } else { "bin" }),
    }
}

/// A file's name without path, control characters and tricks; empty if nothing is left.
pub(super) fn clean_name(raw: &str) -> String {
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
pub(super) fn named_apart(mut files: Vec<IncomingFile>) -> Vec<IncomingFile> {
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
            assert_eq!(clean_name(raw), name, "{raw:?}");
        }
        assert!(clean_name(&"ü".repeat(5000)).len() <= NAME);
    }

    fn name_of(header: &str, body: &str) -> String {
        let raw = format!("{header}\r\n\r\n{body}");
        of(&Part::read(raw.as_bytes(), &mut Vec::new()))
    }

    #[test]
    fn a_nameless_file_has_a_telling_name() {
        for (header, name) in [
            ("Content-Type: image/png\r\nContent-ID: <logo.png@01DB>", "logo.png"),
            ("Content-Type: image/jpeg\r\nContent-ID: <image001.JPEG@01DB.55>", "image001.JPEG"),
            ("Content-Type: image/png\r\nContent-ID: <part1.06090408.01060107@x.test>", "file.png"),
            ("Content-Type: image/png\r\nContent-Location: https://x.test/a/logo.png", "logo.png"),
            ("Content-Type: application/pdf\r\nContent-Description: Bill 12.pdf", "Bill 12.pdf"),
            ("Content-Type: application/pdf\r\nContent-Description: A bill.", "file.pdf"),
            ("Content-Type: image/png; name=\"\"\r\nContent-ID: <logo.png@01DB>", "logo.png"),
            ("Content-Type: image/png; name=a.png\r\nContent-ID: <logo.png@01DB>", "a.png"),
            ("Content-Type: video/quicktime", "file.mov"),
            ("Content-Type: image/heic", "file.heic"),
            ("Content-Type: image/heif", "file.heif"),
            ("Content-Type: image/webp", "file.webp"),
            ("Content-Type: image/jpeg", "file.jpg"),
            ("Content-Type: image/jpg", "file.jpg"),
            ("Content-Type: image/tiff", "file.tif"),
            ("Content-Type: video/mp4", "file.mp4"),
            ("Content-Type: audio/mpeg", "file.mp3"),
            ("Content-Type: audio/wav", "file.wav"),
            ("Content-Type: audio/mp4", "file.m4a"),
            ("Content-Type: application/msword", "file.doc"),
            ("Content-Type: application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "file.xlsx"),
            ("Content-Type: text/x-vcard", "file.vcf"),
            ("Content-Type: text/x-log", "file.txt"),
            ("Content-Type: message/disposition-notification", "file.txt"),
            ("Content-Type: application/x-nobody-knows", "file.bin"),
        ] {
            assert_eq!(name_of(header, "x"), name, "{header}");
        }
    }

    #[test]
    fn an_attached_mail_is_called_by_its_subject() {
        for (subject, name) in [
            ("Bill 12/2026", "Bill 12-2026.eml"),
            ("a\\b: c?", "a-b_ c_.eml"),
            ("=?utf-8?Q?M=C3=A4rz_1/2?=", "März 1-2.eml"),
            ("", "message.eml"),
            ("//", "message.eml"),
        ] {
            assert_eq!(name_of("Content-Type: message/rfc822", &format!("Subject: {subject}\r\n\r\nx")), name);
        }
        let encoded = data_encoding::BASE64.encode(b"Subject: Bill 12\r\n\r\nx");
        let header = "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64";
        assert_eq!(name_of(header, &encoded), "Bill 12.eml");
    }
}
