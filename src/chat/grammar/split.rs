//! A line as words.

/// A word and where it begins in the line.
#[derive(Debug, PartialEq)]
pub(super) struct Word {
    pub(super) text: String,
    pub(super) start: usize,
}

const QUOTES: [(char, char); 4] = [('"', '"'), ('“', '”'), ('„', '“'), ('«', '»')];

/// Splits at blanks. Double quotes, straight or curly, hold a word together; one without its partner
/// is a letter like any other, and so is an apostrophe.
pub(super) fn split(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut start = 0;
    while let Some(blanks) = text[start..].find(|c: char| !c.is_whitespace()) {
        start += blanks;
        let (word, length) = quoted(&text[start..]).unwrap_or_else(|| {
            let length = text[start..].find(char::is_whitespace).unwrap_or(text.len() - start);
            (&text[start..start + length], length)
        });
        words.push(Word { text: word.to_owned(), start });
        start += length;
    }
    words
}

/// What stands in quotes at the very beginning, and how long it is with them.
fn quoted(text: &str) -> Option<(&str, usize)> {
    let first = text.chars().next()?;
    let (open, close) = QUOTES.iter().find(|(open, _)| *open == first)?;
    let inner = &text[open.len_utf8()..];
    let length = inner.find(*close)?;
    let after = &inner[length + close.len_utf8()..];
    let ends = after.chars().next().is_none_or(char::is_whitespace);
    ends.then_some((&inner[..length], open.len_utf8() + length + close.len_utf8()))
}

/// `—state` is what a phone makes of `--state`.
pub(super) fn with_ascii_dashes(word: &str) -> String {
    match word.strip_prefix(['—', '–']) {
        Some(option) if option.starts_with(|c: char| c.is_ascii_alphabetic()) => format!("--{option}"),
        _ => word.to_owned(),
    }
}
