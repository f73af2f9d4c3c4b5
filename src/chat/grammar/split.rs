//! A line as words.

use crate::domain::moment::When;

/// A word and where it begins in the line.
#[derive(Clone, Debug, PartialEq)]
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

/// A day and the time of day behind it are one word, as if they stood in quotes: `tomorrow 9:00`.
pub(super) fn with_times_of_day(words: &[Word]) -> Vec<Word> {
    let mut joined: Vec<Word> = Vec::with_capacity(words.len());
    for word in words {
        match joined.last_mut() {
            Some(day) if When::is_day(&day.text) && When::is_time_of_day(&word.text) => {
                day.text = format!("{} {}", day.text, word.text);
            }
            _ => joined.push(word.clone()),
        }
    }
    joined
}

/// `—state` is what a phone makes of `--state`.
pub(super) fn with_ascii_dashes(word: &str) -> String {
    match word.strip_prefix(['—', '–']) {
        Some(option) if option.starts_with(|c: char| c.is_ascii_alphabetic()) => format!("--{option}"),
        _ => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn words(line: &str) -> Vec<String> {
        split(line).into_iter().map(|word| word.text).collect()
    }

    #[test]
    fn quotes_hold_a_word_together_and_apostrophes_are_letters() {
        assert_eq!(words("state \"closed unsuccessful\" now"), ["state", "closed unsuccessful", "now"]);
        assert_eq!(words("a “b c” „d e“ «f g»"), ["a", "b c", "d e", "f g"]);
        assert_eq!(words("it's a 5\" disk"), ["it's", "a", "5\"", "disk"]);
        assert_eq!(words("an \"open end"), ["an", "\"open", "end"]);
        assert_eq!(words("a \"b\"c d"), ["a", "\"b\"c", "d"], "a quote that ends inside of a word is none");
    }

    #[test]
    fn a_day_takes_the_time_behind_it() {
        let joined = |line| with_times_of_day(&split(line)).into_iter().map(|word| word.text).collect::<Vec<_>>();
        assert_eq!(joined("tomorrow 9:00 call her at 10:00"), ["tomorrow 9:00", "call", "her", "at", "10:00"]);
        assert_eq!(joined("2026-12-01 9:00 10:00"), ["2026-12-01 9:00", "10:00"]);
        assert_eq!(joined("2d 9:00 mon"), ["2d", "9:00", "mon"]);
    }

    #[test]
    fn long_dashes_are_dashes_only_before_an_option() {
        assert_eq!(with_ascii_dashes("—state"), "--state");
        assert_eq!(with_ascii_dashes("–all"), "--all");
        assert_eq!(with_ascii_dashes("—"), "—");
        assert_eq!(with_ascii_dashes("–5"), "–5");
    }

    proptest! {
        /// A word begins where it says, behind a blank, and no two begin at the same place.
        #[test]
        fn words_begin_where_they_say(line in "[ a\"“”«»\n.é]{0,40}") {
            let words = split(&line);
            prop_assert!(words.windows(2).all(|pair| pair[0].start < pair[1].start));
            for Word { text, start } in words {
                prop_assert!(line[..start].chars().next_back().is_none_or(char::is_whitespace));
                let rest = &line[start..];
                prop_assert!(rest.starts_with(&text) || rest[rest.chars().next().map_or(0, char::len_utf8)..].starts_with(&text));
            }
        }
    }
}
