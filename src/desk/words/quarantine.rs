//! What is said of quarantined mail.

use chrono::NaiveDate;

use super::lists::{and_next, no_lines, page_of};
use super::{Line, Said, Target, isolate, subject_or_none};
use crate::desk::conversation::lists::List;
use crate::desk::post::{Post, Tone};
use crate::domain::id::RoomId;
use crate::domain::number::shorten;
use crate::store::quarantine::{OpenEntry, QuarantineRow};

/// Makes a ticket of a mail. No ✅: with the bot's own on it, it would read as done.
pub const ACCEPT: &str = "🎫";
/// Blocks its sender.
pub const BLOCK: &str = "🚫";
/// Leaves it where it is: somebody has seen it.
pub const DROP: &str = "🗑";
/// What the bot offers on an entry.
pub const OFFERS: &[&str] = &[ACCEPT, BLOCK, DROP];

/// The root of a day's thread: what can be done with the entries is said here once, and not on each.
#[must_use]
pub fn day(day: NaiveDate, prefix: &str) -> Post {
    let said =
        Said::plain(format!("🗄 Quarantine of {day}: mails that became no ticket by themselves are in this thread."));
    let line = Line::from(format!(
        "On each: {ACCEPT} makes it a ticket · {BLOCK} blocks its sender · {DROP} leaves it, as seen · a reply "
    ));
    let line = line.code(format!("{prefix}attach NUMBER"));
    Post::notice(
        said.line(
            line.text(format!(" files it in one. {DROP} here leaves all that is undecided. Nothing is ever lost.")),
        ),
    )
}

/// A quarantine entry. A new one is a text, since somebody has to look at it.
#[must_use]
pub fn entry(row: &QuarantineRow, has_file: bool) -> Post {
    let many = if row.count == 1 { String::new() } else { format!(" · {} mails", row.count) };
    let sender = isolate(row.sender.as_deref().unwrap_or("nobody"));
    let what = if row.is_header { "its header" } else { "the raw mail" };
    let kept = if has_file { String::new() } else { format!(" ({what} is kept in the record)") };
    let said = Said::nothing()
        .line(Line::from("🗄 ").strong(isolate(&subject_or_none(&row.subject))).text(many))
        .line(format!("{sender} · {}{kept}", row.reason));
    let said = match outcome(row) {
        Some(outcome) => said.line(format!("→ {outcome}")),
        None => said,
    };
    let mut post = Post::text(said);
    if row.is_imported {
        post.tone = Tone::Notice;
    }
    post
}

/// What became of an entry: the tickets that its mails are in, or what an agent decided; `None`: nothing yet.
#[must_use]
pub fn outcome(row: &QuarantineRow) -> Option<String> {
    if row.tickets.is_empty() {
        return row.outcome.clone();
    }
    let names: Vec<_> = row.tickets.iter().map(|number| format!("Ticket#{number}")).collect();
    Some(format!("now in {}", names.join(", ")))
}

/// The entries that nobody has decided about.
#[must_use]
pub fn list(queue: &str, list: &List<OpenEntry>, room: Option<&RoomId>, next: &str) -> Said {
    if list.lines.is_empty() {
        return no_lines(&format!("Quarantine of {queue}"), list);
    }
    let points = list.lines.iter().map(|entry| {
        let many = if entry.count == 1 { String::new() } else { format!(" · {} mails", entry.count) };
        let place = room.zip(entry.event.as_ref()).map(|(room, event)| Target::Event(room.clone(), event.clone()));
        let subject = isolate(&shorten(&subject_or_none(&entry.subject), 60));
        let sender = isolate(entry.sender.as_deref().unwrap_or("nobody"));
        Line::new().link(subject, place).text(format!(" · {sender}{many} · {}", shorten(&entry.reason, 80)))
    });
    let said = Said::plain(format!("Quarantine of {queue} · {}{}", list.total, page_of(list))).list(points);
    and_next(said, list, next)
}
