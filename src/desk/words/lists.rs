//! Lists that fit a phone: a line each, a link to each thread.

use chrono::{DateTime, Utc};

use super::{Line, Said, Target, isolate, subject_or_none};
use crate::domain::id::EmailAddress;
use crate::domain::number::shorten;
use crate::domain::queue::Queue;
use crate::domain::ticket::Ticket;
use crate::store::ticket_lists::TicketLine;

/// A list of tickets: one line each, a link to its card.
#[must_use]
pub fn ticket_list(title: &str, lines: &[TicketLine], total: i64, now: DateTime<Utc>) -> Said {
    if lines.is_empty() {
        return Said::plain(format!("{title}: none"));
    }
    let said = Said::plain(format!("{title}: {total}")).list(lines.iter().map(|ticket| ticket_line(ticket, now)));
    and_more(said, lines.len(), total)
}

fn ticket_line(ticket: &TicketLine, now: DateTime<Utc>) -> Line {
    let subject = isolate(&shorten(&subject_or_none(&ticket.subject), 60));
    let owner = ticket.owner.as_ref().map(|owner| format!(" · 🔒 {}", owner.localpart())).unwrap_or_default();
    let holds = if ticket.is_holding { " · ⚠ held mail" } else { "" };
    let tail = format!("{}{holds} · {}{owner} · {}", ticket.state.name(), ticket.customer, age(ticket.since, now));
    let card = ticket.card.as_ref().map(|(room, event)| Target::Event(room.clone(), event.clone()));
    Line::new().link(format!("#{}", ticket.number), card).text(format!(" {subject} · {tail}"))
}

/// How many there are besides those that are listed.
pub(super) fn and_more(said: Said, listed: usize, total: i64) -> Said {
    let more = total - i64::try_from(listed).unwrap_or(i64::MAX);
    if more > 0 { said.line(format!("… and {more} more")) } else { said }
}

/// The queues, each with a link to its room.
#[must_use]
pub fn queue_list(queues: &[Queue]) -> Said {
    Said::plain("Queues:").list(queues.iter().map(|queue| {
        let room = queue.room.clone().map(Target::Room);
        Line::new().link(&queue.name, room).text(format!(" · {}", queue.address))
    }))
}

/// That a mail to this room's queue is in another queue's ticket.
#[must_use]
pub fn filed_elsewhere(from: &EmailAddress, ticket: &Ticket, queue: &Queue, card: Option<Target>) -> Said {
    let subject = isolate(&shorten(&subject_or_none(&ticket.subject), 60));
    let line = Line::from(format!("A mail of {from} to this queue is in ")).link(format!("#{}", ticket.number), card);
    Said::nothing().line(line.text(format!(" {subject} · {}", queue.name)))
}

/// Where a ticket is.
#[must_use]
pub fn zoom(what: &str, card: Option<Target>) -> Said {
    match card {
        Some(card) => Said::nothing().line(Line::new().link(what, Some(card))),
        None => Said::plain(format!("{what} (its card is on its way)")),
    }
}

fn age(since: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let minutes = (now - since).num_minutes().max(0);
    match minutes {
        0..60 => format!("{minutes} min"),
        60..2880 => format!("{} h", minutes / 60),
        _ => format!("{} d", minutes / 1440),
    }
}
