//! What is said in a ticket's thread when something becomes of the ticket.

use super::{Line, Said, Target};
use crate::domain::id::{EventId, RoomId, UserId};
use crate::domain::number::Number;

/// Somebody has made themselves the owner.
#[must_use]
pub fn taken_over(by: &UserId) -> Said {
    Said::nothing().line(Line::new().user(by).text(" has taken this ticket over."))
}

/// Somebody has made another one the owner.
#[must_use]
pub fn given(to: &UserId, by: &UserId) -> Said {
    Said::nothing().line(Line::new().user(to).text(" now has this ticket, by ").user(by).text("."))
}

/// An answer was to close the ticket, which stays open.
#[must_use]
pub fn stays_open() -> Said {
    Said::plain("The answer will be sent, but the ticket stays open: the customer has written in the meantime.")
}

/// Where another ticket is, with what that has to do with this one before it.
#[must_use]
pub fn leads_to(what: &str, number: &Number, card: Option<(RoomId, EventId)>) -> Said {
    let card = card.map(|(room, event)| Target::Event(room, event));
    Said::nothing().line(Line::from(format!("{what} ")).link(format!("Ticket#{number}"), card))
}
