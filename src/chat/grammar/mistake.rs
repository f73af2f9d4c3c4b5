//! What is wrong with a command.

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::chat::commands;
use crate::chat::entry::Entry;
use crate::chat::mistake::{Mistake, Right};

/// There is no such command.
pub(super) fn unknown_verb(prefix: &str, verb: &str) -> Mistake {
    Mistake { what: format!("{prefix}{verb} is no command"), right: nearest(prefix, verb) }
}

/// A blank stands behind the prefix: a slip, and so neither a command nor a note.
pub(super) fn blank(prefix: &str, verb: &str) -> Mistake {
    Mistake { what: format!("there must be no blank behind {prefix}"), right: nearest(prefix, verb) }
}

/// What clap says of a command's arguments.
pub(super) fn of_arguments(prefix: &str, entry: &Entry, error: &clap::Error) -> Mistake {
    Mistake { what: what(prefix, entry.verb, error), right: Right::Form(entry.form(prefix)) }
}

fn what(prefix: &str, verb: &str, error: &clap::Error) -> String {
    let argument = context(error, ContextKind::InvalidArg).unwrap_or_default();
    match error.kind() {
        ErrorKind::UnknownArgument if argument.starts_with('-') => match context(error, ContextKind::SuggestedArg) {
            Some(option) => format!("{prefix}{verb} has no option {argument} (did you mean {option}?)"),
            None => format!("{prefix}{verb} has no option {argument} (put -- before a text that begins like one)"),
        },
        ErrorKind::UnknownArgument | ErrorKind::TooManyValues => format!("{prefix}{verb} takes no {argument}"),
        ErrorKind::MissingRequiredArgument => format!("{} is missing", plain(&argument)),
        ErrorKind::InvalidValue => match context(error, ContextKind::InvalidValue).filter(|value| !value.is_empty()) {
            Some(value) => format!("{value} is not right for {}", plain(&argument)),
            None => format!("{} needs a value", plain(&argument)),
        },
        ErrorKind::ValueValidation => {
            std::error::Error::source(error).map_or_else(|| "a value is not right".to_owned(), ToString::to_string)
        }
        ErrorKind::ArgumentConflict => format!("{argument} is there twice"),
        _ => "this is not how it is used".to_owned(),
    }
}

fn context(error: &clap::Error, kind: ContextKind) -> Option<String> {
    match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        Some(ContextValue::Strings(texts)) => Some(texts.join(", ")),
        Some(ContextValue::StyledStr(text)) => Some(text.to_string()),
        _ => None,
    }
}

/// An argument's name without the marks that clap puts around it.
fn plain(argument: &str) -> String {
    argument.replace(['<', '>', '[', ']'], "").replace("...", "")
}

/// The command whose name is most like what was typed.
fn nearest(prefix: &str, typed: &str) -> Right {
    let typed = typed.to_lowercase();
    // A slip at a letter, or at two neighbours, and one more in a long word.
    let most = 1 + typed.len() / 6;
    let distance = |entry: &Entry| strsim::osa_distance(&typed, entry.verb);
    match commands::LIST.iter().min_by_key(|entry| (distance(entry), entry.verb)) {
        Some(entry) if distance(entry) <= most || (entry.verb.starts_with(&typed) && !typed.is_empty()) => {
            Right::Perhaps { verb: entry.verb, form: entry.short_form(prefix) }
        }
        _ => Right::Unknown,
    }
}
