//! What `!help` and `bot-commands.md` say, printed from the list of commands.

use std::fmt::Write;

use super::commands::{self, Entry, ReactedTo};
use super::place::Place;
use crate::domain::queue::Role;

/// Every verb, in the order of the list.
#[must_use]
pub fn verbs() -> Vec<&'static str> {
    commands::LIST.iter().map(|entry| entry.verb).collect()
}

/// A command's form, such as `!answer [--state STATE] TEXT`; `None` if there is no such command.
#[must_use]
pub fn form(prefix: &str, verb: &str) -> Option<String> {
    commands::find(verb).map(|entry| form_of(prefix, entry))
}

/// The form of a command in the list.
pub(super) fn form_of(prefix: &str, entry: &Entry) -> String {
    let mut form = format!("{prefix}{}", entry.verb);
    for argument in entry.grammar().get_arguments() {
        let shown = shown(argument);
        let _ = if argument.is_required_set() { write!(form, " {shown}") } else { write!(form, " [{shown}]") };
    }
    form
}

/// One line a command: its form and what it does. Of all, or of those that somebody may give in a place.
pub(super) fn list(prefix: &str, of: Option<(Place, Role)>) -> Vec<(String, String)> {
    let is_for = |entry: &&Entry| {
        of.is_none_or(|(place, role)| {
            entry.places.contains(&place) && (entry.role != Role::Admin || role == Role::Admin)
        })
    };
    let line = |entry: &Entry| (form_of(prefix, entry), about(&entry.grammar()));
    commands::LIST.iter().filter(is_for).map(line).collect()
}

/// How one command is used: its form, what it does, and its arguments, as Markdown.
#[must_use]
pub fn details(prefix: &str, verb: &str) -> Option<String> {
    let verb = verb.strip_prefix(prefix).unwrap_or(verb).to_lowercase();
    let entry = commands::find(&verb)?;
    let command = entry.grammar();
    let long = command.get_long_about().map_or_else(|| about(&command), ToString::to_string);
    let mut text = format!("`{}`\n\n{}\n", form_of(prefix, entry), with_full_stop(&long));
    for argument in command.get_arguments() {
        let name = shown(argument);
        let _ = write!(text, "\n- `{name}`: {}", argument.get_help().map(ToString::to_string).unwrap_or_default());
    }
    Some(text.trim_end().to_owned())
}

/// `bot-commands.md`.
#[must_use]
pub fn document(prefix: &str) -> String {
    let mut text = String::from(
        "# What agents type\n\n\
         This page is printed by `ticketloom commands` from the list of commands that the bot itself reads.\n\n\
         A command is the first thing in a message. Its verb counts in any case; options stand before the text, \
         `--` ends them; `—state` and curly quotes, as phones type them, are understood. The text keeps every blank \
         and line. What is not exactly a command is refused with the right form, and never sent to anybody. Edits \
         are no commands. Plain text in a ticket's thread is an internal note.\n\n\
         The bot answers on your message: ✅ done · ❌ refused, with the reason in the thread · and for mail ⏳ held \
         or queued · ✉️ accepted by the next mail server · ⚠️ delayed, or perhaps sent · ❌ not sent.\n",
    );
    for (title, first) in [
        ("In a ticket's thread, or as a reply to one of its messages", Place::Thread),
        ("In a queue's room", Place::Queue),
    ] {
        let _ = write!(text, "\n## {title}\n\n| command | what it does | also given |\n| --- | --- | --- |\n");
        for entry in commands::LIST.iter().filter(|entry| entry.places.first() == Some(&first)) {
            let form = form_of(prefix, entry).replace('|', "\\|");
            let _ = writeln!(text, "| `{form}` | {} | {} |", about(&entry.grammar()), elsewhere(entry));
        }
    }
    for verb in verbs() {
        if let Some(details) = details(prefix, verb) {
            let _ = write!(text, "\n## {prefix}{verb}\n\n{details}\n");
        }
    }
    text + &reactions(prefix)
}

