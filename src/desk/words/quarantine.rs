//! What is said of quarantined mail.

use chrono::NaiveDate;

use super::lists::{and_next, no_lines, page_of};
use super::{Line, Said, Target, isolate, subject_or_none};
use crate::desk::conversation::lists::List;
use crate::desk::post::Post;
use crate::domain::id::RoomId;
use crate::domain::number::shorten;
use crate::domain::quarantined::QuarantineKind;
use crate::store::quarantine::{OpenEntry, QuarantineRow};

/// Makes a ticket of a mail. No ✅: with the bot's own on it, it would read as done.
pub const ACCEPT: &str = "🎫";
/// Blocks its sender.
pub const BLOCK: &str = "🚫";
/// Leaves it where it is: somebody has seen it.
pub const DROP: &str = "🗑";
/// What the bot offers on an entry.
pub const OFFERS: &[&str] = &[ACCEPT, BLOCK, DROP];

/// What it offers on the first message of a day.
pub const OFFERS_A_DAY: &[&str] = &[DROP];

/// What lists call a kind.
fn named(kind: QuarantineKind) -> &'static str {
    match kind {
        QuarantineKind::Other => "to look at",
        QuarantineKind::Excess => "too many",
        QuarantineKind::Report => "delivery reports",
        QuarantineKind::Automatic => "automatic",
        QuarantineKind::Spam => "spam",
        QuarantineKind::Blocked => "blocked",
    }
}

/// `4 automatic · 2 spam`
fn counted(kinds: &[(QuarantineKind, i64)]) -> String {
    kinds.iter().map(|(kind, count)| format!("{count} {}", named(*kind))).collect::<Vec<_>>().join(" · ")
}

/// The root of a day's thread: what of it nobody has decided about, and what can be done with the entries, which is said here
/// once, and not on each.
#[must_use]
pub fn day(day: NaiveDate, undecided: &[(QuarantineKind, i64)], prefix: &str) -> Post {
    let open = if undecided.is_empty() { "all decided".to_owned() } else { counted(undecided) };
    let said = Said::plain(format!("🗄 Quarantine of {day} · {open}"))
        .line("Mails that became no ticket by themselves are in this thread.");
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

/// A quarantine entry: of its mail who wrote it, what about, and how it begins, and why it is here. It is a notice, since
/// its raw mail stands behind it, and clients count any file as unread: so an entry counts once.
#[must_use]
pub fn entry(row: &QuarantineRow) -> Post {
    let many = if row.count == 1 { String::new() } else { format!(" · {} mails", row.count) };
    let sender = isolate(row.sender.as_deref().unwrap_or("nobody"));
    let said = Said::nothing()
        .line(Line::from("🗄 ").strong(isolate(&subject_or_none(&row.subject))).text(format!(" · {sender}{many}")));
    let said = match row.beginning.as_deref().unwrap_or_default() {
        "" => said,
        beginning => said.quote(Said::plain(isolate(beginning))),
    };
    let said = said.line(row.reason.clone());
    let said = match outcome(row) {
        Some(outcome) => said.line(format!("→ {outcome}")),
        None => said,
    };
    Post::notice(said)
}

/// That the homeserver does not take the raw mail behind an entry.
#[must_use]
pub fn kept(row: &QuarantineRow) -> Said {
    let what = if row.is_header { "Its header" } else { "The raw mail" };
    Said::plain(format!("{what} ({} bytes) is kept in the record: the homeserver does not take it.", row.size))
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

/// The entries that nobody has decided about, those of a kind together.
#[must_use]
pub fn list(
    queue: &str,
    (list, kinds): (&List<OpenEntry>, &[(QuarantineKind, i64)]),
    room: Option<&RoomId>,
    next: (&str, &str),
) -> Said {
    if list.lines.is_empty() {
        return no_lines(&format!("Quarantine of {queue}"), list);
    }
    let point = |entry: &OpenEntry| {
        let many = if entry.count == 1 { String::new() } else { format!(" · {} mails", entry.count) };
        let place = room.zip(entry.event.as_ref()).map(|(room, event)| Target::Event(room.clone(), event.clone()));
        let subject = isolate(&shorten(&subject_or_none(&entry.subject), 60));
        let sender = isolate(entry.sender.as_deref().unwrap_or("nobody"));
        Line::new().link(subject, place).text(format!(" · {sender}{many} · {}", shorten(&entry.reason, 80)))
    };
    let mut said = Said::plain(format!("Quarantine of {queue} · {}{}", counted(kinds), page_of(list)));
    for kind in QuarantineKind::ALL {
        let of_it: Vec<Line> = list.lines.iter().filter(|entry| entry.kind == kind).map(point).collect();
        if of_it.is_empty() {
            continue;
        }
        // Where all are of one kind, the title says so.
        said = if kinds.len() > 1 { said.paragraph(Line::new().strong(named(kind))) } else { said };
        said = said.list(of_it);
    }
    and_next(said, list, next)
}
