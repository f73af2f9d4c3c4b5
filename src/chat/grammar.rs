//! From a message to a [`Command`], or to a sentence that shows the right form.
//!
//! Nothing is guessed: what is not exactly a command is refused, and what is refused is never mailed.

use clap::Parser;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::{Command, Line, help};

/// What a message turned out to be.
#[derive(Clone, Debug, PartialEq)]
pub enum Parsed {
    /// No command: a plain text.
    Text,
    /// A command.
    Command(Command),
    /// Meant as a command, but it is none.
    Mistake(Mistake),
}

/// What is wrong with a command, and the form that would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// One sentence, without a full stop.
    pub what: String,
    /// The right form, such as `!answer [--state STATE] TEXT`.
    pub form: String,
}

/// Reads a message's text. A command begins with the prefix as its very first characters, followed
/// by a letter (blanks between them are a slip, and so a mistake, not a note); its verb counts in
/// any case. Options stand before the text and `--` ends them; long dashes and curly quotes, as
/// phones type them, count as `--` and quotes. The text is kept as it was typed, every blank and line.
#[must_use]
pub fn parse(prefix: &str, message: &str) -> Parsed {
    let Some(rest) = message.strip_prefix(prefix) else { return Parsed::Text };
    if !rest.trim_start().starts_with(char::is_alphabetic) {
        return Parsed::Text;
    }
    if rest.starts_with(char::is_whitespace) {
        let what = format!("there must be no blank behind {prefix}");
        return Parsed::Mistake(Mistake { what, form: nearest_form(prefix, first_word(rest.trim_start())) });
    }
    let words = split(rest);
    let verb = words[0].text.to_lowercase();
    let line = std::iter::once(verb.clone()).chain(words[1..].iter().map(|word| with_ascii_dashes(&word.text)));
    match Line::try_parse_from(line) {
        Ok(Line { mut command }) => {
            keep_tail(&mut command, rest, &words);
            empty_text(&command, prefix).map_or(Parsed::Command(command), Parsed::Mistake)
        }
        Err(error) => Parsed::Mistake(mistake(prefix, &verb, &error)),
    }
}

/// A word and where it begins in the message.
#[derive(Debug, PartialEq)]
struct Word {
    text: String,
    start: usize,
}

const QUOTES: [(char, char); 4] = [('"', '"'), ('“', '”'), ('„', '“'), ('«', '»')];

/// Splits at blanks. Double quotes, straight or curly, hold a word together; one without its partner
/// is a letter like any other, and so is an apostrophe.
fn split(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut rest = text.char_indices().peekable();
    while let Some(&(start, first)) = rest.peek() {
        if first.is_whitespace() {
            rest.next();
            continue;
        }
        let quoted = QUOTES.iter().find(|(open, _)| *open == first).and_then(|(open, close)| {
            let inner = &text[start + open.len_utf8()..];
            let length = inner.find(*close)?;
            let after = inner[length + close.len_utf8()..].chars().next();
            after
                .is_none_or(char::is_whitespace)
                .then(|| (inner[..length].to_owned(), open.len_utf8() + length + close.len_utf8()))
        });
        let (word, length) = quoted.unwrap_or_else(|| {
            let length = text[start..].find(char::is_whitespace).unwrap_or(text.len() - start);
            (text[start..start + length].to_owned(), length)
        });
        words.push(Word { text: word, start });
        while rest.peek().is_some_and(|(at, _)| *at < start + length) {
            rest.next();
        }
    }
    words
}

/// `—state` is what a phone makes of `--state`.
fn with_ascii_dashes(word: &str) -> String {
    match word.strip_prefix(['—', '–']) {
        Some(option) if option.starts_with(|c: char| c.is_ascii_alphabetic()) => format!("--{option}"),
        _ => word.to_owned(),
    }
}

/// Puts the text back as it was typed: its words are always the last ones of the line.
fn keep_tail(command: &mut Command, line: &str, words: &[Word]) {
    let Some(tail) = command.tail_mut() else { return };
    if tail.is_empty() {
        return;
    }
    let first = &words[words.len() - tail.len()];
    *tail = vec![line[first.start..].to_owned()];
}