/// In which other places a command is given.
fn elsewhere(entry: &Entry) -> String {
    let place = |place: &Place| match place {
        Place::Thread => "in a thread",
        Place::Queue => "in a queue's room",
        Place::Direct => "in the direct room with the bot",
    };
    entry.places.iter().skip(1).map(place).collect::<Vec<_>>().join(", ")
}

fn reactions(prefix: &str) -> String {
    let mut text = String::from("\n## Reactions\n\n");
    for entry in commands::LIST {
        let Some(reaction) = entry.reaction else { continue };
        let on = match reaction.on {
            ReactedTo::Card => "a ticket's card",
            ReactedTo::Answer => "an `!answer` that is still held",
            ReactedTo::QuarantineEntry => "a quarantined mail",
        };
        let _ = writeln!(text, "- {} on {on}: `{prefix}{}`", reaction.key, entry.verb);
    }
    text.push_str(
        "- on a held mail (somebody wrote to a ticket in which they do not take part): ✅ it joins, and so does its \
         writer · 🆕 it becomes a ticket of its own · 🗑 it is discarded, and stays in the record\n\
         - on a card or mail that asks for its answer elsewhere (`Reply-To`): ✅ answers go there from now on\n\n\
         Any agent of the queue can do these. What nobody has said a word about is in `!history`.\n",
    );
    text
}

/// An argument as it is typed.
fn shown(argument: &clap::Arg) -> String {
    let value = argument.get_value_names().and_then(|names| names.first()).map_or("VALUE", |name| name.as_str());
    match argument.get_long() {
        Some(long) if argument.get_action().takes_values() => format!("--{long} {value}"),
        Some(long) => format!("--{long}"),
        None => value.to_owned(),
    }
}

fn about(command: &clap::Command) -> String {
    command.get_about().map(ToString::to_string).unwrap_or_default()
}

fn with_full_stop(text: &str) -> String {
    let (first, rest) = text.split_once("\n\n").map_or((text, None), |(first, rest)| (first, Some(rest)));
    let dot = if first.ends_with('.') { "" } else { "." };
    rest.map_or_else(|| format!("{first}{dot}"), |rest| format!("{first}{dot}\n\n{rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_is_sound_and_says_what_it_does() {
        for entry in commands::LIST {
            entry.grammar().debug_assert();
            assert!(!about(&entry.grammar()).is_empty(), "{}", entry.verb);
            assert!(!entry.places.is_empty(), "{} is given nowhere", entry.verb);
            assert!(entry.reaction.is_none() || entry.without_arguments().is_some(), "{}", entry.verb);
            assert_eq!(entry.verb, entry.verb.to_lowercase());
        }
        let mut verbs = verbs();
        verbs.sort_unstable();
        verbs.dedup();
        assert_eq!(verbs.len(), commands::LIST.len(), "each verb is one command");
    }

    #[test]
    fn a_form_and_its_details_are_those_of_the_declaration() {
        assert_eq!(form("!", "close").as_deref(), Some("!close [--state STATE] [TEXT]"));
        assert_eq!(form("!", "cc").as_deref(), Some("!cc ±ADDRESS"));
        assert!(details("!", "!LOCK").is_some_and(|text| text.contains("owner")));
        assert!(details("!", "hotel").is_none());
    }

    #[test]
    fn help_lists_what_somebody_may_do_where_they_ask() {
        let verbs = |place, role| -> Vec<String> {
            list("!", Some((place, role)))
                .into_iter()
                .map(|(form, _)| form.split(' ').next().unwrap_or_default().to_owned())
                .collect()
        };
        let thread = verbs(Place::Thread, Role::Agent);
        assert!(thread.contains(&"!answer".to_owned()) && !thread.contains(&"!accept".to_owned()), "{thread:?}");
        let direct = verbs(Place::Direct, Role::Agent);
        assert!(direct.contains(&"!mine".to_owned()) && !direct.contains(&"!answer".to_owned()), "{direct:?}");
        assert!(!direct.contains(&"!unblock".to_owned()));
        assert!(verbs(Place::Direct, Role::Admin).contains(&"!unblock".to_owned()));
    }
}
