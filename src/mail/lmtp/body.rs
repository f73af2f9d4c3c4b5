//! A mail's text on the wire, up to its final dot.

use crate::listen::memory::Reservation;

/// What a text gets at first: more than most have.
const SMALLEST: usize = 16 * 1024;

/// Takes the text between DATA and the final dot (RFC 5321 §4.5.2): only CR LF dot CR LF ends it, a
/// dot at the beginning of a line is taken away, everything else is kept byte by byte. A line begins
/// behind CR LF and nowhere else, so that no bare LF or CR can smuggle in a second mail
/// (CVE-2023-51764).
pub(super) struct Body {
    bytes: Vec<u8>,
    state: State,
    limit: usize,
    /// The memory that the bytes may take.
    share: Reservation,
    /// Why it is not kept; what still comes of it is read and forgotten.
    refused: Option<Refused>,
}

/// Why a text is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// It is larger than any mail may be.
    TooLarge,
    /// There is no memory for it at the moment.
    NoRoom,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Behind CR LF, or at the very beginning.
    LineStart,
    /// In a line.
    Text,
    /// Behind a CR.
    Cr,
    /// Behind a dot that began a line.
    Dot,
    /// Behind such a dot and a CR.
    DotCr,
}

impl Body {
    /// For a text of at most `limit` bytes, in that much memory as it gets.
    pub(super) fn new(limit: usize, share: Reservation) -> Self {
        Self { bytes: Vec::new(), state: State::LineStart, limit, share, refused: None }
    }

    /// Takes what came. `Some(n)`: the text ended within it, and `n` bytes of it were the text's.
    pub(super) fn take(&mut self, input: &[u8]) -> Option<usize> {
        let mut at = 0;
        while at < input.len() {
            if self.state == State::Text {
                let rest = &input[at..];
                let end = rest.iter().position(|&byte| byte == b'\r').unwrap_or(rest.len());
                self.push(&rest[..end]);
                at += end;
                if at == input.len() {
                    return None;
                }
            }
            let byte = input[at];
            at += 1;
            if self.step(byte) {
                return Some(at);
            }
        }
        None
    }

    /// Takes one byte; whether it ended the text.
    fn step(&mut self, byte: u8) -> bool {
        self.state = match (self.state, byte) {
            (State::DotCr, b'\n') => return true,
            (State::LineStart, b'.') => {
                self.state = State::Dot;
                return false;
            }
            (State::Dot, b'\r') => {
                self.state = State::DotCr;
                return false;
            }
            (State::Cr, b'\n') => State::LineStart,
            (State::DotCr, _) => {
                // The line was a dot and a bare CR: the dot goes, the CR stays.
                self.push(b"\r");
                if byte == b'\r' { State::Cr } else { State::Text }
            }
            (_, b'\r') => State::Cr,
            _ => State::Text,
        };
        self.push(&[byte]);
        false
    }

    fn push(&mut self, bytes: &[u8]) {
        if self.refused.is_some() {
            return;
        }
        let size = self.bytes.len() + bytes.len();
        if size > self.limit {
            self.refuse(Refused::TooLarge);
        } else if size > self.bytes.capacity() && !self.grow(size) {
            self.refuse(Refused::NoRoom);
        } else {
            self.bytes.extend_from_slice(bytes);
        }
    }

    /// Makes room for so many bytes and some more, if there is memory for that.
    fn grow(&mut self, size: usize) -> bool {
        let roomy = size.saturating_add(size / 2).max(SMALLEST).min(self.limit.max(size));
        let Some(room) = [roomy, size].into_iter().find(|room| self.share.grow_to(*room)) else { return false };
        self.bytes.reserve_exact(room - self.bytes.len());
        true
    }

    fn refuse(&mut self, why: Refused) {
        self.refused = Some(why);
        self.bytes = Vec::new();
        self.share = self.share.emptied();
    }

    /// The whole text, with the memory that it is in, or why it was not kept.
    pub(super) fn into_bytes(self) -> Result<(Vec<u8>, Reservation), Refused> {
        match self.refused {
            Some(why) => Err(why),
            None => Ok((self.bytes, self.share)),
        }
    }
}

