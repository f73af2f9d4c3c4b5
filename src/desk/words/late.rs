//! What is said of a ticket's times.

use super::{Line, Said, isolate, subject_or_none};
use crate::domain::due::{Deadline, DueTimes, Stage, Target};
use crate::domain::id::UserId;
use crate::domain::number::shorten;
use crate::domain::ticket::Ticket;
use crate::domain::wall_clock::WallClock;
use crate::domain::working_time::WorkingSpan;

/// How late it is for a ticket, a line a target.
#[must_use]
pub fn late(ticket: &Ticket, told: &[(Stage, Deadline)], clock: WallClock) -> Said {
    let subject = isolate(&shorten(&subject_or_none(&ticket.subject), 60));
    told.iter().fold(Said::nothing(), |said, (stage, deadline)| {
        let (sign, is) = match stage {
            Stage::Warned => ("⏰", "is"),
            Stage::Breached => ("🔥", "was"),
        };
        let due = clock.lasting(deadline.due);
        said.line(format!("{sign} The {} {is} due {due}: {subject}", target(deadline.target)))
    })
}

/// A lock was taken back.
#[must_use]
pub fn lock_taken_back(owner: &UserId, after: WorkingSpan) -> Said {
    let line = Line::from("🔓 ")
        .user(owner)
        .text(format!(" has done nothing to this ticket for {after} of working time, so nobody has it now."));
    Said::nothing().line(line)
}

/// What is due next, as a card says it.
pub(super) fn next_due(times: &DueTimes, clock: WallClock) -> Option<String> {
    let (next, due) = times.next()?;
    let (what, due) = (target(next), clock.lasting(due));
    Some(if times.breached_at.is_some() { format!("{what} was due {due}") } else { format!("{what} due {due}") })
}

/// What is to be done in time, in words.
pub(super) fn target(target: Target) -> &'static str {
    match target {
        Target::First => "first answer",
        Target::Update => "next answer",
        Target::Solution => "solution",
    }
}
