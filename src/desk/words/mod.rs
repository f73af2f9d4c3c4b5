//! Every sentence that the bot says in a room, as pure functions of what it speaks of.

mod card;
mod history;
mod lists;
pub mod quarantine;

pub use self::card::{Card, MailArticle, card, fits_card, mail_article, speaker, ticket_marker};
pub use self::history::history;
pub use self::lists::{queue_list, ticket_list, zoom};
use crate::command::help;
use crate::command::parse::Mistake;
use crate::domain::id::UserId;
use crate::domain::number::shorten;
use crate::domain::queue::{Agent, Role};
pub use crate::domain::said::{Line, Said, Target};
use crate::domain::ticket::{Refusal, State};

/// A command that is none.
#[must_use]
pub fn mistake(mistake: &Mistake) -> Said {
    let line = Line::from(format!("Not done: {}. This is how: ", mistake.what));
    Said::nothing().line(line.code(&mistake.form))
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
    match refusal {
        Refusal::HeldBy(_) => {
            let line = Line::from("Not done: ");
            let line = match holder {
                Some(holder) => line.user(holder),
                None => line.text("somebody else"),
            };
            let line = line.text(" has locked this ticket. ").code(format!("{prefix}owner @me"));
            Said::nothing().line(line.text(" takes it over."))
        }
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
        return help::details(prefix, verb).map(|text| marked(&text));
    }
    let points = help::list(prefix).into_iter().map(|(form, about)| Line::new().code(form).text(format!(" — {about}")));
    let said = Said::plain("Plain text in a ticket's thread is an internal note. Commands:").list(points);
    Some(said.line(Line::new().code(format!("{prefix}help COMMAND")).text(" says more")))
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

/// What stands between backticks as code, and points as a list.
fn marked(text: &str) -> Said {
    let mut said = Said::nothing();
    let mut points = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty()) {
        match line.strip_prefix("- ") {
            Some(point) => points.push(code_between_backticks(point)),
            None => said = said.paragraph(code_between_backticks(line)),
        }
    }
    if points.is_empty() { said } else { said.list(points) }
}

fn code_between_backticks(text: &str) -> Line {
    text.split('`')
        .enumerate()
        .filter(|(_, part)| !part.is_empty())
        .fold(Line::new(), |line, (position, part)| if position % 2 == 1 { line.code(part) } else { line.text(part) })
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

    #[test]
    fn a_refusal_names_who_and_the_way() {
        let alice = UserId::parse("@alice:desk.test").expect("an id");
        let said = refusal(&Refusal::HeldBy(crate::domain::id::AgentId(1)), Some(&alice), "!");
        let line = Line::from("Not done: ").user(&alice).text(" has locked this ticket. ").code("!owner @me");
        assert_eq!(said, Said::nothing().line(line.text(" takes it over.")));
    }

    #[test]
    fn help_s_marks_are_code_and_points() {
        let said = marked("`!note TEXT`\n\nA note.\n\n- `TEXT`: the note");
        let points = [Line::new().code("TEXT").text(": the note")];
        assert_eq!(said, Said::nothing().paragraph(Line::new().code("!note TEXT")).paragraph("A note.").list(points));
    }
}