/// A text of blanks only is none.
fn empty_text(command: &Command, prefix: &str) -> Option<Mistake> {
    let (Command::Answer { text, .. } | Command::Note { text }) = command else { return None };
    let empty = text.concat().trim().is_empty();
    empty.then(|| Mistake {
        what: "the text is empty".to_owned(),
        form: help::form(prefix, command.verb()).unwrap_or_default(),
    })
}

fn mistake(prefix: &str, verb: &str, error: &clap::Error) -> Mistake {
    let context = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        Some(ContextValue::Strings(texts)) => Some(texts.join(", ")),
        Some(ContextValue::StyledStr(text)) => Some(text.to_string()),
        _ => None,
    };
    let argument = context(ContextKind::InvalidArg).unwrap_or_default();
    let what = match error.kind() {
        ErrorKind::InvalidSubcommand | ErrorKind::MissingSubcommand => {
            let what = format!("there is no command {prefix}{verb}");
            return Mistake { what, form: nearest_form(prefix, verb) };
        }
        ErrorKind::UnknownArgument if argument.starts_with('-') => match context(ContextKind::SuggestedArg) {
            Some(option) => format!("{prefix}{verb} has no option {argument} (did you mean {option}?)"),
            None => format!("{prefix}{verb} has no option {argument} (put -- before a text that begins like one)"),
        },
        ErrorKind::UnknownArgument | ErrorKind::TooManyValues => format!("{prefix}{verb} takes no {argument}"),
        ErrorKind::MissingRequiredArgument => {
            format!("{} is missing", argument.replace(['<', '>'], "").replace("...", ""))
        }
        ErrorKind::InvalidValue => match context(ContextKind::InvalidValue).filter(|value| !value.is_empty()) {
            Some(value) => format!("{value} is not right for {}", argument.replace(['<', '>', '[', ']'], "")),
            None => format!("{} needs a value", argument.replace(['<', '>'], "")),
        },
        ErrorKind::ValueValidation => {
            std::error::Error::source(error).map_or_else(|| "a value is not right".to_owned(), ToString::to_string)
        }
        ErrorKind::ArgumentConflict => format!("{argument} is there twice"),
        _ => "this is not how it is used".to_owned(),
    };
    Mistake { what, form: help::form(prefix, verb).unwrap_or_else(|| nearest_form(prefix, verb)) }
}

/// The form of the command whose name is most like what was typed, or the way to all of them.
fn nearest_form(prefix: &str, typed: &str) -> String {
    let typed = typed.to_lowercase();
    let nearest = help::verbs().into_iter().map(|verb| (distance(&typed, &verb), verb)).min();
    match nearest {
        Some((far, verb)) if far <= 1 + typed.len() / 6 || (verb.starts_with(&typed) && !typed.is_empty()) => {
            help::form(prefix, &verb).unwrap_or_default()
        }
        _ => format!("{prefix}help"),
    }
}

