//! How the desk is, for admins.

use super::{Line, Said};
use crate::domain::number::shorten;
use crate::store::jobs::{DeadJob, Health};

/// How many jobs are listed.
const MOST: usize = 20;

/// What was given up, oldest first.
#[must_use]
pub fn dead_jobs(jobs: &[DeadJob]) -> Said {
    if jobs.is_empty() {
        return Said::plain("No job was given up.");
    }
    let lines = jobs.iter().take(MOST).map(|job| {
        let why = shorten(job.error.as_deref().unwrap_or("nobody knows why"), 200);
        Line::from(format!("{} · {} {} · {} times · {why}", job.id, job.kind, job.payload, job.attempts))
    });
    let said = Said::plain(format!("Given up: {}", jobs.len())).list(lines);
    let more = jobs.len().saturating_sub(MOST);
    if more > 0 { said.line(format!("… and {more} more: ticketloom jobs lists them")) } else { said }
}

/// A job is tried again, or there is none.
#[must_use]
pub fn retried(id: i64, is_there: bool) -> Said {
    Said::plain(if is_there { format!("Job {id} will be tried again.") } else { format!("No job {id} was given up.") })
}

/// What waits and since when, and what needs a look.
#[must_use]
pub fn health(health: &Health) -> Said {
    let classes = health.classes.iter().map(|class| {
        let late =
            if class.late_seconds > 0 { format!(", the oldest since {} s", class.late_seconds) } else { String::new() };
        Line::from(format!("{}: {} due{late}", class.name, class.due))
    });
    Said::plain("What is to be done now:").list(classes).line(format!(
        "Given up: {} · mails whose fate nobody knows: {} · mails that are tried again: {} · undecided in quarantine: {}",
        health.dead, health.unknown_letters, health.retried_letters, health.quarantined
    ))
}
