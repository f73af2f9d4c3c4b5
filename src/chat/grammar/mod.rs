//! From a message to a [`Command`], or to a sentence that shows the right form.
//!
//! Nothing is guessed: what is not exactly a command is refused, and what is refused is never mailed.

mod mistake;
mod split;
#[cfg(test)]
mod tests;

use self::split::{Word, split, with_ascii_dashes, with_times_of_day};
use super::commands::{self, Command};
use super::entry::Entry;
use super::mistake::Mistake;

/// What a message turned out to be.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Parsed {
    /// No command: a plain text.
    Text,
    /// A command.
    Command(Command),
    /// Meant as a command, but it is none.
    Mistake(Mistake),
}

/// Reads a message's text. A command begins with the prefix as its very first characters, followed
/// by a letter (blanks between them are a slip, and so a mistake, not a note); its verb counts in
/// any case. Options stand before the text and `--` ends them; long dashes and curly quotes, as
/// phones type them, count as `--` and quotes. The text is kept as it was typed, every blank and line.
pub(crate) fn parse(prefix: &str, message: &str) -> Parsed {
    let Some(line) = message.strip_prefix(prefix) else { return Parsed::Text };
    if !line.trim_start().starts_with(char::is_alphabetic) {
        return Parsed::Text;
    }
    let words = split(line);
    let verb = words[0].text.to_lowercase();
    if line.starts_with(char::is_whitespace) {
        return Parsed::Mistake(mistake::blank(prefix, &verb));
    }
    let Some(entry) = commands::find(&verb) else { return Parsed::Mistake(mistake::unknown_verb(prefix, &verb)) };
    match read(entry, line, &words[1..]) {
        Ok(command) => Parsed::Command(command),
        Err(error) => Parsed::Mistake(mistake::of_arguments(prefix, entry, &error)),
    }
}

/// The words of a text, and whether each stood in quotes.
pub(crate) fn quoted_words(text: &str) -> Vec<(String, bool)> {
    let is_quoted = |word: &Word| !text[word.start..].starts_with(word.text.as_str());
    split(text).into_iter().map(|word| (word.text.clone(), is_quoted(&word))).collect()
}

/// Reads a command's arguments. Those of one that takes the rest of the line are read twice: first as words, to see
/// where the rest begins, then with the rest as the one argument that it is, as it was typed.
fn read(entry: &Entry, line: &str, words: &[Word]) -> Result<Command, clap::Error> {
    let joined = entry.takes_moment().then(|| with_times_of_day(words));
    let words = joined.as_deref().unwrap_or(words);
    let typed: Vec<String> = words.iter().map(|word| with_ascii_dashes(&word.text)).collect();
    let Some(rest) = entry.rest() else { return Command::read(entry, typed) };
    let matches = in_words((entry.grammar)(), &rest).try_get_matches_from(&typed)?;
    let count = matches.get_many::<String>(&rest).map_or(0, Iterator::count);
    if count == 0 {
        return Command::read(entry, typed);
    }
    let first = words.len() - count;
    let options = typed[..first].iter().filter(|word| *word != "--").cloned();
    let rest = line[words[first].start..].to_owned();
    Command::read(entry, options.chain(["--".to_owned(), rest]))
}

/// The same grammar with that argument as a list of words.
fn in_words(grammar: clap::Command, rest: &str) -> clap::Command {
    grammar.mut_arg(rest, |argument| {
        argument.num_args(1..).trailing_var_arg(true).value_parser(clap::value_parser!(String))
    })
}
