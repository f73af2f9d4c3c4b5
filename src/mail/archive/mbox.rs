//! An mbox: mails one behind the other, each after a line that begins with "From ".
//!
//! Of its four kinds, mboxo and mboxrd differ in how they quote such a line in a mail: with `>` if it
//! is bare, or with one `>` more whatever it has. Both are undone by taking one `>` away. Where nothing
//! was quoted (mboxcl), such a line counts only behind an empty one and if it has a time in it.

use std::io::{self, BufRead};

use super::ArchivedMail;

/// An mbox, read from its beginning.
pub(super) struct Mbox<R> {
    input: R,
    line: Vec<u8>,
    /// Whether the line in hand begins a mail.
    is_at_mail: bool,
    /// How many mails were begun.
    pub(super) mails: usize,
}

impl<R: BufRead> Mbox<R> {
    /// Reads the first line; `None` if that begins no mbox. An empty file is one without mails.
    pub(super) fn begin(input: R) -> io::Result<Option<Self>> {
        let mut mbox = Self { input, line: Vec::new(), is_at_mail: false, mails: 0 };
        loop {
            if !mbox.read_line()? {
                return Ok(Some(mbox));
            }
            if !is_blank(&mbox.line) {
                break;
            }
        }
        mbox.is_at_mail = mbox.line.starts_with(b"From ");
        Ok(mbox.is_at_mail.then_some(mbox))
    }

    /// The next mail, if there is one.
    pub(super) fn next_mail(&mut self, largest: usize) -> io::Result<Option<ArchivedMail>> {
        if !self.is_at_mail {
            return Ok(None);
        }
        self.is_at_mail = false;
        self.mails += 1;
        let mut raw = Vec::new();
        let mut length = self.line.len() as u64;
        // The empty line before the next "From " is not the mail's.
        let mut held: Option<Vec<u8>> = None;
        while self.read_line()? {
            if (held.is_some() || raw.is_empty()) && is_separator(&self.line) {
                self.is_at_mail = true;
                break;
            }
            length += self.line.len() as u64;
            raw.extend(held.take().unwrap_or_default());
            if is_blank(&self.line) {
                held = Some(self.line.clone());
            } else {
                raw.extend_from_slice(unquoted(&self.line));
            }
            if raw.len() > largest {
                return Err(io::ErrorKind::FileTooLarge.into());
            }
        }
        // A header without a body keeps the line that ends it.
        if let Some(blank) = held
            && !raw.windows(2).any(|two| two == b"\n\n")
            && !raw.windows(4).any(|four| four == b"\r\n\r\n")
        {
            raw.extend(blank);
        }
        Ok(Some(ArchivedMail { raw, length }))
    }

    fn read_line(&mut self) -> io::Result<bool> {
        self.line.clear();
        Ok(self.input.read_until(b'\n', &mut self.line)? > 0)
    }
}

fn is_blank(line: &[u8]) -> bool {
    matches!(line, b"\n" | b"\r\n")
}

/// "From SOMEBODY … HH:MM …"
fn is_separator(line: &[u8]) -> bool {
    let Some(rest) = line.strip_prefix(b"From ") else { return false };
    let rest = String::from_utf8_lossy(rest);
    let is_time = |word: &str| {
        let digits = |part: &str| !part.is_empty() && part.len() <= 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        let parts: Vec<&str> = word.split(':').collect();
        (2..=3).contains(&parts.len()) && parts.iter().all(|part| digits(part))
    };
    rest.split_whitespace().skip(1).any(is_time)
}

/// A line without one `>`, if it quotes a line that would begin a mail.
fn unquoted(line: &[u8]) -> &[u8] {
    let quoted = line.iter().take_while(|byte| **byte == b'>').count();
    if quoted > 0 && line[quoted..].starts_with(b"From ") { &line[1..] } else { line }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FROM: &str = "From carol@x.test Mon Nov 23 09:00:00 2026\n";

    fn read(text: &str) -> Vec<String> {
        let mut mbox = Mbox::begin(text.as_bytes()).expect("readable").expect("an mbox");
        let mut mails = Vec::new();
        while let Some(mail) = mbox.next_mail(1 << 20).expect("readable") {
            mails.push(String::from_utf8(mail.raw).expect("text"));
        }
        mails
    }

    #[test]
    fn mails_stand_one_behind_the_other() {
        let two = format!("{FROM}Subject: a\n\nhello\n\n\n{FROM}Subject: b\n\nworld\n\n");
        assert_eq!(read(&two), ["Subject: a\n\nhello\n\n", "Subject: b\n\nworld\n"]);
        assert_eq!(read(&format!("\n{FROM}Subject: a\n\n{FROM}Subject: b\n")), ["Subject: a\n\n", "Subject: b\n"]);
        assert_eq!(read(""), Vec::<String>::new());
    }

    #[test]
    fn line_ends_stay_as_they_are() {
        let crlf = format!("{FROM}Subject: a\n\nhello\n\n{FROM}Subject: b\n\nx").replace('\n', "\r\n");
        assert_eq!(read(&crlf), ["Subject: a\r\n\r\nhello\r\n", "Subject: b\r\n\r\nx"]);
    }

    #[test]
    fn quoting_is_undone_once() {
        let quoted = format!("{FROM}Subject: a\n\n>From me\n>>From you\n> From him\n>Fromage\n");
        assert_eq!(read(&quoted), ["Subject: a\n\nFrom me\n>From you\n> From him\n>Fromage\n"]);
    }

    #[test]
    fn a_sentence_begins_no_mail() {
        let sentence = format!("{FROM}Subject: a\n\nFrom here on it smokes.\n\nFrom then on, too.\nFrom x 10:00\n");
        assert_eq!(read(&sentence).len(), 1);
    }

    #[test]
    fn what_does_not_begin_with_from_is_none() {
        assert!(Mbox::begin(&b"Subject: x\n\nFrom a Mon 10:00\n"[..]).expect("readable").is_none());
        let mut mbox = Mbox::begin(FROM.as_bytes()).expect("readable").expect("an mbox");
        assert_eq!(mbox.next_mail(10).expect("readable").expect("a mail").raw, b"");
        let large = format!("{FROM}Subject: a\n");
        let mut mbox = Mbox::begin(large.as_bytes()).expect("readable").expect("an mbox");
        assert_eq!(mbox.next_mail(10).expect_err("too large").kind(), io::ErrorKind::FileTooLarge);
    }
}
