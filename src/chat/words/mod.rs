//! What the bot answers to commands, as pure functions of what came of them.

mod help;
mod refusals;
mod results;

pub(super) use self::help::{help_all, help_here, marked, no_such_command};
pub(super) use self::refusals::{edit_refused, not_allowed, redaction_refused, refusal};
pub(super) use self::results::{
    answer_changed, answer_redacted, answered, answers_go_to, blocked, file_not_kept, forwarded, found,
    held_answer_goes_to, obstacle, origin, program_said, scheduled, stopped, undone, waits_until,
};
use super::entry::Entry;
use super::mistake::{Mistake, Right};
use super::place::Place;
use super::reply::Voice;
use crate::desk::words::{Line, Said, Target};
use crate::domain::id::{EventId, RoomId};
use crate::domain::number::shorten;
use crate::domain::queue::Queue;
use crate::store::ticket_lists::TicketLine;

/// A command that is none: what to write comes with the reason, and the long form only where it is what is missing.
pub(super) fn mistake(mistake: &Mistake, voice: Voice<'_>) -> Said {
    let prefix = voice.prefix;
    let line = Line::from(format!("Not done: {}. ", mistake.what));
    Said::nothing().line(match &mistake.right {
        Right::Form(form) => line.text("This is how: ").code(form),
        Right::Perhaps { verb, form } => line
            .text("Did you mean ")
            .code(form)
            .text("? Then write it as a new message; ")
            .code(format!("{prefix}help {verb}"))
            .text(" says more."),
        Right::Unknown => line.code(format!("{prefix}help")).text(" says what there is."),
    })
}

/// A command that is given where it has no meaning, and the way to where it has one: the tickets that its writer works on,
/// or the queues' rooms.
pub(super) fn wrong_place(entry: &Entry, tickets: &[TicketLine], queues: &[Queue], voice: Voice<'_>) -> Said {
    let prefix = voice.prefix;
    let place = match entry.places.first() {
        Some(Place::Thread) | None => "a ticket's thread, or as a reply to one of its messages",
        Some(Place::Queue) => "a queue's room",
        Some(Place::Direct) => "the direct room with me",
    };
    let said = Said::plain(format!("Not done: {prefix}{} belongs into {place}.", entry.verb));
    let target = |(room, event): &(RoomId, EventId)| Target::Event(room.clone(), event.clone());
    match entry.places.first() {
        Some(Place::Queue) => {
            said.list(queues.iter().map(|queue| Line::new().link(&queue.name, queue.room.clone().map(Target::Room))))
        }
        Some(Place::Direct) => said,
        Some(Place::Thread) | None if tickets.is_empty() => {
            said.line(Line::new().code(format!("{prefix}queue")).text(" leads to tickets."))
        }
        Some(Place::Thread) | None => said.line("Yours:").list(
            tickets
                .iter()
                .map(|ticket| Line::new().link(shorten(&ticket.subject, 60), ticket.end.as_ref().map(target))),
        ),
    }
}

/// Nobody asked for a list here, or it was shown to its end.
pub(super) fn no_list_goes_on(voice: Voice<'_>) -> Said {
    let prefix = voice.prefix;
    let line =
        Line::from("Not done: you have seen no list here that goes on. ").code(format!("{prefix}queue")).text(", ");
    Said::nothing()
        .line(line.code(format!("{prefix}mine")).text(" and ").code(format!("{prefix}search WORDS")).text(" show one."))
}

/// A text in a thread of the bot's that is no ticket's.
pub(super) fn no_tickets_thread() -> Said {
    Said::plain("This is no ticket's thread, so what you wrote is not filed anywhere.")
}

/// A message that nobody here has the keys of.
pub(super) fn undecryptable() -> Said {
    Said::plain(
        "I could not read this message, and nothing was done: its keys did not reach me, or your device is not verified. \
         Please verify this device in its settings if it asks you to, and send it again.",
    )
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
