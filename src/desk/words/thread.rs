//! What is said in a ticket's thread when something becomes of the ticket.

use super::{Said, event_link, pill};
use crate::domain::id::{EventId, RoomId, UserId};
use crate::domain::number::Number;

/// Somebody has made themselves the owner.
#[must_use]
pub fn taken_over(by: &UserId) -> Said {
    Said {
        text: format!("{by} has taken this ticket over."),
        html: format!("{} has taken this ticket over.", pill(by)),
    }
}

/// Somebody has made another one the owner.
#[must_use]
pub fn given(to: &UserId, by: &UserId) -> Said {
    Said {
        text: format!("{to} now has this ticket, by {by}."),
        html: format!("{} now has this ticket, by {}.", pill(to), pill(by)),
    }
}

/// An answer was to close the ticket, which stays open.
#[must_use]
pub fn stays_open() -> Said {
    Said::plain("The answer will be sent, but the ticket stays open: the customer has written in the meantime.")
}

/// Where another ticket is, with what that has to do with this one before it.
#[must_use]
pub fn leads_to(what: &str, number: &Number, card: Option<&(RoomId, EventId)>, server: &str) -> Said {
    let name = format!("Ticket#{number}");
    match card.map(|(room, event)| event_link(room, event, server)) {
        Some(link) => {
            Said { text: format!("{what} {name}\n{link}"), html: format!("{what} <a href=\"{link}\">{name}</a>") }
        }
        None => Said::plain(format!("{what} {name}")),
    }
}
