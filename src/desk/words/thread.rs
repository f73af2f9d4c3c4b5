//! What is said in a ticket's thread when something becomes of the ticket.

use super::{Line, Said, Target, isolate, subject_or_none};
use crate::domain::article::Kind;
use crate::domain::id::{EventId, RoomId, UserId};
use crate::domain::number::Number;
use crate::domain::queue::Queue;
use crate::domain::said::MailBody;
use crate::domain::ticket::Ticket;
use crate::store::articles::ArticleRow;

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

/// The moment is there until which a ticket was pending.
#[must_use]
pub fn reminder(ticket: &Ticket) -> Said {
    Said::plain(format!("⏰ The time until which this ticket was pending is there: {}.", ticket.subject))
}

/// A ticket has closed by itself.
#[must_use]
pub fn closed_itself(ticket: &Ticket) -> Said {
    Said::plain(format!(
        "⏰ The time until which this ticket was pending is there: it is {} now. Customer informed: no.",
        ticket.state.name()
    ))
}

/// What an agent wrote, where their own message does not show it.
#[must_use]
pub fn agents_article(article: &ArticleRow, author: &UserId, queue: &Queue) -> Said {
    let what = if article.kind == Kind::Answer { "✉️ Answer by " } else { "📝 Note by " };
    let at = article.at.with_timezone(&queue.time_zone).format("%Y-%m-%d %H:%M");
    let head = Line::from(what).user(author).text(format!(", {at}"));
    Said::nothing().line(head).mail(MailBody { text: article.text.trim().to_owned(), ..MailBody::default() })
}

/// Where a ticket came from.
#[must_use]
pub fn came_from(queue: &Queue, card: Option<(RoomId, EventId)>) -> Said {
    let card = card.map(|(room, event)| Target::Event(room, event));
    Said::nothing().line(Line::from("This ticket came from ").link(&queue.name, card).text(". What was said there:"))
}

/// Where a ticket went, in the thread that it left.
#[must_use]
pub fn went_to(queue: &Queue) -> Said {
    let room = queue.room.clone().map(Target::Room);
    let line = Line::from("This ticket is in ").link(&queue.name, room);
    Said::nothing().line(line.text(" now, and its thread goes on there. The card of this one leads to it."))
}

/// The card of a ticket in a room that it has left.
#[must_use]
pub fn moved_away(ticket: &Ticket, queue: &Queue, card: Option<(RoomId, EventId)>) -> Said {
    let card = card.map(|(room, event)| Target::Event(room, event));
    Said::nothing()
        .line(Line::new().strong(isolate(&subject_or_none(&ticket.subject))).text(" —"))
        .line(Line::from(format!("#{} · moved to {} → ", ticket.number, queue.name)).link("go there", card))
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