/// How many servers a mail has passed: its Received headers (RFC 5321 §6.3).
pub(super) fn hops(mail: &[u8]) -> usize {
    mail.split(|&byte| byte == b'\n')
        .take_while(|line| !matches!(line, [] | [b'\r']))
        .filter(|line| line.len() > 9 && line[..9].eq_ignore_ascii_case(b"received:"))
        .count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::listen::memory::MailMemory;

    fn memory() -> MailMemory {
        MailMemory::of(1 << 20)
    }

    fn kept(body: Body) -> Vec<u8> {
        body.into_bytes().expect("fits").0
    }

    fn whole(wire: &[u8]) -> Option<(Vec<u8>, usize)> {
        let mut body = Body::new(1000, memory().share());
        let end = body.take(wire)?;
        Some((kept(body), end))
    }

    #[test]
    fn a_dot_alone_on_a_line_ends_the_text() {
        assert_eq!(whole(b".\r\nQUIT\r\n"), Some((vec![], 3)));
        assert_eq!(whole(b"a\r\n..b\r\n.\r\n"), Some((b"a\r\n.b\r\n".to_vec(), 11)));
        assert_eq!(whole(b"..\r\n.\r\n"), Some((b".\r\n".to_vec(), 7)));
    }

    #[test]
    fn nothing_else_ends_it() {
        for smuggled in [
            &b"a\n.\nMAIL FROM:<x@y>\r\n"[..],
            b"a\n.\r\nMAIL",
            b"a\r\n.\nMAIL",
            b"a\r.\r\nMAIL",
            b"a\r\n.\rMAIL",
            b"a\r\n.\r\r\nMAIL",
            b"a\r\n. \r\nMAIL",
            b".\n",
            b"\n.\r\n",
        ] {
            assert_eq!(whole(smuggled), None, "{:?}", String::from_utf8_lossy(smuggled));
        }
    }

    #[test]
    fn a_text_over_the_limit_is_read_to_its_end_and_forgotten() {
        let mut body = Body::new(4, memory().share());
        assert_eq!(body.take(b"abc\r\nd\r\n.\r\n"), Some(11));
        assert_eq!(body.into_bytes().expect_err("too large"), Refused::TooLarge);
    }

    #[test]
    fn a_text_that_memory_has_no_room_for_is_read_to_its_end_and_holds_none() {
        let memory = MailMemory::of(4 * SMALLEST);
        let mut first = Body::new(1 << 20, memory.share());
        assert_eq!(first.take(&vec![b'x'; 2 * SMALLEST]), None);
        let mut last = Body::new(1 << 20, memory.share());
        assert_eq!(last.take(&vec![b'x'; SMALLEST]), None);
        assert_eq!(last.take(b"x"), None);
        assert!(memory.has_room_for(SMALLEST), "it holds nothing any more");
        assert_eq!(first.take(&vec![b'x'; SMALLEST - 5]), None, "who came before goes on");
        assert_eq!(last.take(b"\r\n.\r\n"), Some(5));
        assert_eq!(last.into_bytes().expect_err("no room"), Refused::NoRoom);
        assert_eq!(first.take(b"\r\n.\r\n"), Some(5));
        let (bytes, share) = first.into_bytes().expect("it has room");
        assert_eq!(bytes.len(), 3 * SMALLEST - 3);
        assert!(!memory.has_room_for(2 * SMALLEST));
        drop(share);
        assert!(memory.has_room_for(4 * SMALLEST));
    }

    #[test]
    fn hops_are_counted_in_the_header_only() {
        assert_eq!(hops(b"Received: a\r\n\tx\r\nRECEIVED: b\r\nSubject: x\r\n\r\nReceived: c\r\n"), 2);
    }

    proptest! {
        /// What a client stuffs comes out as it was, however the network cuts it.
        #[test]
        fn a_stuffed_text_comes_out_whole(
            text in proptest::collection::vec(prop_oneof![Just(b'.'), Just(b'\r'), Just(b'\n'), any::<u8>()], 0..60),
            cuts in proptest::collection::vec(1usize..7, 1..40),
        ) {
            let mut stuffed = Vec::new();
            let mut line_start = true;
            for (at, &byte) in text.iter().enumerate() {
                if line_start && byte == b'.' {
                    stuffed.push(b'.');
                }
                stuffed.push(byte);
                line_start = byte == b'\n' && at > 0 && text[at - 1] == b'\r';
            }
            stuffed.extend_from_slice(b"\r\n.\r\n");
            let mut body = Body::new(1000, memory().share());
            let mut rest = stuffed.as_slice();
            let mut cuts = cuts.iter().cycle();
            let mut ended = false;
            while !rest.is_empty() {
                let (piece, later) = rest.split_at(rest.len().min(*cuts.next().expect("endless")));
                rest = later;
                if let Some(used) = body.take(piece) {
                    ended = used == piece.len() && rest.is_empty();
                    break;
                }
            }
            prop_assert!(ended);
            let mut expected = text;
            expected.extend_from_slice(b"\r\n");
            prop_assert_eq!(kept(body), expected);
        }
    }
}
