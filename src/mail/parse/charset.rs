//! Bytes to text: named charsets, wrongly named ones, none at all, and encoded-words (RFC 2047).

use chardetng::EncodingDetector;
use encoding_rs::{Encoding, UTF_8};
use mail_parser::decoders::charsets::map::charset_decoder;

/// How many bytes are looked at to guess a charset.
const SAMPLE: usize = 64 * 1024;

/// Decodes bytes of a charset that the mail names, or does not. Never fails; what fits nothing
/// becomes U+FFFD.
pub(super) fn decode(bytes: &[u8], label: Option<&str>) -> String {
    if bytes.is_ascii() && !bytes.contains(&0x1b) && !label.is_some_and(is_stateful) {
        return String::from_utf8_lossy(bytes).into_owned();
    }
    let label = label.map(|label| label.trim_matches(['"', '\'', ' ']).to_ascii_lowercase()).unwrap_or_default();
    if is_no_claim(&label) {
        return guess(bytes);
    }
    if let Some(encoding) = Encoding::for_label(label.as_bytes()) {
        let (text, _, bad) = encoding.decode(bytes);
        // A wrong name shows in what does not fit: then a guess is better.
        if bad && encoding == UTF_8 && share_of_bad(&text) > 0.2 {
            return guess(bytes);
        }
        return text.into_owned();
    }
    // Some write its older names: unicode-1-1-utf-7, x-unicode-2-0-utf-7.
    let label = if label.ends_with("utf-7") { "utf-7" } else { label.as_str() };
    match charset_decoder(label.as_bytes()) {
        Some(decoder) => decoder(bytes),
        None => guess(bytes),
    }
}

/// Charsets whose text is ASCII to look at, but isn't.
fn is_stateful(label: &str) -> bool {
    let label = label.to_ascii_lowercase();
    label.contains("utf-7") || label.contains("2022") || label.contains("utf-16") || label.starts_with("hz")
}

/// Names that say nothing about the bytes above 127.
fn is_no_claim(label: &str) -> bool {
    matches!(
        label,
        "" | "us-ascii"
            | "ascii"
            | "ansi_x3.4-1968"
            | "unknown-8bit"
            | "x-unknown"
            | "unknown"
            | "default"
            | "8bit"
            | "binary"
    )
}

fn share_of_bad(text: &str) -> f64 {
    let count = |test: fn(&char) -> bool| u32::try_from(text.chars().filter(test).count()).unwrap_or(u32::MAX);
    f64::from(count(|&c| c == '\u{fffd}')) / f64::from(count(|c| !c.is_ascii()).max(1))
}

/// UTF-8 if it is that, else what it looks like.
fn guess(bytes: &[u8]) -> String {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return text.to_owned();
    }
    let mut detector = EncodingDetector::new();
    detector.feed(&bytes[..bytes.len().min(SAMPLE)], true);
    detector.guess(None, false).decode(bytes).0.into_owned()
}

/// One encoded-word's pieces.
struct Word<'a> {
    charset: &'a str,
    base64: bool,
    text: &'a str,
    /// Where it ends in the field.
    end: usize,
}

/// A field, and where in it the next end of a word is, so that it is searched once only: many words without
/// an end would cost the square of its length.
struct Field<'a> {
    text: &'a str,
    /// From where the next `?=` was searched, and where it is.
    end: Option<(usize, Option<usize>)>,
}

impl<'a> Field<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, end: None }
    }

    /// The first `?=` at or behind `from`.
    fn end_from(&mut self, from: usize) -> Option<usize> {
        if let Some((searched, found)) = self.end
            && searched <= from
            && found.is_none_or(|found| found >= from)
        {
            return found;
        }
        let found = self.text[from..].find("?=").map(|length| from + length);
        self.end = Some((from, found));
        found
    }
}

/// The longest name of a charset in bytes.
const CHARSET: usize = 60;

/// The encoded-word that begins at `at`, if one does.
fn word_at<'a>(field: &mut Field<'a>, at: usize) -> Option<Word<'a>> {
    let whole = field.text;
    let rest = whole[at..].strip_prefix("=?")?;
    let length = rest.bytes().take(CHARSET + 1).position(|byte| byte == b'?')?;
    let (charset, rest_after) = (&rest[..length], &rest[length + 1..]);
    if charset.is_empty() || !charset.is_ascii() || charset.contains(char::is_whitespace) {
        return None;
    }
    let base64 = match rest_after.as_bytes() {
        [b'B' | b'b', b'?', ..] => true,
        [b'Q' | b'q', b'?', ..] => false,
        _ => return None,
    };
    let text_on = &rest_after[2..];
    let start = whole.len() - text_on.len();
    // A word whose end was cut off runs to the next blank.
    let (text, end) = if let Some(end) = field.end_from(start) {
        (&whole[start..end], end + 2)
    } else {
        let length = text_on.find(char::is_whitespace).unwrap_or(text_on.len());
        (&text_on[..length], start + length)
    };
    // RFC 2231 §5: a language may stand behind the charset.
    let charset = charset.split_once('*').map_or(charset, |(charset, _)| charset);
    Some(Word { charset, base64, text, end })
}

