//! Lists that fit a phone: a line each, a link to each thread.

use std::fmt::Write;

use chrono::{DateTime, Utc};

use super::{Said, escape, event_link, isolate, room_link, subject_or_none};
use crate::domain::id::{EventId, RoomId};
use crate::domain::number::shorten;
use crate::domain::queue::Queue;
use crate::store::ticket_lists::TicketLine;

/// A list of tickets: one line each, a link to its card.
#[must_use]
pub fn ticket_list(title: &str, lines: &[TicketLine], total: i64, now: DateTime<Utc>, server: &str) -> Said {
    if lines.is_empty() {
        return Said::plain(format!("{title}: none"));
    }
    let mut text = format!("{title}: {total}");
    let mut html = format!("{}: {total}<ul>", escape(title));
    for ticket in lines {
        let subject = isolate(&shorten(&subject_or_none(&ticket.subject), 60));
        let owner = ticket.owner.as_ref().map(|owner| format!(" · 🔒 {}", owner.localpart())).unwrap_or_default();
        let tail = format!("{} · {}{owner} · {}", ticket.state.name(), ticket.customer, age(ticket.since, now));
        let link = ticket.card.as_ref().map(|(room, event)| event_link(room, event, server));
        let _ = write!(text, "\n#{} {subject} · {tail}", ticket.number);
        let number = match &link {
            Some(link) => format!("<a href=\"{link}\">#{}</a>", ticket.number),
            None => format!("#{}", ticket.number),
        };
        let _ = write!(html, "<li>{number} {} · {}</li>", escape(&subject), escape(&tail));
        if let Some(link) = link {
            let _ = write!(text, "\n  {link}");
        }
    }
    html.push_str("</ul>");
    let more = total - i64::try_from(lines.len()).unwrap_or(i64::MAX);
    if more > 0 {
        let _ = write!(text, "\n… and {more} more");
        let _ = write!(html, "… and {more} more");
    }
    Said { text, html }
}

/// The queues, each with a link to its room.
#[must_use]
pub fn queue_list(queues: &[Queue], server: &str) -> Said {
    let mut text = "Queues:".to_owned();
    let mut html = "Queues:<ul>".to_owned();
    for queue in queues {
        let link = queue.room.as_ref().map(|room| room_link(room, server));
        let _ = write!(text, "\n{} · {}", queue.name, queue.address);
        let name = match &link {
            Some(link) => format!("<a href=\"{link}\">{}</a>", escape(&queue.name)),
            None => escape(&queue.name),
        };
        let _ = write!(html, "<li>{name} · {}</li>", escape(queue.address.as_str()));
        if let Some(link) = link {
            let _ = write!(text, "\n  {link}");
        }
    }
    html.push_str("</ul>");
    Said { text, html }
}

/// Where a ticket is.
#[must_use]
pub fn zoom(what: &str, place: Option<(&RoomId, &EventId)>, server: &str) -> Said {
    match place {
        Some((room, event)) => {
            let link = event_link(room, event, server);
            Said { text: format!("{what}\n{link}"), html: format!("<a href=\"{link}\">{}</a>", escape(what)) }
        }
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
