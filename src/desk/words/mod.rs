//! Every sentence that the bot says in a room, as pure functions of what it speaks of.

mod card;
mod history;
mod lists;
pub mod quarantine;

use std::fmt::Write;

pub use self::card::{
    Card, Mailed, bounce_article, card, copied, customer_article, fits_card, held_article, response_article,
    ticket_mark, wanting,
};
pub use self::history::history;
pub use self::lists::{queue_list, ticket_list, zoom};
use crate::command::help;
use crate::command::parse::Mistake;
use crate::domain::id::{EventId, RoomId, UserId};
use crate::domain::number::shorten;
use crate::domain::queue::{Agent, Role};
use crate::domain::ticket::{Refusal, State};

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

/// A command that is none.
#[must_use]
pub fn mistake(mistake: &Mistake) -> Said {
    let what = defuse(&mistake.what);
    Said {
        text: format!("Not done: {what}. This is how: {}", mistake.form),
        html: format!("Not done: {}. This is how: <code>{}</code>", escape(&what), escape(&mistake.form)),
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

/// Why a rule of the ticket refuses, and what comes first.
#[must_use]
pub fn refusal(refusal: &Refusal, holder: Option<&UserId>, prefix: &str) -> Said {
    let holder_name = holder.map_or_else(|| "somebody else".to_owned(), ToString::to_string);
    let holder_pill = holder.map_or_else(|| "somebody else".to_owned(), pill);
    match refusal {
        Refusal::HeldBy(_) => Said {
            text: format!("Not done: {holder_name} has locked this ticket. {prefix}owner @me takes it over."),
            html: format!(
                "Not done: {holder_pill} has locked this ticket. <code>{prefix}owner @me</code> takes it over."
            ),
        },
        Refusal::NotLocked => Said::plain(format!("Not done: this ticket is not locked. {prefix}lock takes it.")),
        Refusal::Over(state) => Said::plain(format!(
            "Not done: this ticket is {}. {prefix}reopen opens and takes a closed one.",
            state.name()
        )),
        Refusal::Already(state) => Said::plain(format!("Not done: this ticket is {} already.", state.name())),
        Refusal::NotByHand(state) => Said::plain(format!(
            "Not done: {} can't be set by hand. There are new, open, closed and unsuccessful.",
            state.name()
        )),
    }
}

/// Who may not, and why not.
#[must_use]
pub fn stranger(agent: Option<&Agent>) -> Said {
    Said::plain(match agent {
        Some(agent) if agent.role == Role::Observer => {
            "Not done: you are no agent, but may read here. An admin can change that: ticketloom agent add YOUR-ID --role agent."
        }
        Some(_) => {
            "Not done: you are no agent of this queue. An admin can change that: ticketloom agent add YOUR-ID --queue NAME."
        }
        None => "Not done: you are no agent of this desk. An admin can add you: ticketloom agent add YOUR-ID.",
    })
}

/// What can be done, a line a command, or one command in detail.
#[must_use]
pub fn help(prefix: &str, verb: Option<&str>) -> Option<Said> {
    if let Some(verb) = verb {
        return help::details(prefix, verb).map(|text| Said { html: marked(&text), text });
    }
    let mut text = "Plain text in a ticket's thread is an internal note. Commands:".to_owned();
    let mut html = "Plain text in a ticket's thread is an internal note. Commands:<ul>".to_owned();
    for (form, about) in help::list(prefix) {
        let _ = write!(text, "\n{form} — {about}");
        let _ = write!(html, "<li><code>{}</code> — {}</li>", escape(&form), escape(&about));
    }
    html.push_str("</ul>");
    let _ = write!(text, "\n{prefix}help COMMAND says more");
    let _ = write!(html, "<code>{prefix}help COMMAND</code> says more");
    Some(Said { text, html })
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

/// What stands between backticks as code, and points as a list.
fn marked(text: &str) -> String {
    let mut html = String::new();
    for line in text.lines().filter(|line| !line.is_empty()) {
        let line = escape(line).split('`').enumerate().fold(String::new(), |mut line, (position, part)| {
            line.push_str(match position {
                0 => "",
                odd if odd % 2 == 1 => "<code>",
                _ => "</code>",
            });
            line + part
        });
        let _ = match line.strip_prefix("- ") {
            Some(point) => write!(html, "<li>{point}</li>"),
            None => write!(html, "<p>{line}</p>"),
        };
    }
    let end = if html.contains("<li>") { "</ul>" } else { "" };
    html.replacen("<li>", "<ul><li>", 1) + end
}

fn subject_or_none(subject: &str) -> String {
    if subject.trim().is_empty() { "(no subject)".to_owned() } else { subject.to_owned() }
}

fn person(name: &str, address: &str) -> String {
    if name.trim().is_empty() { address.to_owned() } else { format!("{} <{address}>", shorten(name.trim(), 80)) }
}

/// The states that `!state` sets.
pub const SETTABLE: [State; 4] = [State::New, State::Open, State::ClosedSuccessful, State::ClosedUnsuccessful];

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

    #[test]
    fn a_refusal_names_who_and_the_way() {
        let alice = UserId::parse("@alice:desk.test").expect("an id");
        let said = refusal(&Refusal::HeldBy(crate::domain::id::AgentId(1)), Some(&alice), "!");
        assert!(said.text.contains("@alice:desk.test") && said.text.contains("!owner @me"), "{said:?}");
    }
}
