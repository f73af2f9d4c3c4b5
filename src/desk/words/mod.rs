//! What the desk says in a room by itself, as pure functions of what it speaks of. What it answers to a command is the
//! chat door's.

mod card;
mod history;
mod lists;
pub mod quarantine;
mod thread;

pub use self::card::{
    Card, Mailed, bounce_article, card, copied, customer_article, fits_card, held_article, response_article,
    ticket_mark, wanting,
};
pub use self::history::history;
pub use self::lists::{queue_list, ticket_list, zoom};
pub use self::thread::{given, leads_to, stays_open, taken_over};
use crate::domain::id::{EventId, RoomId, UserId};
use crate::domain::number::shorten;

/// Text and its HTML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Plain text.
    pub text: String,
    /// The same as safe HTML.
    pub html: String,
}

impl Said {
    /// Plain words, without anything that needs HTML.
    #[must_use]
    pub fn plain(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { html: to_html(&text), text }
    }
}

/// The desk has written its share of automatic mail.
#[must_use]
pub fn withholding(most: u16, prefix: &str) -> Said {
    Said::plain(format!(
        "⚠ Automatic mail is withheld: within an hour the desk has written {most} of them, which is its share \
         (desk.automatic_an_hour). Tickets are made as always; the {prefix}history of each says if its customer was not \
         written to. Mails go out again as soon as the last hour had fewer. This is not said again while it lasts."
    ))
}

/// An agent's Matrix id as a pill.
#[must_use]
pub fn pill(user: &UserId) -> String {
    format!("<a href=\"https://matrix.to/#/{}\">{}</a>", escape(user.as_str()), escape(user.localpart()))
}

/// A link to an event. Rooms of version 12 have no server in their id, so it names one.
#[must_use]
pub fn event_link(room: &RoomId, event: &EventId, server: &str) -> String {
    format!("https://matrix.to/#/{room}/{event}?via={server}")
}

/// A link to a room.
#[must_use]
pub fn room_link(room: &RoomId, server: &str) -> String {
    format!("https://matrix.to/#/{room}?via={server}")
}

/// Text as HTML: escaped, lines kept.
#[must_use]
pub fn to_html(text: &str) -> String {
    escape(text).replace('\n', "<br>")
}

/// Text that can stand in HTML.
#[must_use]
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Foreign text that calls nobody: `@room` is broken up, for clients and rules that still look for it, and so are
/// links to Matrix, of which clients make mentions.
#[must_use]
pub fn defuse(text: &str) -> String {
    let text = text.replace("@room", "@\u{2060}room");
    ["matrix.to", "matrix:u/", "matrix:r"].iter().fold(text, |text, link| broken(&text, link, 6).unwrap_or(text))
}

/// Breaks words that are ASCII, however they are capitalised, before their byte `at`. `None` if the text has none.
fn broken(text: &str, word: &str, at: usize) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let mut found = lower.match_indices(word).map(|(start, _)| start + at).peekable();
    found.peek()?;
    let mut out = String::with_capacity(text.len() + 3);
    let mut from = 0;
    for to in found {
        out.push_str(&text[from..to]);
        out.push('\u{2060}');
        from = to;
    }
    out.push_str(&text[from..]);
    Some(out)
}

/// Foreign text that can't turn the rest of its line around: set apart (U+2068 … U+2069) if it has
/// letters that are written from right to left.
fn isolate(text: &str) -> String {
    let turns = |c: char| matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}');
    let text = defuse(text);
    if text.chars().any(turns) { format!("\u{2068}{text}\u{2069}") } else { text }
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
    fn foreign_text_calls_nobody_and_breaks_nothing() {
        assert!(!defuse("hello @room").contains("@room"));
        for link in [
            "https://matrix.to/#/@a:b",
            "HTTPS://Matrix.To/#/%40a:b",
            "matrix:u/a:b",
            "matrix:r/x:b",
            "matrix:roomid/x:b",
        ] {
            let text = defuse(&format!("see ({link}) and {link}"));
            assert!(!text.to_lowercase().contains("matrix.to") && !text.to_lowercase().contains("matrix:"), "{text}");
            assert_eq!(text.replace('\u{2060}', ""), format!("see ({link}) and {link}"), "it can still be read");
        }
        assert_eq!(defuse("Matrix: a film, matrix.tournament"), "Matrix: a film, matrix\u{2060}.tournament");
        assert_eq!(escape("<b>&\"</b>"), "&lt;b&gt;&amp;&quot;&lt;/b&gt;");
        assert_eq!(to_html("a\nb"), "a<br>b");
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
