//! A command in the list.

use std::fmt::Write;

use super::place::Place;
use crate::desk::conversation::Locks;
use crate::domain::queue::Role;

/// What the list knows of a command: what its [`Definition`](super::definition::Definition) says.
pub(crate) struct Entry {
    /// What is typed behind the prefix.
    pub(crate) verb: &'static str,
    /// Where it is given.
    pub(crate) places: &'static [Place],
    /// Who may.
    pub(crate) role: Role,
    /// The reaction that does the same.
    pub(crate) reaction: Option<Reaction>,
    /// What is locked before it runs.
    pub(crate) locks: Locks,
    /// Whether its last argument takes the rest of the line.
    pub(crate) takes_rest: bool,
    /// What is shown as needed though it may be left out.
    pub(crate) needs: &'static [&'static str],
    /// Whether files that come along go with it.
    pub(crate) takes_files: bool,
    /// Whether it is about what stands in a room and nothing else.
    pub(crate) only_in_rooms: bool,
    /// Adds its arguments and its help to a command.
    pub(crate) arguments: fn(clap::Command) -> clap::Command,
    /// Its arguments and its help.
    pub(crate) grammar: fn() -> clap::Command,
}

/// A reaction that stands for a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reaction {
    /// The emoji, without variation selectors; any of them will do.
    pub(crate) keys: &'static [&'static str],
    /// What it is put on.
    pub(crate) on: ReactedTo,
}

/// What a command's reaction is put on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReactedTo {
    /// A ticket's card.
    Card,
    /// The message that asked for an answer.
    Answer,
    /// A quarantined mail.
    QuarantineEntry,
    /// A quarantined mail, or the root of a day's thread, for all of them.
    QuarantineEntryOrDay,
}

impl Entry {
    /// Whether somebody may give it in a place.
    pub(crate) fn is_for(&self, place: Place, role: Role) -> bool {
        self.places.contains(&place) && self.is_for_role(role)
    }

    /// Whether somebody may give it anywhere.
    pub(crate) fn is_for_role(&self, role: Role) -> bool {
        self.role != Role::Admin || role == Role::Admin
    }

    /// The id of the argument that takes the rest of the line, if there is one.
    pub(crate) fn rest(&self) -> Option<String> {
        let grammar = (self.grammar)();
        let last = grammar.get_positionals().last().filter(|_| self.takes_rest)?;
        Some(last.get_id().to_string())
    }

    /// Whether one of its arguments is a moment, which may be two words.
    pub(crate) fn takes_moment(&self) -> bool {
        let is_moment = |argument: &clap::Arg| argument.get_value_names().is_some_and(|names| names[0] == "WHEN");
        (self.grammar)().get_arguments().any(is_moment)
    }

    /// Its form without what may be left out, such as `!answer TEXT`.
    pub(crate) fn short_form(&self, prefix: &str) -> String {
        let grammar = (self.grammar)();
        let needed = grammar.get_arguments().filter(|argument| self.is_needed(argument)).map(shown);
        needed.fold(format!("{prefix}{}", self.verb), |form, argument| format!("{form} {argument}"))
    }

    /// Its form, such as `!answer [--state STATE] TEXT`, or `!agent add|remove …`.
    pub(crate) fn form(&self, prefix: &str) -> String {
        let mut form = format!("{prefix}{}", self.verb);
        let grammar = (self.grammar)();
        if grammar.is_subcommand_required_set() {
            let verbs: Vec<&str> = grammar.get_subcommands().map(clap::Command::get_name).collect();
            let _ = write!(form, " {} …", verbs.join("|"));
        }
        for argument in grammar.get_arguments() {
            let shown = shown(argument);
            let _ = if self.is_needed(argument) { write!(form, " {shown}") } else { write!(form, " [{shown}]") };
        }
        form
    }

    fn is_needed(&self, argument: &clap::Arg) -> bool {
        argument.is_required_set() || self.needs.contains(&argument.get_id().as_str())
    }

    /// What it does, in one line.
    pub(crate) fn about(&self) -> String {
        (self.grammar)().get_about().map(ToString::to_string).unwrap_or_default()
    }
}

/// An argument as it is typed.
pub(crate) fn shown(argument: &clap::Arg) -> String {
    let value = argument.get_value_names().and_then(|names| names.first()).map_or("VALUE", |name| name.as_str());
    match argument.get_long() {
        Some(long) if argument.get_action().takes_values() => format!("--{long} {value}"),
        Some(long) => format!("--{long}"),
        None => value.to_owned(),
    }
}
