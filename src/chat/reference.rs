//! `bot-commands.md`: what agents type, printed from the list of commands.

use std::fmt::Write;

use super::entry::{Entry, ReactedTo};
use super::example::{Line, Where};
use super::place::{Place, THREAD};
use super::{commands, example, help};

/// Every verb, in the order of the list.
#[must_use]
pub fn verbs() -> Vec<&'static str> {
    commands::LIST.iter().map(|entry| entry.verb).collect()
}

/// A command's form, such as `!answer [--state STATE] TEXT`; `None` if there is no such command.
#[must_use]
pub fn form(prefix: &str, verb: &str) -> Option<String> {
    commands::find(verb).map(|entry| entry.form(prefix))
}

/// `bot-commands.md`.
#[must_use]
pub fn document(prefix: &str) -> String {
    let mut text = String::from("# What agents type\n\nIn a ticket's thread, these are nearly all that one needs:\n\n");
    text.push_str("| you type | and |\n| --- | --- |\n");
    for (typed, what) in help::first(Place::Thread, prefix) {
        let _ = writeln!(text, "| `{typed}` | it {what} |");
    }
    text.push_str(
        "\nPlain text there is an internal note. The bot answers on your message: ✅ done · ❌ refused, with the reason in \
         the thread · and for mail ⏳ held or queued · ✉️ accepted by the next mail server · ⚠️ delayed, or perhaps sent · \
         ❌ not sent.\n",
    );
    text.push_str(&example(prefix));
    text.push_str(
        "\n## How it is read\n\n\
         A command is the first thing in a message. Its verb counts in any case; options stand before the text, \
         `--` ends them; `—state` and curly quotes, as phones type them, are understood. The text keeps every blank \
         and line. What is not exactly a command is refused with the right form, and never sent to anybody. Edits \
         are no commands.\n\n\
         This page is printed by `ticketloom commands` from the list of commands that the bot itself reads.\n",
    );
    let row = |entry: &Entry| format!("| `{}` | {} |", entry.form(prefix).replace('|', "\\|"), entry.about());
    let (thread, elsewhere): (Vec<&Entry>, Vec<&Entry>) =
        commands::LIST.iter().partition(|entry| entry.places == THREAD);
    text.push_str("\n## In a ticket's thread, or as a reply to one of its messages\n\n");
    text.push_str("| command | what it does |\n| --- | --- |\n");
    for entry in thread {
        let _ = writeln!(text, "{}", row(entry));
    }
    text.push_str("\n## Elsewhere\n\n| command | what it does | where |\n| --- | --- | --- |\n");
    for entry in elsewhere {
        let _ = writeln!(text, "{} {} |", row(entry), places(entry));
    }
    for verb in verbs() {
        if let Some(details) = help::details(commands::LIST, prefix, verb) {
            let _ = write!(text, "\n## {prefix}{verb}\n\n{details}\n");
        }
    }
    text + reactions(prefix).as_str()
}

/// A day, line by line.
fn example(prefix: &str) -> String {
    let mut text =
        String::from("\n## A day's example\n\n| where | you type | what comes of it |\n| --- | --- | --- |\n");
    for Line { place, typed, mark, comes } in example::day(prefix) {
        let place = match place {
            Where::Thread => "thread",
            Where::Room => "queue's room",
            Where::Direct => "direct room",
        };
        let mark = if mark.is_empty() { String::new() } else { format!("{mark} ") };
        let _ = writeln!(text, "| {place} | `{typed}` | {mark}{comes} |");
    }
    text
}

/// Where a command is given.
fn places(entry: &Entry) -> String {
    let place = |place: &Place| match place {
        Place::Thread => "ticket's thread",
        Place::Queue => "queue's room",
        Place::Direct => "direct room with the bot",
    };
    entry.places.iter().map(place).collect::<Vec<_>>().join(", ")
}

fn reactions(prefix: &str) -> String {
    let mut text = String::from("\n## Reactions\n\n");
    for entry in commands::LIST {
        let Some(reaction) = entry.reaction else { continue };
        let on = match reaction.on {
            ReactedTo::Card => "a ticket's card",
            ReactedTo::Answer => "an `!answer` that is still held, or waits for its moment",
            ReactedTo::QuarantineEntry => "a quarantined mail",
            ReactedTo::QuarantineEntryOrDay => "a quarantined mail, or on the beginning of its day's thread for all",
        };
        let _ = writeln!(text, "- {} on {on}: `{prefix}{}`", reaction.keys.join(" or "), entry.verb);
    }
    text.push_str(
        "- on a held mail (somebody wrote to a ticket in which they do not take part): 📥 (or ✅) it joins, and so does its \
         writer · 🆕 it becomes a ticket of its own · 🗑 it is discarded, and stays in the record\n\
         - on the mail of somebody who is new here (they wrote to the address of a mail that was passed on to them): ✅ \
         they take part from now on\n\
         - on a card or mail that asks for its answer elsewhere (`Reply-To`): ✅ answers go there from now on\n\n\
         Any agent of the queue can do these. What nobody has said a word about is in `!history`.\n",
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::commands::Command;
    use crate::domain::queue::Role;

    #[test]
    fn every_command_is_sound_and_says_what_it_does() {
        for entry in commands::LIST {
            (entry.grammar)().debug_assert();
            assert!(!entry.about().is_empty(), "{}", entry.verb);
            assert!(!entry.places.is_empty(), "{} is given nowhere", entry.verb);
            assert!(entry.reaction.is_none() || Command::without_arguments(entry).is_some(), "{}", entry.verb);
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
        let details = |verb| help::details(commands::LIST, "!", verb);
        assert!(details("!LOCK").is_some_and(|text| text.contains("owner")));
        assert!(details("hotel").is_none());
    }

    #[test]
    fn help_lists_what_somebody_may_do_where_they_ask() {
        let verbs = |place, role| -> Vec<String> {
            let here = commands::LIST.iter().filter(|entry| entry.is_for(place, role));
            here.map(|entry| format!("!{}", entry.verb)).collect()
        };
        let thread = verbs(Place::Thread, Role::Agent);
        assert!(thread.contains(&"!answer".to_owned()) && !thread.contains(&"!accept".to_owned()), "{thread:?}");
        let direct = verbs(Place::Direct, Role::Agent);
        assert!(direct.contains(&"!mine".to_owned()) && !direct.contains(&"!answer".to_owned()), "{direct:?}");
        assert!(!direct.contains(&"!unblock".to_owned()));
        assert!(verbs(Place::Direct, Role::Admin).contains(&"!unblock".to_owned()));
    }
}
