//! What agents type, declared once: the enum is the type, its comments are the help that `!help`,
//! every refusal and `bot-commands.md` show.

pub mod help;
pub mod parse;

use clap::{Parser, Subcommand};

use crate::domain::ticket::State;

/// A command line, without the prefix.
#[derive(Debug, Parser)]
#[command(no_binary_name = true, disable_help_flag = true, disable_help_subcommand = true, disable_version_flag = true)]
pub(crate) struct Line {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What an agent can ask for.
#[derive(Clone, Debug, PartialEq, Subcommand)]
pub enum Command {
    /// Take the ticket: lock it and become its owner
    ///
    /// Nobody else can answer or close it then. A 🔒 as a reaction on the card does the same.
    Lock,

    /// Hand the ticket back to the queue
    ///
    /// Only its owner or an admin can. Who had it last is remembered.
    Unlock,

    /// Make somebody the owner and lock the ticket for them
    ///
    /// Needs no lock and takes one from whoever holds it; both are told. `@me` takes it over.
    Owner {
        /// A Matrix id, its first part, a mention, or `@me`
        #[arg(value_name = "AGENT", required = true, num_args = 1..)]
        agent: Vec<String>,
    },

    /// Mail the customer
    ///
    /// The text is Markdown and keeps every blank and line. It locks an unlocked ticket; one that
    /// somebody else has locked refuses. The mail is held for a moment, in which !undo, a ❌ on your
    /// message or taking it back stops it, and editing your message changes it.
    Answer {
        /// What the ticket is afterwards: open unless you say so, closed to close it in one go
        #[arg(long, value_name = "STATE", value_parser = state)]
        state: Option<State>,
        /// Somebody else who gets it, too; may stand several times
        #[arg(long, value_name = "ADDRESS")]
        cc: Vec<String>,
        /// Everybody who takes part in the ticket gets it
        #[arg(long)]
        all: bool,
        /// So many files that you put into the thread last go with it; a file whose caption is an !answer goes with it anyway
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=20))]
        attach: Option<u8>,
        /// What the customer gets to read
        #[arg(value_name = "TEXT", required = true, trailing_var_arg = true)]
        text: Vec<String>,
    },

    /// Write an internal note
    ///
    /// Plain text in a ticket's thread is a note, too. No note ever leaves the house.
    Note {
        /// What the other agents get to read
        #[arg(value_name = "TEXT", required = true, trailing_var_arg = true)]
        text: Vec<String>,
    },

    /// Close and unlock the ticket with an internal note; mails nobody
    ///
    /// To tell the customer, use !answer --state closed.
    Close {
        /// closed (successful, unless you say so) or unsuccessful
        #[arg(long, value_name = "STATE", value_parser = state)]
        state: Option<State>,
        /// Why, for the other agents
        #[arg(value_name = "TEXT", trailing_var_arg = true)]
        text: Vec<String>,
    },

    /// Open a closed ticket again and lock it
    Reopen {
        /// Why, for the other agents
        #[arg(value_name = "TEXT", trailing_var_arg = true)]
        text: Vec<String>,
    },

    /// Set the ticket's state
    ///
    /// new, open, closed successful (closed for short) or closed unsuccessful (unsuccessful); any
    /// unambiguous beginning will do.
    State {
        /// The state
        #[arg(value_name = "STATE", required = true, num_args = 1..)]
        state: Vec<String>,
    },

    /// Stop the answer that is still held
    ///
    /// The newest of this ticket, or the one that your message replies to. Too late once it is on its way.
    Undo,

    /// Show who did what and when
    History,

    /// Set whom the ticket is for: answers go there from now on
    Customer {
        /// Their mail address
        #[arg(value_name = "ADDRESS")]
        address: String,
    },

    /// Let somebody take part in the ticket by mail, or no more
    ///
    /// `+carol@example.org` takes part from now on: what they write joins, and `!answer --all` goes to them;
    /// `-carol@example.org` does not any more.
    Cc {
        /// `+ADDRESS` or `-ADDRESS`, one or more
        #[arg(value_name = "±ADDRESS", required = true, num_args = 1.., allow_hyphen_values = true)]
        changes: Vec<String>,
    },

    /// Make this ticket part of another one
    ///
    /// What stands here stays here, and further mail to either goes to the other one. Asks once if the two are for
    /// different customers, or if the other one is closed. `!unmerge` takes it back.
    Merge {
        /// Merge though the other ticket is for another customer, or closed
        #[arg(long)]
        yes: bool,
        /// The other ticket's number, with or without Ticket#
        #[arg(value_name = "NUMBER")]
        number: String,
    },

    /// Take this ticket out of the one that it was merged into
    ///
    /// It is open again, and locked by you.
    Unmerge,

    /// Show how a mail came here, and what was sent for it
    ///
    /// As a reply to an article, or for the ticket's newest mail: its way, the rule that matched, what the
    /// mail server found of its sender, what was folded away, and each answer of the mail servers that took
    /// what was sent.
    Why,

    /// Get the original mail as a file
    ///
    /// As a reply to an article, or for the ticket's newest mail.
    Raw,

    /// Close the ticket as spam and block who wrote last; mails nobody
    ///
    /// What they send from then on goes into quarantine. An admin takes it back with !unblock.
    Spam,

    /// Make a ticket of a quarantined mail
    ///
    /// As a reply to it. A ✅ as a reaction on it does the same.
    Accept,

    /// File a quarantined mail in a ticket
    ///
    /// As a reply to it.
    Attach {
        /// The ticket's number, with or without Ticket#
        #[arg(value_name = "NUMBER")]
        number: String,
    },

    /// Block a sender: their mail goes into quarantine from now on
    ///
    /// As a reply to a quarantined mail (a 🚫 as a reaction on it does the same) or, for admins, with an address.
    Block {
        /// A mail address
        #[arg(value_name = "ADDRESS")]
        address: Option<String>,
    },

    /// Take mail of a blocked sender again; for admins
    Unblock {
        /// Their mail address
        #[arg(value_name = "ADDRESS")]
        address: String,
    },

    /// List what is in this queue's quarantine, newest first
    Quarantine,

    /// List this queue's unlocked tickets, oldest first; in the direct room, those of all your queues
    ///
    /// What somebody has locked is in their !mine instead.
    Queue {
        /// Say all to see locked tickets, too
        #[arg(value_name = "all", value_parser = ["all"])]
        all: Option<String>,
    },

    /// List the tickets that you have locked
    Mine,

    /// List the queues with a link to each room
    Queues,

    /// Show where a ticket is
    Zoom {
        /// Its number, with or without Ticket#
        #[arg(value_name = "NUMBER")]
        number: String,
    },

    /// Show what can be done here, or how one command is used
    Help {
        /// The command
        #[arg(value_name = "COMMAND")]
        command: Option<String>,
    },
}

