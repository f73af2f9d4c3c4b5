//! Encoded-words (RFC 2047) as programs write them: split inside characters, cut off, with raw bytes in them.

use encoding_rs::Encoding;

use super::{charset, transfer};
use crate::mail::clean;

/// The longest charset name, a language included (RFC 2231 §5).
const CHARSET: usize = 60;

/// A field's text with its encoded-words decoded.
pub(super) fn decoded(field: &[u8]) -> String {
    pieces(field)
        .into_iter()
        .map(|piece| match piece {
            Piece::Plain(bytes) => charset::decode(bytes, None),
            Piece::Words(text) => text,
        })
        .collect()
}

/// A field in which every run of encoded-words is one encoded-word in UTF-8, so that no comma or bracket
/// inside of one is taken for the field's own.
pub(super) fn rewritten(field: &[u8]) -> String {
    pieces(field)
        .into_iter()
        .map(|piece| match piece {
            Piece::Plain(bytes) => charset::decode(bytes, None),
            Piece::Words(text) => {
                format!("=?utf-8?B?{}?=", data_encoding::BASE64.encode(clean::line(&text).as_bytes()))
            }
        })
        .collect()
}

enum Piece<'a> {
    Plain(&'a [u8]),
    /// A run of encoded-words, decoded.
    Words(String),
}

/// One encoded-word.
struct Word<'a> {
    charset: &'a str,
    base64: bool,
    text: &'a [u8],
    /// Where it ends in the field.
    end: usize,
}

/// What a field consists of. Every byte is looked at a few times at most, whatever words it has.
fn pieces(field: &[u8]) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut at, mut plain_from) = (0, 0);
    while let Some(found) = memchr::memmem::find(&field[at..], b"=?") {
        let start = at + found;
        let Some(word) = word_at(field, start) else {
            at = start + 2;
            continue;
        };
        pieces.push(Piece::Plain(&field[plain_from..start]));
        let (text, end) = run(field, word);
        pieces.push(Piece::Words(text));
        (at, plain_from) = (end, end);
    }
    pieces.push(Piece::Plain(&field[plain_from..]));
    pieces
}

/// The encoded-word that begins at `at`, if one does.
fn word_at(field: &[u8], at: usize) -> Option<Word<'_>> {
    let rest = field[at..].strip_prefix(b"=?")?;
    let length = rest.iter().take(CHARSET + 1).position(|&byte| byte == b'?')?;
    let charset =
        std::str::from_utf8(&rest[..length]).ok().filter(|name| name.bytes().all(|byte| byte.is_ascii_graphic()))?;
    let base64 = match rest.get(length + 1..length + 3)? {
        b"B?" | b"b?" => true,
        b"Q?" | b"q?" => false,
        _ => return None,
    };
    let start = at + 2 + length + 3;
    let (length, gap) = extent(&field[start..]);
    let charset = charset.split_once('*').map_or(charset, |(charset, _)| charset);
    Some(Word { charset, base64, text: &field[start..start + length], end: start + length + gap })
}

/// How long a word's text is, and what ends it. A word whose end was cut off runs to the next blank.
fn extent(rest: &[u8]) -> (usize, usize) {
    let next = |at: usize| rest.get(at + 1).copied();
    let mut stop = rest.len();
    for (at, &byte) in rest.iter().enumerate() {
        if byte == b'?' && next(at) == Some(b'=') {
            return (at, 2);
        }
        // Another word begins; but `=` may also be the text's last character.
        if byte == b'=' && next(at) == Some(b'?') && rest.get(at + 2) != Some(&b'=') {
            stop = at;
            break;
        }
    }
    let blank = rest[..stop].iter().position(u8::is_ascii_whitespace).unwrap_or(stop);
    (blank, 0)
}

