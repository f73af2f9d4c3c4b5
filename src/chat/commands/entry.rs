//! What the list knows of a command.

use super::{Command, Definition, Reaction};
use crate::chat::place::Place;
use crate::desk::conversation::Locks;
use crate::domain::queue::Role;

/// A command in the list: what its [`Definition`] says, and how its arguments are read.
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
    takes_rest: bool,
    grammar: fn() -> clap::Command,
    from: fn(&clap::ArgMatches) -> Result<Command, clap::Error>,
}

impl Entry {
    /// The entry of a definition.
    pub(super) const fn of<D: Definition>(from: fn(&clap::ArgMatches) -> Result<Command, clap::Error>) -> Self {
        Self {
            verb: D::VERB,
            places: D::PLACES,
            role: D::ROLE,
            reaction: D::REACTION,
            locks: D::LOCKS,
            takes_rest: D::TAKES_REST,
            grammar: grammar::<D>,
            from,
        }
    }

    /// Its arguments and its help.
    pub(crate) fn grammar(&self) -> clap::Command {
        (self.grammar)()
    }

    /// The id of the argument that takes the rest of the line, if there is one.
    pub(crate) fn rest(&self) -> Option<String> {
        let grammar = self.grammar();
        let last = grammar.get_positionals().last().filter(|_| self.takes_rest)?;
        Some(last.get_id().to_string())
    }

    /// Reads its arguments.
    pub(crate) fn read(
        &self,
        grammar: clap::Command,
        arguments: impl IntoIterator<Item = String>,
    ) -> Result<Command, clap::Error> {
        (self.from)(&grammar.try_get_matches_from(arguments)?)
    }

    /// The command as a reaction gives it; `None` if it needs arguments.
    pub(crate) fn without_arguments(&self) -> Option<Command> {
        self.read(self.grammar(), []).ok()
    }
}

fn grammar<D: Definition>() -> clap::Command {
    let command = clap::Command::new(D::VERB).no_binary_name(true).disable_help_flag(true).disable_version_flag(true);
    D::augment_args(command)
}