/// Where a command can be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In a ticket's thread, or as a plain reply to one of its messages.
    Thread,
    /// In a queue's room, in a thread, or in the direct room with the bot.
    Anywhere,
}

impl Command {
    /// Where it can be given; a command without a place does not compile.
    #[must_use]
    pub fn place(&self) -> Place {
        match self {
            Self::Lock
            | Self::Unlock
            | Self::Owner { .. }
            | Self::Answer { .. }
            | Self::Note { .. }
            | Self::Close { .. }
            | Self::Reopen { .. }
            | Self::State { .. }
            | Self::Undo
            | Self::Customer { .. }
            | Self::Cc { .. }
            | Self::Merge { .. }
            | Self::Unmerge
            | Self::Why
            | Self::Raw
            | Self::Spam
            | Self::History => Place::Thread,
            Self::Accept
            | Self::Attach { .. }
            | Self::Block { .. }
            | Self::Unblock { .. }
            | Self::Quarantine
            | Self::Queue { .. }
            | Self::Mine
            | Self::Queues
            | Self::Zoom { .. }
            | Self::Help { .. } => Place::Anywhere,
        }
    }

    /// The verb, as it is typed.
    #[must_use]
    pub fn verb(&self) -> &'static str {
        match self {
            Self::Lock => "lock",
            Self::Unlock => "unlock",
            Self::Owner { .. } => "owner",
            Self::Answer { .. } => "answer",
            Self::Note { .. } => "note",
            Self::Close { .. } => "close",
            Self::Reopen { .. } => "reopen",
            Self::State { .. } => "state",
            Self::Undo => "undo",
            Self::History => "history",
            Self::Customer { .. } => "customer",
            Self::Cc { .. } => "cc",
            Self::Merge { .. } => "merge",
            Self::Unmerge => "unmerge",
            Self::Why => "why",
            Self::Raw => "raw",
            Self::Spam => "spam",
            Self::Accept => "accept",
            Self::Attach { .. } => "attach",
            Self::Block { .. } => "block",
            Self::Unblock { .. } => "unblock",
            Self::Quarantine => "quarantine",
            Self::Queue { .. } => "queue",
            Self::Mine => "mine",
            Self::Queues => "queues",
            Self::Zoom { .. } => "zoom",
            Self::Help { .. } => "help",
        }
    }

    /// The words that stand at the end and are kept as they were typed.
    pub(crate) fn tail_mut(&mut self) -> Option<&mut Vec<String>> {
        match self {
            Self::Answer { text, .. } | Self::Note { text } | Self::Close { text, .. } | Self::Reopen { text } => {
                Some(text)
            }
            _ => None,
        }
    }
}

/// Reads a state, or names those that it may be.
fn state(text: &str) -> Result<State, String> {
    let settable = |state: &State| !state.is_pending() && (!state.is_over() || state.is_closed());
    let all = || State::ALL.into_iter().filter(settable).collect::<Vec<_>>();
    State::parse(text).map_err(|fits| {
        let fits: Vec<State> = fits.into_iter().filter(settable).collect();
        let none = fits.is_empty() || fits.len() == all().len();
        let names = if none { all() } else { fits }.iter().map(|state| state.name()).collect::<Vec<_>>().join(", ");
        if none {
            format!("there is no state {text} that can be set; there are {names}")
        } else {
            format!("{text} may be {names}")
        }
    })
}
