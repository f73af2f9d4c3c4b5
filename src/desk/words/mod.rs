//! What the desk says in a room by itself, as pure functions of what it speaks of. What it answers to a command is the
//! chat door's.

mod card;
mod history;
mod lists;
pub mod quarantine;
mod thread;

pub use self::card::{Card, MailArticle, card, fits_card, mail_article, speaker, ticket_marker};
pub use self::history::history;
pub use self::lists::{filed_elsewhere, queue_list, ticket_list, zoom};
pub use self::thread::{
    agents_article, came_from, closed_itself, given, leads_to, moved_away, reminder, stays_open, taken_over, went_to,
};
use crate::domain::number::shorten;
pub use crate::domain::said::{Line, Said, Target};

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
    let turns = |c: char| matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}');
    if text.chars().any(turns) { format!("\u{2068}{text}\u{2069}") } else { text.to_owned() }
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
