//! Files as they stand in mails (RFC 2045 §6): those that came in are cut out of the raw mail, and those that go out are put
//! into the letter, whenever they are wanted. So both ways must give the same bytes for ever.
//!
//! What is read here is the strict form, whose meaning nobody can dispute. How mails are read that don't keep to it is the
//! mail side's affair, and gets better with time; what only it can read is kept apart.

use data_encoding::BASE64_MIME;
use serde::{Deserialize, Serialize};

/// So many bytes become a piece of a letter: whole lines of 57 bytes, which are 76 letters.
const PIECE: usize = 57 * 1024;

/// How a file stands in a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Encoding {
    /// As it is.
    Identity,
    /// Base64 of RFC 2045 §6.8 without fault: nothing but its alphabet and line ends, padded.
    Base64,
}

impl Encoding {
    const ALL: [Self; 2] = [Self::Identity, Self::Base64];

    /// The word in the record.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Base64 => "base64",
        }
    }

    /// The encoding of that word.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|encoding| encoding.name() == name)
    }

    /// The file; `None` if it does not stand there so.
    #[must_use]
    pub fn decode(self, text: Vec<u8>) -> Option<Vec<u8>> {
        match self {
            Self::Identity => Some(text),
            Self::Base64 => BASE64_MIME.decode(&text).ok(),
        }
    }
}

/// Where a file stands in a raw mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The byte that it begins at, from 0.
    pub at: u64,
    /// How many bytes of the mail it is.
    pub length: u64,
    /// How it stands there.
    pub encoding: Encoding,
}

impl Place {
    /// Where that part of a mail stands, if it is the file in one of the strict forms.
    #[must_use]
    pub fn of(file: &[u8], part: &[u8], mail: &[u8]) -> Option<Self> {
        let at = part.as_ptr().addr().checked_sub(mail.as_ptr().addr())?;
        // What was unpacked before it was read stands elsewhere in memory.
        let is_there = mail.get(at..at.checked_add(part.len())?).is_some_and(|there| std::ptr::eq(there, part));
        let encoding = if file == part {
            Encoding::Identity
        } else if Encoding::Base64.decode(part.to_vec()).is_some_and(|decoded| decoded == file) {
            Encoding::Base64
        } else {
            return None;
        };
        is_there.then_some(Self { at: at as u64, length: part.len() as u64, encoding })
    }
}

/// A file as base64, in lines of 76 letters with CRLF between them and none at the end, piece by piece: a letter's files are
/// never in memory encoded as a whole.
pub fn base64_lines(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let pieces = bytes.chunks(PIECE);
    let last = pieces.len().saturating_sub(1);
    pieces.enumerate().map(move |(number, piece)| {
        let mut lines = BASE64_MIME.encode(piece).into_bytes();
        if number == last {
            lines.truncate(lines.trim_ascii_end().len());
        }
        lines
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes in which no two neighbours are alike, and that come out the same each time.
    fn file(length: usize) -> Vec<u8> {
        (0..length).map(|at| u8::try_from(at * 7 % 251).expect("a byte")).collect()
    }

    #[test]
    fn a_file_goes_out_in_lines_that_read_back() {
        for length in [0, 1, 2, 3, 56, 57, 58, 114, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE] {
            let file = file(length);
            let text: Vec<u8> = base64_lines(&file).flatten().collect();
            let lines: Vec<&[u8]> = text.split(|&byte| byte == b'\n').collect();
            let (last, whole) = lines.split_last().expect("one");
            assert!(whole.iter().all(|line| line.len() == 77 && line.ends_with(b"\r")), "{length}");
            assert!(last.len() <= 76 && !last.ends_with(b"\r") && (length == 0 || !last.is_empty()), "{length}");
            assert_eq!(Encoding::Base64.decode(text).as_deref(), Some(file.as_slice()), "{length}");
        }
    }

    #[test]
    fn the_first_lines_are_those_of_the_standard() {
        let text: Vec<u8> = base64_lines(&[b"Man".repeat(19), b"Ma".to_vec()].concat()).flatten().collect();
        assert_eq!(String::from_utf8(text).expect("ASCII"), format!("{}\r\nTWE=", "TWFu".repeat(19)));
    }

    #[test]
    fn only_faultless_base64_is_read() {
        for (text, file) in [
            ("TWFu", Some("Man")),
            ("TW\r\nFu\r\n", Some("Man")),
            ("TW\nE=", Some("Ma")),
            ("", Some("")),
            ("TWE", None),
            ("TW Fu", None),
            ("TWE=TWE=TWE", None),
            ("TWF-", None),
            ("TWFu\r\n-- \r\nlist", None),
            ("TWF=", None),
        ] {
            let read = Encoding::Base64.decode(text.as_bytes().to_vec());
            assert_eq!(read.as_deref(), file.map(str::as_bytes), "{text:?}");
        }
    }

    #[test]
    fn a_place_is_found_for_what_stands_in_the_mail_and_for_nothing_else() {
        let mail = b"Head\r\n\r\nTWFu\r\nplain".to_vec();
        let (base64, plain) = (&mail[8..14], &mail[14..]);
        let found = Place::of(b"Man", base64, &mail);
        assert_eq!(found, Some(Place { at: 8, length: 6, encoding: Encoding::Base64 }));
        let found = Place::of(b"plain", plain, &mail);
        assert_eq!(found, Some(Place { at: 14, length: 5, encoding: Encoding::Identity }));
        let copy = base64.to_vec();
        assert_eq!(Place::of(b"Men", base64, &mail), None, "it says something else");
        assert_eq!(Place::of(b"Man", &copy, &mail), None, "it stands elsewhere");
    }

    #[test]
    fn every_encoding_has_its_word() {
        for encoding in Encoding::ALL {
            assert_eq!(Encoding::named(encoding.name()), Some(encoding));
        }
        assert_eq!(Encoding::named("quoted-printable"), None);
    }
}
