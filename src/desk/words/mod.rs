//! What the desk says in a room by itself, as pure functions of what it speaks of. What it answers to a command is the
//! chat door's.

mod board;
mod card;
mod health;
mod history;
mod late;
mod lists;
mod mail;
pub mod need;
pub mod quarantine;
mod stats;
mod templates;
mod thread;

pub use self::board::{home_board, queue_board};
pub use self::card::{Card, card, fits_card, ticket_marker};
pub use self::health::{dead_jobs, health, retried};
pub use self::history::history;
pub use self::late::{late, lock_taken_back};
pub use self::lists::{Shows, filed_elsewhere, found, queue_list, ticket_list, zoom};
pub use self::mail::{MailArticle, mail_article, speaker};
pub use self::stats::{chart, stats};
pub use self::templates::{template, template_list};
pub use self::thread::{
    agents_article, alert, alerts_over, brings, came_from, closed_itself, given, goes_on_in, leads_to, moved_away,
    not_reached, reminder, report, solved, stays_open, taken_over, went_to,
};
use crate::domain::id::UserId;
use crate::domain::number::{Number, shorten};
pub use crate::domain::said::{Line, Said, Target};

/// Somebody asked for something where others would read it, too.
#[must_use]
pub fn not_alone(others: &[UserId]) -> Said {
    let mut line = Line::from("I don't say that here: ");
    for (n, other) in others.iter().take(MOST_NAMED).enumerate() {
        line = if n == 0 { line } else { line.text(", ") }.text(other.as_str());
    }
    let more = others.len().saturating_sub(MOST_NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let are = if others.len() == 1 { "is" } else { "are" };
    Said::nothing().line(line.text(format!(
        "{more} {are} in this room, too, or invited to it. Ask in a queue's room, or in a direct room in which we two are alone."
    )))
}

/// More mails came to a ticket than are shown. Of a mail only its writer's address is said, which is one.
#[must_use]
pub fn excess(reason: &str, number: &Number, prefix: &str) -> Said {
    Said::plain(format!(
        "⚠ What follows is not shown here: {reason}. It is kept in quarantine ({prefix}quarantine), in an entry with a \
         count; as an answer to that, {prefix}attach {number} brings it all here. This is not said again while it lasts."
    ))
}

/// How many who are in a room are named.
const MOST_NAMED: usize = 3;

/// The desk has written its share of automatic mail.
#[must_use]
pub fn withholding(most: u16, prefix: &str) -> Said {
    Said::plain(format!(
        "⚠ Automatic mail is withheld: within an hour the desk has written {most} of them, which is its share \
         (desk.automatic_an_hour). Tickets are made as always; the {prefix}history of each says if its customer was not \
         written to. Mails go out again as soon as the last hour had fewer. This is not said again while it lasts."
    ))
}

/// Foreign text that can't turn the rest of its line around: set apart (U+2068 … U+2069) if it has
/// letters that are written from right to left.
fn isolate(text: &str) -> String {
    if turns(text) { format!("\u{2068}{text}\u{2069}") } else { text.to_owned() }
}

/// Whether a text has letters that are written from right to left.
fn turns(text: &str) -> bool {
    let turns = |c: char| matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}');
    text.chars().any(turns)
}

/// A file's name as a client told it, without paths and control characters, never empty.
#[must_use]
pub fn file_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = last.chars().filter(|c| !c.is_control()).take(120).collect();
    let clean = clean.trim().trim_start_matches('.').to_owned();
    if clean.is_empty() { "file".to_owned() } else { clean }
}

fn subject_or_none(subject: &str) -> String {
    if subject.trim().is_empty() { "(no subject)".to_owned() } else { subject.to_owned() }
}

fn person(name: &str, address: &str) -> String {
    if name.trim().is_empty() { address.to_owned() } else { format!("{} <{address}>", shorten(name.trim(), 80)) }
}

/// A person's name and address beside each other: `Ines Costa · ines@customer.test`.
fn apart(name: &str, address: &str) -> String {
    let name = name.trim();
    if name.is_empty() { isolate(address) } else { format!("{} · {address}", isolate(&shorten(name, 80))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_turns_no_line_around() {
        assert!(isolate("שלום").starts_with('\u{2068}'));
        assert_eq!(isolate("hello"), "hello");
    }

    #[test]
    fn a_mail_fits_the_card_or_not() {
        assert!(fits_card(&"x".repeat(1000)));
        assert!(!fits_card(&"x".repeat(1001)));
        assert!(!fits_card(&"x\n".repeat(16)));
    }
}
