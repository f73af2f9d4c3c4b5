//! Lists that fit a phone: a line each, a link to each thread.

use super::need::{Need, Signs};
use super::{Line, Said, Target, isolate, subject_or_none};
use crate::desk::conversation::lists::List;
use crate::domain::id::EmailAddress;
use crate::domain::number::shorten;
use crate::domain::queue::Queue;
use crate::domain::search::Question;
use crate::domain::ticket::Ticket;
use crate::domain::wall_clock::WallClock;
use crate::store::searches::Found;
use crate::store::ticket_lists::TicketLine;

/// How many characters are shown before and behind a hit.
const AROUND: usize = 40;

/// A list of tickets: a line each, that leads into its thread. `title` is whose they are, such as `support · unlocked`;
/// what it says of all of them, no line says again. `next` is what is typed for the next page: the prefix, and what
/// stands behind it.
#[must_use]
pub fn ticket_list(title: &str, list: &List<TicketLine>, shows: Shows, next: (&str, &str), clock: WallClock) -> Said {
    let List { lines, total, .. } = list;
    if lines.is_empty() {
        return no_lines(title, list);
    }
    let waits = lines.iter().filter(|line| line.customer_waits).map(|line| line.since).min();
    let waits = waits.map(|since| format!(" · the longest waits since {}", clock.told(since))).unwrap_or_default();
    let said = Said::plain(format!("{title} · {total}{}{waits}", page_of(list)));
    and_next(said.list(lines.iter().map(|ticket| ticket_line(ticket, shows, &clock.told(ticket.since)))), list, next)
}

/// A list without lines: there is nothing, or no such page.
pub(super) fn no_lines<T>(title: &str, list: &List<T>) -> Said {
    if list.is_behind {
        return Said::plain(format!("{title} · nothing follows any more"));
    }
    if list.page > 1 {
        return Said::plain(format!("{title} · there is no page {}: {} is the last", list.page, list.pages()));
    }
    Said::plain(format!("{title} · none"))
}

/// Which page it is, if there are several.
pub(super) fn page_of<T>(list: &List<T>) -> String {
    if list.pages() > 1 { format!(" · page {} of {}", list.page, list.pages()) } else { String::new() }
}

/// How many there are on later pages, and how one gets there.
pub(super) fn and_next<T>(said: Said, list: &List<T>, (prefix, next): (&str, &str)) -> Said {
    if !list.goes_on {
        return said;
    }
    let on = format!("{prefix}more");
    said.line(match list.more() {
        Some(more) => Line::from(format!("… and {more} more: ")).code(on).text(" or ").code(format!("{prefix}{next}")),
        None => Line::from("… and more: ").code(on),
    })
}

/// What the lines of a list tell besides what a ticket is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shows {
    /// Who has it locked.
    pub owner: bool,
    /// Its queue.
    pub queue: bool,
    /// Its number, as the link; else its subject is.
    pub number: bool,
}

/// `📨 Printer on fire · Carol Jones · 19:13`: what it needs first, since a phone shows little more. The number is on the
/// card, where the link leads.
pub(super) fn ticket_line(ticket: &TicketLine, shows: Shows, since: &str) -> Line {
    let signs = Signs {
        state: ticket.state,
        is_holding: ticket.is_holding,
        has_failed: ticket.has_failed,
        customer_waits: ticket.customer_waits,
        is_overdue: ticket.is_overdue,
    };
    let name = ticket.customer_name.trim();
    let who = if name.is_empty() { ticket.customer.as_str() } else { name };
    let queue = if shows.queue { format!(" · {}", ticket.queue) } else { String::new() };
    let owner = ticket.owner.as_ref().filter(|_| shows.owner).map(|owner| format!(" · 🔒 {}", owner.localpart()));
    let holds = if ticket.is_holding { " · held mail" } else { "" };
    let failed = if ticket.has_failed { " · answer NOT delivered" } else { "" };
    let subject = isolate(&shorten(&subject_or_none(&ticket.subject), 60));
    let urgent = if ticket.place.priority > NORMAL { "‼️ " } else { "" };
    let line = Line::from(format!("{} {urgent}", Need::of(signs).sign()));
    let line = if shows.number { line.text(subject) } else { line.link(subject, end(ticket)) };
    let line = line.text(format!(
        " · {}{queue}{}{holds}{failed} · {}",
        isolate(&shorten(who, 40)),
        owner.unwrap_or_default(),
        since
    ));
    if shows.number { line.text(" · ").link(ticket.number.as_str(), end(ticket)) } else { line }
}

