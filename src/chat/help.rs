//! What `!help` says, printed from the list of commands.

use std::fmt::Write;

use super::entry::{Entry, shown};
use super::place::Place;

/// What matters most in each place, as it is typed there, and what comes of it: who reads no more can do their work.
const FIRST: &[(Place, &str, &str)] = &[
    (Place::Thread, "answer TEXT", "mails the customer"),
    (Place::Thread, "answer --state closed TEXT", "mails the customer and closes"),
    (Place::Thread, "lock", "takes the ticket; 🔒 on its card does, too"),
    (Place::Thread, "close TEXT", "closes with an internal note, and mails nobody"),
    (Place::Thread, "owner @bob", "gives the ticket to somebody"),
    (Place::Thread, "undo", "takes an answer back while ⏳ stands on it"),
    (Place::Queue, "queue", "lists what nobody has locked"),
    (Place::Queue, "mine", "lists what you have locked"),
    (Place::Queue, "zoom NUMBER", "leads to a ticket"),
    (Place::Queue, "quarantine", "lists mail that became no ticket"),
    (Place::Direct, "mine", "lists what you have locked"),
    (Place::Direct, "queue", "lists what nobody has locked in your queues"),
    (Place::Direct, "queues", "lists the rooms"),
    (Place::Direct, "zoom NUMBER", "leads to a ticket"),
];

/// What matters most in a place: what is typed, and what it does.
pub(super) fn first(place: Place, prefix: &str) -> Vec<(String, String)> {
    let here = FIRST.iter().filter(|(of, ..)| *of == place);
    here.map(|(_, form, what)| (format!("{prefix}{form}"), (*what).to_owned())).collect()
}

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
    for subcommand in command.get_subcommands() {
        let arguments: Vec<String> = subcommand
            .get_arguments()
            .map(|argument| if argument.is_required_set() { shown(argument) } else { format!("[{}]", shown(argument)) })
            .collect();
        let about = subcommand.get_about().map(ToString::to_string).unwrap_or_default();
        let _ = write!(text, "\n- `{prefix}{} {} {}`: {about}", entry.verb, subcommand.get_name(), arguments.join(" "));
    }
    Some(text.trim_end().to_owned())
}

fn with_full_stop(text: &str) -> String {
    let (first, rest) = text.split_once("\n\n").map_or((text, None), |(first, rest)| (first, Some(rest)));
    let dot = if first.ends_with('.') { "" } else { "." };
    rest.map_or_else(|| format!("{first}{dot}"), |rest| format!("{first}{dot}\n\n{rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::commands;
    use crate::domain::queue::Role;

    #[test]
    fn what_matters_in_a_place_can_be_done_there_by_every_agent() {
        for (place, form, _) in FIRST {
            let verb = form.split(' ').next().unwrap_or_default();
            let entry = commands::find(verb).unwrap_or_else(|| panic!("{form} is no command"));
            assert!(entry.is_for(*place, Role::Agent), "{form} at {place:?}");
        }
    }

    #[test]
    fn no_place_has_more_than_six() {
        for place in [Place::Thread, Place::Queue, Place::Direct] {
            assert!((1..=6).contains(&first(place, "!").len()), "{place:?}");
        }
    }
}