/// Decodes a run of words with only blanks between them, and says where it ends. Neighbours of one charset
/// are joined before they are decoded, since many programs split characters between them.
fn run<'a>(field: &'a [u8], first: Word<'a>) -> (String, usize) {
    let mut text = String::new();
    let mut word = first;
    loop {
        let charset = word.charset;
        let mut bytes = Vec::new();
        // Without padding the next word of base64 goes on where this one stopped.
        let mut open: Vec<u8> = Vec::new();
        let next = loop {
            if word.base64 {
                open.extend(word.text.iter().filter(|byte| !byte.is_ascii_whitespace()));
            }
            if !word.base64 || open.last() == Some(&b'=') || open.len().is_multiple_of(4) {
                bytes.extend(transfer::base64(&open));
                open.clear();
            }
            if !word.base64 {
                bytes.extend(q(word.text));
            }
            match following(field, word.end) {
                Some(next) if is_same(next.charset, charset) => word = next,
                next => break next,
            }
        };
        bytes.extend(transfer::base64(&open));
        text.push_str(&charset::decode(&bytes, Some(charset)));
        match next {
            Some(next) => word = next,
            None => return (text, word.end),
        }
    }
}

/// The encoded-word behind `end` if only blanks stand between.
fn following(field: &[u8], end: usize) -> Option<Word<'_>> {
    let blanks = field[end..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    word_at(field, end + blanks)
}

fn is_same(one: &str, other: &str) -> bool {
    let known = Encoding::for_label(one.as_bytes());
    one.eq_ignore_ascii_case(other) || (known.is_some() && known == Encoding::for_label(other.as_bytes()))
}

/// The Q encoding (RFC 2047 §4.2).
fn q(text: &[u8]) -> Vec<u8> {
    let text: Vec<u8> = text.iter().map(|&byte| if byte == b'_' { b' ' } else { byte }).collect();
    transfer::quoted_printable(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(field: &str) -> String {
        decoded(field.as_bytes())
    }

    #[test]
    fn neighbours_are_joined_before_they_are_decoded() {
        // "ü" in UTF-8 is C3 BC; here each half stands in a word of its own.
        assert_eq!(words("=?utf-8?Q?Gr=C3?= =?UTF-8?Q?=BCn?="), "Grün");
        assert_eq!(words("=?utf-8?Q?Gr=C3?= =?UTF8?Q?=BCn?="), "Grün");
        assert_eq!(words("=?utf-8?B?R3LD?= =?utf-8?Q?=BCn_?= =?utf-8?B?Z3LD?= =?utf-8?B?vG4=?="), "Grün grün");
        assert_eq!(words("=?utf-8?Q?gr=C3?= =?utf-8?B?vG4?= =?utf-8?Q?_gr=C3?= =?utf-8?B?vG4?="), "grün grün");
        assert_eq!(words("=?utf-8?B?w7w=?=\r\n =?utf-8?B?w7w=?="), "üü");
        assert_eq!(words("a =?utf-8?q?b_c?= d"), "a b c d");
        assert_eq!(words("=?iso-2022-jp?B?GyRCJDM=?= =?iso-2022-jp?B?JHMbKEI=?="), "こん");
        assert_eq!(words("=?utf-8?Q?a?=.b"), "a.b");
    }

    #[test]
    fn words_that_are_none_are_read_as_far_as_they_go() {
        assert_eq!(words("=?x?y?z"), "=?x?y?z");
        assert_eq!(words("=?utf-8?Q?cut_o"), "cut o");
        assert_eq!(words("=?utf-8?Q?cut_o =?utf-8?Q?ff?="), "cut off");
        assert_eq!(words("=?utf-8?Q?with blanks in it?="), "with blanks in it");
        assert_eq!(words("=?utf-8?B?R3LD vG4=?="), "Grün");
        assert_eq!(words("=??Q?Gr=C3=BCn?="), "Grün");
    }

    #[test]
    fn raw_bytes_in_a_word_are_of_its_charset() {
        assert_eq!(decoded(b"=?iso-8859-1?Q?Die_T\xfcr?="), "Die Tür");
        assert_eq!(decoded(b"=?iso-8859-1?Q?Die_T\xfcr_und_K=FCche?="), "Die Tür und Küche");
        assert_eq!(decoded(b"=?iso-8859-2?Q?\xbf\xf3=B3ty?="), "żółty");
        assert_eq!(decoded(b"=?utf-8?Q?Die_T\xfcr_klemmt?="), "Die Tür klemmt");
        assert_eq!(decoded("=?iso-8859-1?Q?Die_Tür?=".as_bytes()), "Die Tür");
        assert_eq!(decoded("=?utf-8?Q?Die Tür=2C?=".as_bytes()), "Die Tür,");
    }
}
