//! What a command says of itself.

use std::future::Future;

use super::entry::{Entry, Reaction};
use super::place::Place;
use super::reply::Reply;
use super::request::Request;
use crate::desk::conversation::{Locks, Outcome};
use crate::domain::queue::Role;

/// What a command says of itself. Its fields are its arguments, as clap reads them; its doc comment is its help:
/// the first line stands in lists, the rest in `!help VERB`.
pub(crate) trait Definition: clap::Args {
    /// What is typed behind the prefix.
    const VERB: &'static str;
    /// Where it is given; the first place is the one that a refusal names.
    const PLACES: &'static [Place];
    /// Who may: agents of the queue, or only admins. Observers may nothing.
    const ROLE: Role = Role::Agent;
    /// Whether its last argument takes the rest of the line, as it was typed.
    const TAKES_REST: bool = false;
    /// Arguments that stand in for each other in rare cases, and are shown as needed all the same.
    const NEEDS: &'static [&'static str] = &[];
    /// The reaction that does the same, without arguments.
    const REACTION: Option<Reaction> = None;
    /// Whether files that come along go with it.
    const TAKES_FILES: bool = false;
    /// Whether it is about what stands in a room and nothing else, so that it is no subcommand of the program.
    const ONLY_IN_ROOMS: bool = false;
    /// What is locked before it runs, besides the ticket's row.
    const LOCKS: Locks = Locks::Ticket;

    /// Calls the use-case and says what came of it.
    fn run(self, request: &mut Request<'_>) -> impl Future<Output = Outcome<Reply>> + Send;
}

/// The list's entry of a command.
pub(crate) const fn entry<D: Definition>() -> Entry {
    Entry {
        verb: D::VERB,
        places: D::PLACES,
        role: D::ROLE,
        reaction: D::REACTION,
        locks: D::LOCKS,
        takes_rest: D::TAKES_REST,
        needs: D::NEEDS,
        takes_files: D::TAKES_FILES,
        only_in_rooms: D::ONLY_IN_ROOMS,
        arguments: D::augment_args,
        grammar: grammar::<D>,
    }
}

fn grammar<D: Definition>() -> clap::Command {
    let command = clap::Command::new(D::VERB).no_binary_name(true).disable_help_flag(true).disable_version_flag(true);
    D::augment_args(command).disable_help_subcommand(true)
}
