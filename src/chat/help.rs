//! What `!help` says, printed from the list of commands.

use std::fmt::Write;

use super::entry::{Entry, shown};

/// One line a command: its form and what it does.
pub(super) fn list<'e>(entries: impl IntoIterator<Item = &'e Entry>, prefix: &str) -> Vec<(String, String)> {
    entries.into_iter().map(|entry| (entry.form(prefix), entry.about())).collect()
}

/// How one command is used: its form, what it does, and its arguments, as Markdown.
pub(super) fn details(entries: &[Entry], prefix: &str, verb: &str) -> Option<String> {
    let verb = verb.strip_prefix(prefix).unwrap_or(verb).to_lowercase();
    let entry = entries.iter().find(|entry| entry.verb == verb)?;
    let command = (entry.grammar)();
    let long = command.get_long_about().map_or_else(|| entry.about(), ToString::to_string);
    let mut text = format!("`{}`\n\n{}\n", entry.form(prefix), with_full_stop(&long));
    for argument in command.get_arguments() {
        let name = shown(argument);
        let _ = write!(text, "\n- `{name}`: {}", argument.get_help().map(ToString::to_string).unwrap_or_default());
    }
    Some(text.trim_end().to_owned())
}

fn with_full_stop(text: &str) -> String {
    let (first, rest) = text.split_once("\n\n").map_or((text, None), |(first, rest)| (first, Some(rest)));
    let dot = if first.ends_with('.') { "" } else { "." };
    rest.map_or_else(|| format!("{first}{dot}"), |rest| format!("{first}{dot}\n\n{rest}"))
}
