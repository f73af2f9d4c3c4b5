//! What `!help` and `bot-commands.md` say, printed from the declaration.

use std::fmt::Write;

use clap::CommandFactory;

use super::Line;

/// Every verb, in the order of the declaration.
#[must_use]
pub fn verbs() -> Vec<String> {
    Line::command().get_subcommands().map(|command| command.get_name().to_owned()).collect()
}

/// A command's form, such as `!answer [--state STATE] TEXT`; `None` if there is no such command.
#[must_use]
pub fn form(prefix: &str, verb: &str) -> Option<String> {
    let line = Line::command();
    let command = line.find_subcommand(verb)?;
    let mut form = format!("{prefix}{verb}");
    for argument in command.get_arguments() {
        let shown = shown(argument);
        let _ = if argument.is_required_set() { write!(form, " {shown}") } else { write!(form, " [{shown}]") };
    }
    Some(form)
}

/// One line a command: its form and what it does.
#[must_use]
pub fn list(prefix: &str) -> Vec<(String, String)> {
    Line::command()
        .get_subcommands()
        .filter_map(|command| Some((form(prefix, command.get_name())?, about(command))))
        .collect()
}

/// How one command is used: its form, what it does, and its arguments, as Markdown.
#[must_use]
pub fn details(prefix: &str, verb: &str) -> Option<String> {
    let verb = verb.strip_prefix(prefix).unwrap_or(verb).to_lowercase();
    let line = Line::command();
    let command = line.find_subcommand(&verb)?;
    let long = command.get_long_about().map_or_else(|| about(command), ToString::to_string);
    let mut text = format!("`{}`\n\n{}\n", form(prefix, &verb)?, with_full_stop(&long));
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
         This page is printed by `ticketloom commands` from the declaration that the bot itself reads.\n\n\
         A command is the first thing in a message. Its verb counts in any case; options stand before the text, \
         `--` ends them; `—state` and curly quotes, as phones type them, are understood. The text keeps every blank \
         and line. What is not exactly a command is refused with the right form, and never sent to anybody. Edits \
         are no commands. Plain text in a ticket's thread is an internal note.\n\n\
         The bot answers on your message: ✅ done · ❌ refused, with the reason in the thread · and for mail ⏳ held \
         or queued · ✉️ accepted by the next mail server · ⚠️ delayed, or perhaps sent · ❌ not sent.\n\n\
         | command | what it does |\n| --- | --- |\n",
    );
    for (form, about) in list(prefix) {
        let _ = writeln!(text, "| `{}` | {about} |", form.replace('|', "\\|"));
    }
    for verb in verbs() {
        if let Some(details) = details(prefix, &verb) {
            let _ = write!(text, "\n## {prefix}{verb}\n\n{details}\n");
        }
    }
    text.push_str(
        "\n## Reactions\n\n\
         - 🔒 on a ticket's card: `!lock`\n\
         - ❌ on an `!answer` that is still held: `!undo`\n\
         - on a held mail (somebody wrote to a ticket in which they do not take part): ✅ it joins, and so does its \
         writer · 🆕 it becomes a ticket of its own · 🗑 it is discarded, and stays in the record\n\
         - on the mail of somebody who is new here (they wrote to the address of a mail that was passed on to them): ✅ \
         they take part from now on\n\
         - on a card or mail that asks for its answer elsewhere (`Reply-To`): ✅ answers go there from now on\n\
         - on a quarantined mail: ✅ it becomes a ticket · 🚫 its sender is blocked\n\n\
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
    fn the_declaration_is_sound() {
        Line::command().debug_assert();
    }

    #[test]
    fn every_command_says_what_it_does() {
        for (form, about) in list("!") {
            assert!(!about.is_empty(), "{form}");
        }
        assert_eq!(form("!", "close").as_deref(), Some("!close [--state STATE] [TEXT]"));
        assert!(details("!", "!LOCK").is_some_and(|text| text.contains("owner")));
        assert!(details("!", "hotel").is_none());
    }
}
