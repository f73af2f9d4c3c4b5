//! What is said of quarantined mail.

use chrono::NaiveDate;

use super::lists::and_more;
use super::{Line, Said, Target, isolate, subject_or_none};
use crate::desk::post::{Post, Tone};
use crate::domain::id::RoomId;
use crate::store::quarantine::{OpenEntry, QuarantineRow};

/// The root of a day's thread.
#[must_use]
pub fn day(day: NaiveDate) -> Post {
    Post::notice(Said::plain(format!(
        "🗄 Quarantine of {day}: mails that became no ticket by themselves are in this thread."
    )))
}

/// A quarantine entry. A new one is a text, since somebody has to look at it.
#[must_use]
pub fn entry(row: &QuarantineRow, has_file: bool, prefix: &str) -> Post {
    let many = if row.count == 1 { "A mail is".to_owned() } else { format!("{} mails are", row.count) };
    let what = if row.is_header { "Its header" } else { "The raw mail" };
    let where_it_is = if has_file { "is attached" } else { "is kept in the record" };
    let who = about(row.sender.as_deref(), &row.subject);
    let next = match outcome(row) {
        Some(outcome) => format!("→ {outcome}"),
        None => format!(
            "React with ✅: make it a ticket · 🚫: block its sender, or reply with {prefix}attach NUMBER to file it in one."
        ),
    };
    let mut post = Post::text(Said::plain(format!(
        "🗄 {many} in quarantine: {}.\n{who}\n{what} {where_it_is}; nothing is lost.\n{next}",
        row.reason
    )));
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

/// Who a mail is from and what it is about, as it says.
fn about(sender: Option<&str>, subject: &str) -> String {
    format!("from {} — {}", isolate(sender.unwrap_or("nobody")), isolate(&subject_or_none(subject)))
}

/// The entries that nobody has decided about.
#[must_use]
pub fn list(queue: &str, entries: &[OpenEntry], total: i64, room: Option<&RoomId>) -> Said {
    if entries.is_empty() {
        return Said::plain(format!("Quarantine of {queue}: nothing"));
    }
    let points = entries.iter().map(|entry| {
        let many = if entry.count == 1 { String::new() } else { format!(" ({} mails)", entry.count) };
        let what = format!("{}{many}: {}", about(entry.sender.as_deref(), &entry.subject), entry.reason);
        let place = room.zip(entry.event.as_ref()).map(|(room, event)| Target::Event(room.clone(), event.clone()));
        Line::new().link(what, place)
    });
    let said = Said::plain(format!("Quarantine of {queue}: {total}")).list(points);
    and_more(said, entries.len(), total)
}
