//! What is said in a ticket's thread when something becomes of the ticket.

use super::{Line, Said, Target, isolate, subject_or_none};
use crate::domain::article::Kind;
use crate::domain::id::{EmailAddress, EventId, RoomId, UserId};
use crate::domain::number::{Number, shorten};
use crate::domain::queue::Queue;
use crate::domain::said::MailBody;
use crate::domain::ticket::Ticket;
use crate::domain::wall_clock::WallClock;
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

/// The customer has closed a ticket on its page.
#[must_use]
pub fn solved() -> Said {
    Said::plain("✅ The customer says on the web page that it is solved: the ticket is closed.")
}

/// What monitoring says of its alerts, behind a quote bar as all that comes from outside.
#[must_use]
pub fn alert(text: &str) -> Said {
    let (head, rest) = text.trim().split_once('\n').unwrap_or((text.trim(), ""));
    let said = Said::nothing().line(Line::from("🔔 ").strong(isolate(head)));
    let rest = rest.trim();
    if rest.is_empty() {
        return said;
    }
    said.quote(Said::nothing().mail(MailBody { text: rest.to_owned(), ..MailBody::default() }))
}

/// A ticket of alerts is closed, since none of them fires any more.
#[must_use]
pub fn alerts_over() -> Said {
    Said::plain("✅ Nothing of this fires any more: the ticket is closed, as its queue wants it (alerts_close).")
}

/// What an agent wrote, where their own message does not show it.
#[must_use]
pub fn agents_article(article: &ArticleRow, author: &UserId, clock: WallClock) -> Said {
    let what = match article.kind {
        Kind::Answer => "✉️ Answer by ",
        Kind::Forward => "↪️ Forwarded by ",
        _ => "📝 Note by ",
    };
    let at = clock.lasting(article.at);
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

/// Where a queue's work goes on, in the room that it had before.
#[must_use]
pub fn goes_on_in(room: &RoomId) -> Said {
    let line = Line::from("This queue has ").link("a new room", Some(Target::Room(room.clone())));
    Said::nothing().line(line.text(", in which all of its tickets are shown anew. Nothing new appears here."))
}

/// The card of a ticket in a room that it has left.
#[must_use]
pub fn moved_away(ticket: &Ticket, queue: &Queue, card: Option<(RoomId, EventId)>) -> Said {
    let card = card.map(|(room, event)| Target::Event(room, event));
    Said::nothing()
        .line(Line::new().strong(isolate(&subject_or_none(&ticket.subject))).text(" —"))
        .line(Line::from(format!("#{} · moved to {} → ", ticket.number, queue.name)).link("go there", card))
}

/// An answer, or what was forwarded, did not reach somebody: why, as far as a server said, and what to do.
#[must_use]
pub fn not_reached((to, is_forward): (&EmailAddress, bool), why: &str, prefix: &str) -> Said {
    let why = shorten(why.trim(), 300);
    let why = if why.is_empty() { String::new() } else { format!(": {why}") };
    if is_forward {
        let line = Line::from(format!("❌ What you forwarded did not reach {to}{why}. "));
        return Said::nothing().line(line.code(format!("{prefix}forward ADDRESS")).text(" sends it elsewhere."));
    }
    let line =
        Line::from(format!("❌ Your answer did not reach {to}{why}. ")).code(format!("{prefix}customer ADDRESS"));
    let line = line.text(" sets another address; then ").code(format!("{prefix}answer")).text(" again.");
    Said::nothing().line(line)
}

/// What a mail server reported about a mail of ours: a line, with its reasons folded away, since what is to be done about
/// it is said by itself.
#[must_use]
pub fn report(text: &str) -> Said {
    match text.split_once('\n') {
        Some((what, why)) => Said::nothing().folded(what, Said::plain(why)),
        None => Said::plain(text),
    }
}

/// An answer was to close the ticket, which stays open.
#[must_use]
pub fn stays_open() -> Said {
    Said::plain("The answer will be sent, but the ticket stays open: the customer has written in the meantime.")
}

/// Another ticket is part of this one, and what its customers wrote there: short words as they are, longer ones folded.
#[must_use]
pub fn brings(number: &Number, subject: &str, end: Option<(RoomId, EventId)>, written: &[(String, String)]) -> Said {
    let end = end.map(|(room, event)| Target::Event(room, event));
    let subject = isolate(&shorten(&subject_or_none(subject), 60));
    let line = Line::from("➡️ Part of this ticket now, with all mail that comes to it: ")
        .link(format!("Ticket#{number}"), end);
    let said = Said::nothing().line(line.text(format!(" · {subject}")));
    written.iter().fold(said, |said, (who, text)| {
        let who = format!("📨 {} wrote", isolate(&shorten(who, 80)));
        let body = MailBody { text: shorten(text.trim(), BROUGHT), ..MailBody::default() };
        let quoted = Said::nothing().quote(Said::nothing().mail(body));
        if text.lines().count() > FEW_LINES || text.chars().count() > FEW_CHARS {
            said.folded(who, quoted)
        } else {
            said.paragraph(who)
                .quote(Said::nothing().mail(MailBody { text: text.trim().to_owned(), ..MailBody::default() }))
        }
    })
}

/// How much of a mail is brought along, and how much of one stands open.
const BROUGHT: usize = 3_000;
const FEW_CHARS: usize = 400;
const FEW_LINES: usize = 6;

/// Where another ticket is, with what that has to do with this one before it.
#[must_use]
pub fn leads_to(what: &str, number: &Number, end: Option<(RoomId, EventId)>) -> Said {
    let end = end.map(|(room, event)| Target::Event(room, event));
    Said::nothing().line(Line::from(format!("{what} ")).link(format!("Ticket#{number}"), end))
}