/// Finds the runs of encoded-words in a field and hands each, decoded, to `put`, and what stands
/// between them as it is. Neighbours of one charset and encoding are joined before they are decoded,
/// since many programs split characters between them.
fn for_each_run<'a>(field: &'a str, mut put: impl FnMut(Piece<'a>)) {
    let mut words = Field::new(field);
    let mut at = 0;
    let mut plain_from = 0;
    while let Some(found) = field[at..].find("=?") {
        let start = at + found;
        let Some(mut word) = word_at(&mut words, start) else {
            at = start + 2;
            continue;
        };
        put(Piece::Plain(&field[plain_from..start]));
        let mut run = String::new();
        loop {
            let mut bytes = Vec::new();
            let charset = word.charset;
            let mut carry = String::new();
            loop {
                if word.base64 {
                    // Without padding the next word goes on where this one stopped.
                    carry.push_str(word.text);
                    if word.text.ends_with('=') || carry.len().is_multiple_of(4) {
                        bytes.extend(super::mime::base64(carry.as_bytes()));
                        carry.clear();
                    }
                } else {
                    bytes.extend(q(word.text));
                }
                let Some(next) = following(&mut words, word.end) else { break };
                if !next.charset.eq_ignore_ascii_case(charset) || next.base64 != word.base64 {
                    break;
                }
                word = next;
            }
            bytes.extend(super::mime::base64(carry.as_bytes()));
            run.push_str(&decode(&bytes, Some(charset)));
            match following(&mut words, word.end) {
                Some(next) => word = next,
                None => break,
            }
        }
        at = word.end;
        plain_from = at;
        put(Piece::Decoded(run));
    }
    put(Piece::Plain(&field[plain_from..]));
}

enum Piece<'a> {
    Plain(&'a str),
    Decoded(String),
}

/// The encoded-word behind `end` if only blanks stand between.
fn following<'a>(field: &mut Field<'a>, end: usize) -> Option<Word<'a>> {
    let rest = &field.text[end..];
    let blanks = rest.len() - rest.trim_start().len();
    word_at(field, end + blanks)
}

/// The Q encoding (RFC 2047 §4.2).
fn q(text: &str) -> Vec<u8> {
    super::mime::quoted_printable(text.replace('_', " ").as_bytes())
}

/// A field's text with its encoded-words decoded.
pub(super) fn words(field: &str) -> String {
    let mut whole = String::with_capacity(field.len());
    for_each_run(field, |piece| match piece {
        Piece::Plain(text) => whole.push_str(text),
        Piece::Decoded(text) => whole.push_str(&text),
    });
    whole
}

/// A field in which every run of encoded-words is one encoded-word in UTF-8, for a parser that knows
/// where in the field such a word counts.
pub(super) fn rewritten(field: &str) -> String {
    let mut whole = String::with_capacity(field.len());
    for_each_run(field, |piece| match piece {
        Piece::Plain(text) => whole.push_str(text),
        Piece::Decoded(text) => {
            whole.push_str("=?utf-8?B?");
            whole.push_str(&data_encoding::BASE64.encode(crate::mail::clean::line(&text).as_bytes()));
            whole.push_str("?=");
        }
    });
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_joined_before_they_are_decoded() {
        // "ü" in UTF-8 is C3 BC; here each half stands in a word of its own.
        assert_eq!(words("=?utf-8?Q?Gr=C3?= =?UTF-8?Q?=BCn?="), "Grün");
        assert_eq!(words("=?utf-8?B?w7w=?=\r\n =?utf-8?B?w7w=?="), "üü");
        assert_eq!(words("a =?utf-8?q?b_c?= d"), "a b c d");
        assert_eq!(words("=?iso-2022-jp?B?GyRCJDM=?= =?iso-2022-jp?B?JHMbKEI=?="), "こん");
        assert_eq!(words("=?utf-8?Q?a?=.b"), "a.b");
        assert_eq!(words("=?x?y?z"), "=?x?y?z");
        assert_eq!(words("=?utf-8?Q?cut_o"), "cut o");
    }

    #[test]
    fn raw_bytes_are_guessed() {
        assert_eq!(decode("Grüße aus Köln".as_bytes(), None), "Grüße aus Köln");
        assert_eq!(decode(b"Gr\xfc\xdfe aus K\xf6ln", Some("us-ascii")), "Grüße aus Köln");
        assert_eq!(decode(b"Gr\xfc\xdfe aus K\xf6ln", Some("utf-8")), "Grüße aus Köln");
        assert_eq!(decode(b"+AOQ-", Some("utf-7")), "ä");
        assert_eq!(decode(b"\xa4", Some("iso-8859-15")), "€");
    }
}
