//! What the bot answers to commands, as pure functions of what came of them.

mod help;
mod refusals;
mod results;

pub(super) use self::help::{help_all, help_here, marked, no_such_command};
pub(super) use self::refusals::{edit_refused, not_allowed, redaction_refused, refusal};
pub(super) use self::results::{
    answer_changed, answer_redacted, answered, answers_go_to, blocked, file_not_kept, found, held_answer_goes_to,
    origin, undone,
};
use super::entry::Entry;
use super::mistake::Mistake;
use super::place::Place;
use super::reply::Voice;
use crate::desk::words::{Line, Said};

/// A command that is none.
pub(super) fn mistake(mistake: &Mistake) -> Said {
    let line = Line::from(format!("Not done: {}. This is how: ", mistake.what));
    Said::nothing().line(line.code(&mistake.form))
}

/// A command that is given where it has no meaning.
pub(super) fn wrong_place(entry: &Entry, voice: Voice<'_>) -> Said {
    let place = match entry.places.first() {
        Some(Place::Thread) | None => "a ticket's thread, or as a reply to one of its messages",
        Some(Place::Queue) => "a queue's room",
        Some(Place::Direct) => "the direct room with me",
    };
    Said::plain(format!("Not done: {}{} belongs into {place}.", voice.prefix, entry.verb))
}

/// A message that nobody here has the keys of.
pub(super) fn undecryptable() -> Said {
    Said::plain("I could not read this message: its keys did not reach me. Nothing was done. Please send it again.")
}

/// An edit that looks like a command.
pub(super) fn edits_are_no_commands() -> Said {
    Said::plain("Nothing was done: edits are no commands. Please write it again as a message of its own.")
}

/// An answer was edited so that it is none any more.
pub(super) fn edit_is_no_answer(voice: Voice<'_>) -> Said {
    Said::plain(format!(
        "Nothing was changed: an edited answer must still be one. {}undo stops it while it is held.",
        voice.prefix
    ))
}
