//! The chat door: what agents write in rooms.
//!
//! An [event](event) comes in at the [`door`]: a message, an edit, a reaction, or a redaction. A message that begins with
//! the prefix is read by the grammar into a command, of which each is a file in `commands`; a command calls a use-case of
//! [`desk::conversation`](crate::desk::conversation), and what comes of that is a mark on the message and, where there
//! is something to say, a notice.

mod arguments;
mod commands;
mod definition;
pub mod door;
mod edits;
mod entry;
pub mod event;
pub mod example;
mod grammar;
mod help;
mod messages;
mod mistake;
mod perform;
mod place;
mod reactions;
pub mod reference;
mod reply;
mod request;
pub mod scheduled;
pub mod subcommand;
pub mod waiting;
mod words;

use crate::desk::conversation::refusal::Refusal;

/// Why something is not done, for whoever asks outside of chat.
#[must_use]
pub fn refused(refusal: &Refusal) -> String {
    words::refusal(refusal, "", reply::Voice { prefix: "!" }).words()
}
