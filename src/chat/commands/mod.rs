//! The commands: one file each, and the list that makes grammar, help, refusals, reactions and `bot-commands.md`.
//!
//! A new one is a file beside this one, its `mod` line, and its line in the list at the end.

mod accept;
mod answer;
mod attach;
mod block;
mod cc;
mod close;
mod customer;
mod entry;
mod help;
mod history;
mod lock;
mod merge;
mod mine;
mod note;
mod owner;
mod quarantine;
mod queue;
mod queues;
mod raw;
mod reopen;
mod spam;
mod state;
mod unblock;
mod undo;
mod unlock;
mod unmerge;
mod why;
mod zoom;

use std::future::Future;

#[cfg(test)]
pub(crate) use self::close::Close;
pub(crate) use self::entry::Entry;
#[cfg(test)]
pub(crate) use self::{answer::Answer, note::Note};
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
    /// The reaction that does the same, without arguments.
    const REACTION: Option<Reaction> = None;
    /// What is locked before it runs, besides the ticket's row.
    const LOCKS: Locks = Locks::Ticket;

    /// Calls the use-case and says what came of it.
    fn run(self, request: &mut Request<'_>) -> impl Future<Output = Outcome<Reply>> + Send;
}

/// A reaction that stands for a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reaction {
    /// The emoji, without variation selectors.
    pub(crate) key: &'static str,
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
}

/// The command of a verb, in lower case.
pub(crate) fn find(verb: &str) -> Option<&'static Entry> {
    LIST.iter().find(|entry| entry.verb == verb)
}

/// Makes the enum of all commands, what the list knows of each, and the call of each one's `run`.
macro_rules! commands {
    ($($module:ident::$Command:ident,)*) => {
        /// What an agent can ask for.
        #[derive(Clone, Debug, PartialEq)]
        pub(crate) enum Command {
            $($Command($module::$Command),)*
        }

        /// Every command, in the order of `!help`.
        pub(crate) static LIST: &[Entry] = &[$(Entry::of::<$module::$Command>(|matches| {
            Ok(Command::$Command(clap::FromArgMatches::from_arg_matches(matches)?))
        }),)*];

        impl Command {
            /// What the list knows of it.
            pub(crate) fn entry(&self) -> &'static Entry {
                let verb = match self {
                    $(Self::$Command(_) => <$module::$Command as Definition>::VERB,)*
                };
                find(verb).expect("the list has every command")
            }

            /// Calls the use-case and says what came of it.
            pub(crate) async fn run(self, request: &mut Request<'_>) -> Outcome<Reply> {
                match self {
                    $(Self::$Command(command) => Box::pin(command.run(request)).await,)*
                }
            }
        }
    };
}

commands! {
    lock::Lock,
    unlock::Unlock,
    owner::Owner,
    answer::Answer,
    note::Note,
    close::Close,
    reopen::Reopen,
    state::State,
    undo::Undo,
    history::History,
    customer::Customer,
    cc::Cc,
    merge::Merge,
    unmerge::Unmerge,
    why::Why,
    raw::Raw,
    spam::Spam,
    accept::Accept,
    attach::Attach,
    block::Block,
    unblock::Unblock,
    quarantine::Quarantine,
    queue::Queue,
    mine::Mine,
    queues::Queues,
    zoom::Zoom,
    help::Help,
}
