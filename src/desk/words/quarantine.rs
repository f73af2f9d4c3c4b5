//! What is said of quarantined mail.

use std::fmt::Write;

use chrono::NaiveDate;

use super::{Said, defuse, escape, event_link, to_html};
use crate::desk::post::{Post, Tone};
use crate::domain::id::RoomId;
use crate::store::quarantine::{OpenEntry, QuarantineRow};

/// The root of a day's thread.
#[must_use]
pub fn day(day: NaiveDate) -> Post {
    Post::notice(format!("🗄 Quarantine of {day}: mails that became no ticket by themselves are in this thread."))
}

/// A quarantine entry. A new one is a text, since somebody has to look at it.
#[must_use]
pub fn entry(row: &QuarantineRow, has_file: bool, prefix: &str) -> Post {
    let many = if row.count == 1 { "A mail is".to_owned() } else { format!("{} mails are", row.count) };
    let where_it_is = if has_file { "The raw mail is attached" } else { "The raw mail is kept in the record" };
    let next = match &row.outcome {
        Some(outcome) => format!("→ {outcome}"),
        None => format!(
            "React with ✅: make it a ticket · 🚫: block its sender, or reply with {prefix}attach NUMBER to file it in one."
        ),
    };
    let text = defuse(&format!("🗄 {many} in quarantine: {}. {where_it_is}; nothing is lost.\n{next}", row.reason));
    let mut post = Post::text(text.clone()).with_html(to_html(&text));
    if row.is_imported {
        post.tone = Tone::Notice;
    }
    post
}

/// The entries that nobody has decided about.
#[must_use]
pub fn list(queue: &str, entries: &[OpenEntry], total: i64, room: Option<&RoomId>, server: &str) -> Said {
    if entries.is_empty() {
        return Said::plain(format!("Quarantine of {queue}: nothing"));
    }
    let mut text = format!("Quarantine of {queue}: {total}");
    let mut html = format!("Quarantine of {}: {total}<ul>", escape(queue));
    for entry in entries {
        let many = if entry.count == 1 { String::new() } else { format!(" ({} mails)", entry.count) };
        let what = defuse(&format!("{}{many}", entry.reason));
        let place = room.zip(entry.event.as_ref()).map(|(room, event)| event_link(room, event, server));
        if let Some(link) = place {
            let _ = write!(text, "\n{what}\n  {link}");
            let _ = write!(html, "<li><a href=\"{link}\">{}</a></li>", escape(&what));
        } else {
            let _ = write!(text, "\n{what}");
            let _ = write!(html, "<li>{}</li>", escape(&what));
        }
    }
    html.push_str("</ul>");
    let more = total - i64::try_from(entries.len()).unwrap_or(i64::MAX);
    if more > 0 {
        let _ = write!(text, "\n… and {more} more");
        let _ = write!(html, "… and {more} more");
    }
    Said { text, html }
}
