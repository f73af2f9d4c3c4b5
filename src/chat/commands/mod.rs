//! The commands: one file each, and the list that makes grammar, help, refusals, reactions and `bot-commands.md`.
//!
//! A new one is a file beside this one, its `mod` line, and its line in the list at the end.

mod accept;
mod agent;
mod answer;
mod attach;
mod away;
mod back;
mod block;
mod cc;
mod close;
mod customer;
mod drop;
mod forward;
mod health;
mod help;
mod history;
mod jobs;
mod link;
mod lock;
mod merge;
mod mine;
mod more;
mod move_to;
mod new;
mod note;
mod notify;
mod owner;
mod page;
mod pending;
mod priority;
mod quarantine;
mod queue;
mod queues;
mod raw;
mod reopen;
mod search;
mod send;
mod signature;
mod spam;
mod split;
mod state;
mod stats;
mod subject;
mod tag;
mod template;
mod templates;
mod unblock;
mod undo;
mod unlink;
mod unlock;
mod unmerge;
mod untag;
mod unwatch;
mod watch;
mod webhook;
mod why;
mod zoom;

pub(crate) use self::answer::Answer;
#[cfg(test)]
pub(crate) use self::close::Close;
#[cfg(test)]
pub(crate) use self::note::Note;
use super::definition::{Definition, entry};
use super::entry::Entry;
use super::reply::Reply;
use super::request::Request;
use super::words;
use crate::admin;
use crate::desk::conversation::lists::List;
use crate::desk::conversation::{NotAllowed, Outcome, Refusal, Stop};
use crate::store::last_lists::Seen;
use crate::store::ticket_lists::TicketLine;

/// The command of a verb, in lower case.
pub(crate) fn find(verb: &str) -> Option<&'static Entry> {
    LIST.iter().find(|entry| entry.verb == verb)
}

/// Makes the enum of all commands, the list of what each says of itself, and the calls of each one's own code.
macro_rules! commands {
    ($($module:ident::$Command:ident,)*) => {
        /// What an agent can ask for.
        #[derive(Clone, Debug, PartialEq)]
        pub(crate) enum Command {
            $($Command($module::$Command),)*
        }

        /// Every command, in the order of `!help`.
        pub(crate) static LIST: &[Entry] = &[$(entry::<$module::$Command>(),)*];

        impl Command {
            /// What the list knows of it.
            pub(crate) fn entry(&self) -> &'static Entry {
                let verb = match self {
                    $(Self::$Command(_) => <$module::$Command as Definition>::VERB,)*
                };
                find(verb).expect("the list has every command")
            }

            /// The command of an entry with the arguments that were read.
            pub(crate) fn of(entry: &Entry, matches: &clap::ArgMatches) -> Result<Self, clap::Error> {
                match entry.verb {
                    $(<$module::$Command as Definition>::VERB => {
                        Ok(Self::$Command(clap::FromArgMatches::from_arg_matches(matches)?))
                    })*
                    verb => unreachable!("the list has no {verb}"),
                }
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

/// Sets the desk up, as the program's own command line does.
async fn administer(request: &mut Request<'_>, command: admin::Command) -> Outcome<Reply> {
    must_set_up(request)?;
    let context = &mut request.context;
    match admin::run(context.tx, &context.settings.bot, admin::Door::Room(&context.settings.prefix), command).await {
        Ok(said) => Ok(Reply::told(words::program_said(&said))),
        Err(admin::AdminError::Refused(why)) => Err(Refusal::Admin(why).into()),
        Err(admin::AdminError::Store(error)) => Err(Stop::Store(error)),
    }
}

/// Where a page of tickets ends.
fn last(list: &List<TicketLine>) -> Option<Seen> {
    list.lines.last().map(|ticket| Seen::Ticket(ticket.place))
}

/// Refuses whoever is no admin of all queues.
fn must_set_up(request: &Request<'_>) -> Outcome<()> {
    if request.context.by.sets_up() { Ok(()) } else { Err(NotAllowed::AdminsOnly.into()) }
}

impl Command {
    /// Reads a command's arguments.
    pub(crate) fn read(entry: &Entry, arguments: impl IntoIterator<Item = String>) -> Result<Self, clap::Error> {
        Self::of(entry, &(entry.grammar)().try_get_matches_from(arguments)?)
    }

    /// The command that a reaction stands for: it has no arguments.
    pub(crate) fn without_arguments(entry: &Entry) -> Option<Self> {
        Self::read(entry, []).ok()
    }
}

commands! {
    lock::Lock,
    unlock::Unlock,
    owner::Owner,
    answer::Answer,
    forward::Forward,
    note::Note,
    close::Close,
    reopen::Reopen,
    state::State,
    pending::Pending,
    priority::Priority,
    subject::Subject,
    tag::Tag,
    untag::Untag,
    watch::Watch,
    unwatch::Unwatch,
    move_to::Move,
    undo::Undo,
    send::Send,
    history::History,
    page::Page,
    customer::Customer,
    cc::Cc,
    merge::Merge,
    unmerge::Unmerge,
    split::Split,
    link::Link,
    unlink::Unlink,
    why::Why,
    raw::Raw,
    spam::Spam,
    accept::Accept,
    attach::Attach,
    drop::Drop,
    block::Block,
    unblock::Unblock,
    quarantine::Quarantine,
    queue::Queue,
    mine::Mine,
    queues::Queues,
    more::More,
    templates::Templates,
    stats::Stats,
    zoom::Zoom,
    search::Search,
    new::New,
    notify::Notify,
    away::Away,
    back::Back,
    agent::Agent,
    template::Template,
    signature::Signature,
    webhook::Webhook,
    jobs::Jobs,
    health::Health,
    help::Help,
}