/// Damerau–Levenshtein distance (optimal string alignment): `anwser` is one slip away from `answer`.
fn distance(left: &str, right: &str) -> usize {
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().take(40).collect(), right.chars().collect());
    let mut rows = vec![(0..=right.len()).collect::<Vec<_>>()];
    for i in 1..=left.len() {
        let mut row = vec![i];
        for j in 1..=right.len() {
            let substitute = rows[i - 1][j - 1] + usize::from(left[i - 1] != right[j - 1]);
            let mut best = substitute.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[left.len()][right.len()]
}

fn first_word(text: &str) -> &str {
    text.split_whitespace().next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::ticket::State;

    fn command(message: &str) -> Command {
        match parse("!", message) {
            Parsed::Command(command) => command,
            other => panic!("{message:?} is {other:?}"),
        }
    }

    fn mistake(message: &str) -> Mistake {
        match parse("!", message) {
            Parsed::Mistake(mistake) => mistake,
            other => panic!("{message:?} is {other:?}"),
        }
    }

    fn answer(state: Option<State>, text: &str) -> Command {
        Command::Answer { state, cc: vec![], all: false, attach: None, text: vec![text.to_owned()] }
    }

    #[test]
    fn the_text_is_kept_as_it_was_typed() {
        assert_eq!(command("!answer Hello  Carol,\n\n  - a\n--\nBob"), answer(None, "Hello  Carol,\n\n  - a\n--\nBob"));
        assert_eq!(command("!answer\n\nHello"), answer(None, "Hello"));
        assert_eq!(command("!answer it's \"quoted  text\" here"), answer(None, "it's \"quoted  text\" here"));
        assert_eq!(command("!answer -- --odd"), answer(None, "--odd"));
        assert_eq!(command("!answer - a list"), answer(None, "- a list"));
        assert_eq!(command("!answer Hello --state closed"), answer(None, "Hello --state closed"));
        assert_eq!(command("!note hello -- there"), Command::Note { text: vec!["hello -- there".to_owned()] });
    }

    #[test]
    fn options_stand_before_the_text_and_may_come_from_a_phone() {
        let closed = Some(State::ClosedSuccessful);
        let failed = Some(State::ClosedUnsuccessful);
        assert_eq!(command("!answer --state closed Done."), answer(closed, "Done."));
        assert_eq!(command("!ANSWER —state closed Done."), answer(closed, "Done."));
        assert_eq!(command("!answer –state=closed Done."), answer(closed, "Done."));
        assert_eq!(command("!answer --state “closed unsuccessful” Sorry."), answer(failed, "Sorry."));
        assert_eq!(command("!answer --state \"closed unsuccessful\"\nSorry."), answer(failed, "Sorry."));
        assert_eq!(command("!close --state unsuccessful"), Command::Close { state: failed, text: vec![] });
        assert_eq!(command("!queue all"), Command::Queue { all: Some("all".to_owned()) });
    }

    #[test]
    fn a_typo_is_refused_with_the_right_form() {
        let form = "!answer [--state STATE] [--cc ADDRESS] [--all] [--attach N] TEXT";
        for message in [
            "!anwser hello",
            "!answr hello",
            "! answer hello",
            "!answer --clsoe hello",
            "!answer",
            "!answer --state done x",
            "!answer  \n ",
        ] {
            assert_eq!(mistake(message).form, form, "{message:?}: {:?}", mistake(message));
        }
        assert!(mistake("!answer --stat closed x").what.contains("--state"));
        assert!(
            mistake("!answer --state pend x").what.contains("there are new, open"),
            "{:?}",
            mistake("!answer --state pend x")
        );
        assert_eq!(mistake("!lock it now").form, "!lock");
        assert_eq!(mistake("!hotel").form, "!help");
        assert_eq!(mistake("!owner").form, "!owner AGENT");
        assert_eq!(mistake("!queue everything").form, "!queue [all]");
    }

    #[test]
    fn what_does_not_begin_like_a_command_is_text() {
        for message in ["hello", " !close", "!", "!!! urgent", "answer: hello", "> !close", "!1", ""] {
            assert_eq!(parse("!", message), Parsed::Text, "{message:?}");
        }
        assert_eq!(parse("?", "!close"), Parsed::Text);
    }

    proptest! {
        /// No slip of the finger mails anything (R35): one letter off, and it is no answer.
        #[test]
        fn no_mutated_answer_is_sent(at in 0usize..7, with in "[ -~]") {
            let mut line = "!answer hello".to_owned();
            line.replace_range(at..=at, &with);
            if let Parsed::Command(Command::Answer { .. }) = parse("!", &line) {
                prop_assert_eq!(line.to_lowercase(), "!answer hello");
            }
        }

        #[test]
        fn any_text_survives(text in "[^\\s\\-—–\"“„«][\\PC\\n]{0,200}") {
            prop_assert_eq!(command(&format!("!answer {text}")), answer(None, &text));
        }

        #[test]
        fn nothing_makes_it_panic(message in "\\PC{0,100}") {
            let _ = parse("!", &format!("!{message}"));
        }
    }
}