/// The priority that nothing is said of.
const NORMAL: i16 = 3;

/// Where a ticket's thread ends.
pub(super) fn end(ticket: &TicketLine) -> Option<Target> {
    ticket.end.as_ref().map(|(room, event)| Target::Event(room.clone(), event.clone()))
}

/// What was found: a line each, and below it the words around the hit.
#[must_use]
pub fn found(found: &Found, (page, pages): (i64, i64), clock: WallClock) -> Said {
    if found.lines.is_empty() {
        return Said::plain(if page > 1 { "There is no such page." } else { "Nothing was found." });
    }
    let over = if found.is_more { "over " } else { "" };
    let title = if pages > 1 { format!(", page {page} of {pages}") } else { String::new() };
    let lines = found.lines.iter().map(|(ticket, text)| {
        let line = ticket_line(ticket, Shows { owner: true, queue: true, number: false }, &clock.told(ticket.since));
        match text.as_deref().and_then(|text| snippet(text, &found.question)) {
            Some([before, hit, after]) => line.text(format!("\n{before}")).strong(hit).text(after),
            None => line,
        }
    });
    Said::plain(format!("Found: {over}{}{title}", found.total)).list(lines)
}

/// The words around the first hit in a text: before it, itself, and behind it. No word is cut.
fn snippet(text: &str, question: &Question) -> Option<[String; 3]> {
    let (start, end) = question.hit(text)?;
    let (before, after) = (one_line(&text[..start]), one_line(&text[end..]));
    let gap = |there: bool| if there { " " } else { "" };
    let before_gap = gap(text[..start].ends_with(char::is_whitespace));
    let after_gap = gap(text[end..].starts_with(char::is_whitespace));
    Some([
        format!("{}{before_gap}", isolate(&end_of(&before))),
        text[start..end].to_owned(),
        format!("{after_gap}{}", isolate(&beginning_of(&after))),
    ])
}

fn one_line(part: &str) -> String {
    part.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// How a text ends, from where a word begins; a word that is longer than all that is shown is cut.
fn end_of(text: &str) -> String {
    let Some((cut, _)) = text.char_indices().rev().nth(AROUND - 1).filter(|(cut, _)| *cut > 0) else {
        return text.to_owned();
    };
    let is_between = text[..cut].ends_with(' ');
    let shown =
        if is_between { &text[cut..] } else { text[cut..].split_once(' ').map_or(&text[cut..], |(_, rest)| rest) };
    format!("… {shown}")
}

/// How a text begins, to where a word ends.
fn beginning_of(text: &str) -> String {
    let Some((cut, _)) = text.char_indices().nth(AROUND) else { return text.to_owned() };
    let is_between = text[cut..].starts_with(' ');
    let shown =
        if is_between { &text[..cut] } else { text[..cut].rsplit_once(' ').map_or(&text[..cut], |(words, _)| words) };
    format!("{shown} …")
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
pub fn filed_elsewhere(from: &EmailAddress, ticket: &Ticket, queue: &Queue, end: Option<Target>) -> Said {
    let subject = isolate(&shorten(&subject_or_none(&ticket.subject), 60));
    let line = Line::from(format!("A mail of {from} to this queue is in ")).link(format!("#{}", ticket.number), end);
    Said::nothing().line(line.text(format!(" {subject} · {}", queue.name)))
}

/// Where a ticket is.
#[must_use]
pub fn zoom(what: &str, end: Option<Target>) -> Said {
    match end {
        Some(end) => Said::nothing().line(Line::new().link(what, Some(end))),
        None => Said::plain(format!("{what} (its card is on its way)")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_is_cut_between_words() {
        for (text, end, beginning) in [
            ("as it is", "as it is", "as it is"),
            (
                "the quick brown fox jumps over the lazy dog and sleeps",
                "… fox jumps over the lazy dog and sleeps",
                "the quick brown fox jumps over the lazy …",
            ),
            (
                "0123456789 123456789 123456789 123456789 12",
                "… 123456789 123456789 123456789 12",
                "0123456789 123456789 123456789 123456789 …",
            ),
            (&"x".repeat(50), &format!("… {}", "x".repeat(40)), &format!("{} …", "x".repeat(40))),
        ] {
            assert_eq!((end_of(text).as_str(), beginning_of(text).as_str()), (end, beginning), "{text}");
        }
    }
}
