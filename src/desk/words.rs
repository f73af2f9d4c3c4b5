//! Every sentence that the bot says in a room, as pure functions of what it speaks of.

use std::fmt::Write;

use chrono::{DateTime, Utc};

use super::archive::written;
use super::post::{ArticleMark, Post, Speaker, TicketMark};
use crate::command::help;
use crate::command::parse::Mistake;
use crate::domain::id::{EventId, RoomId, UserId};
use crate::domain::number::shorten;
use crate::domain::queue::{Agent, Queue, Role};
use crate::domain::ticket::{Refusal, State, Ticket};
use crate::store::lists::TicketLine;
use crate::store::people::Customer;
use crate::store::tickets::HistoryLine;

/// What a mail may have at most to stand wholly on the card: characters and lines.
const CARD_CHARS: usize = 1_000;
const CARD_LINES: usize = 15;
/// What is shown of a longer one there.
const CARD_BEGINNING: usize = 300;

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

/// All that a card says.
#[derive(Clone, Debug)]
pub struct Card<'a> {
    /// The ticket.
    pub ticket: &'a Ticket,
    /// Its queue.
    pub queue: &'a Queue,
    /// Its customer.
    pub customer: &'a Customer,
    /// Its owner.
    pub owner: Option<&'a UserId>,
    /// The first article's text and HTML, if it has one.
    pub first: Option<(&'a str, Option<&'a str>)>,
    /// Whether that stands wholly on the card.
    pub is_whole: bool,
    /// When it was written, if that was long before.
    pub written_at: Option<DateTime<Utc>>,
}

/// Whether a mail fits the card.
#[must_use]
pub fn fits_card(text: &str) -> bool {
    text.chars().count() <= CARD_CHARS && text.lines().count() <= CARD_LINES
}

/// A ticket's card. The subject ends with a separator, for clients that run paragraphs together.
#[must_use]
pub fn card(card: &Card<'_>) -> Post {
    let ticket = card.ticket;
    let subject = subject_or_none(&ticket.subject);
    let (lock, lock_html) = match card.owner {
        Some(owner) => (format!("🔒 {owner}"), format!("🔒 {}", pill(owner))),
        None => ("🔓 unlocked".to_owned(), "🔓 unlocked".to_owned()),
    };
    let informed = match ticket.informed {
        Some(true) => " · customer informed: yes",
        Some(false) => " · customer informed: no",
        None => "",
    };
    let who = isolate(&person(&card.customer.name, card.customer.address.as_str()));
    let written = card.written_at.map(|at| format!(" · {}", written(at))).unwrap_or_default();
    let (first, first_html) = first_mail(card);
    let number = &ticket.number;
    let state = ticket.state.name();
    let text = format!("{} —\n#{number} · {state}{informed} · {lock}\nfrom {who}{written}{first}", isolate(&subject));
    let html = format!(
        "<strong>{}</strong> —<br>#{number} · <b>{state}</b>{informed} · {lock_html}<br>from {}{written}{first_html}",
        escape(&isolate(&subject)),
        escape(&who),
    );
    Post::text(text).with_html(html)
}

fn first_mail(card: &Card<'_>) -> (String, String) {
    let Some((text, html)) = card.first else { return Default::default() };
    let text = defuse(text.trim());
    if text.is_empty() {
        return ("\n\n(no text)".to_owned(), "<p><em>no text</em></p>".to_owned());
    }
    if card.is_whole {
        let html = html.map_or_else(|| to_html(&text), defuse);
        return (format!("\n\n{text}"), format!("<blockquote>{html}</blockquote>"));
    }
    let beginning: String = text.lines().take(4).collect::<Vec<_>>().join("\n");
    let beginning = shorten(&beginning, CARD_BEGINNING);
    let html = to_html(&beginning);
    (
        format!("\n\n{beginning}\n(the whole mail is in the thread)"),
        format!("<blockquote>{html}<br><em>the whole mail is in the thread</em></blockquote>"),
    )
}

/// What `org.ticketloom.ticket` says of a ticket.
#[must_use]
pub fn ticket_mark(card: &Card<'_>) -> TicketMark {
    TicketMark {
        number: card.ticket.number.clone(),
        queue: card.queue.name.clone(),
        subject: card.ticket.subject.clone(),
        customer: card.customer.address.to_string(),
        state: card.ticket.state.name(),
        state_type: card.ticket.state.type_name(),
        owner: card.owner.cloned(),
        priority: card.ticket.priority,
    }
}

/// A mail of the customer in the thread.
#[must_use]
pub fn customer_article(customer: &Customer, text: &str, html: Option<&str>, mark: ArticleMark) -> Post {
    let name = if customer.name.trim().is_empty() { customer.address.to_string() } else { customer.name.clone() };
    let name = isolate(&shorten(&name, 80));
    let text = defuse(text.trim());
    let (body, body_html) = if text.is_empty() {
        ("(no text)".to_owned(), "<em>no text</em>".to_owned())
    } else {
        (text.clone(), html.map_or_else(|| to_html(&text), defuse))
    };
    let mut post = Post::text(format!("{name}:\n{body}"))
        .with_html(format!("<strong data-mx-profile-fallback>{}: </strong><br>{body_html}", escape(&name)));
    post.speaker = Some(Speaker { id: format!("customer-{}", customer.id), name });
    post.article = Some(mark);
    post
}

/// A stranger's mail that claims to belong to a ticket.
#[must_use]
pub fn held_article(customer: &Customer, why: &str, text: &str, html: Option<&str>, mark: ArticleMark) -> Post {
    let mut post = customer_article(customer, text, html, mark);
    let address = customer.address.as_str();
    let warning = format!("⚠ Held, from {address}: {why}. React with ✅: joins · 🆕: new ticket · 🗑: discard");
    post.text = format!("{warning}\n\n{}", post.text);
    post.html = post.html.map(|html| format!("<p>{}</p>{html}", escape(&warning)));
    post
}

/// A delivery report in the thread.
#[must_use]
pub fn bounce_article(text: &str, mark: ArticleMark) -> Post {
    let mut post = Post::text(defuse(text)).with_html(to_html(&defuse(text)));
    post.article = Some(mark);
    post
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

/// A list of tickets: one line each, a link to its card.
#[must_use]
pub fn ticket_list(title: &str, lines: &[TicketLine], total: i64, now: DateTime<Utc>, server: &str) -> Said {
    if lines.is_empty() {
        return Said::plain(format!("{title}: none"));
    }
    let mut text = format!("{title}: {total}");
    let mut html = format!("{}: {total}<ul>", escape(title));
    for ticket in lines {
        let subject = isolate(&shorten(&subject_or_none(&ticket.subject), 60));
        let owner = ticket.owner.as_ref().map(|owner| format!(" · 🔒 {}", owner.localpart())).unwrap_or_default();
        let tail = format!("{} · {}{owner} · {}", ticket.state.name(), ticket.customer, age(ticket.since, now));
        let link = ticket.card.as_ref().map(|(room, event)| event_link(room, event, server));
        let _ = write!(text, "\n#{} {subject} · {tail}", ticket.number);
        let number = match &link {
            Some(link) => format!("<a href=\"{link}\">#{}</a>", ticket.number),
            None => format!("#{}", ticket.number),
        };
        let _ = write!(html, "<li>{number} {} · {}</li>", escape(&subject), escape(&tail));
        if let Some(link) = link {
            let _ = write!(text, "\n  {link}");
        }
    }
    html.push_str("</ul>");
    let more = total - i64::try_from(lines.len()).unwrap_or(i64::MAX);
    if more > 0 {
        let _ = write!(text, "\n… and {more} more");
        let _ = write!(html, "… and {more} more");
    }
    Said { text, html }
}

/// The queues, each with a link to its room.
#[must_use]
pub fn queue_list(queues: &[Queue], server: &str) -> Said {
    let mut text = "Queues:".to_owned();
    let mut html = "Queues:<ul>".to_owned();
    for queue in queues {
        let link = queue.room.as_ref().map(|room| room_link(room, server));
        let _ = write!(text, "\n{} · {}", queue.name, queue.address);
        let name = match &link {
            Some(link) => format!("<a href=\"{link}\">{}</a>", escape(&queue.name)),
            None => escape(&queue.name),
        };
        let _ = write!(html, "<li>{name} · {}</li>", escape(queue.address.as_str()));
        if let Some(link) = link {
            let _ = write!(text, "\n  {link}");
        }
    }
    html.push_str("</ul>");
    Said { text, html }
}

/// Where a ticket is.
#[must_use]
pub fn zoom(what: &str, place: Option<(&RoomId, &EventId)>, server: &str) -> Said {
    match place {
        Some((room, event)) => {
            let link = event_link(room, event, server);
            Said { text: format!("{what}\n{link}"), html: format!("<a href=\"{link}\">{}</a>", escape(what)) }
        }
        None => Said::plain(format!("{what} (its card is on its way)")),
    }
}

/// A ticket's history.
#[must_use]
pub fn history(number: &str, lines: &[HistoryLine]) -> Said {
    let mut text = format!("History of #{number} (times in UTC):");
    let mut html = format!("History of #{number} (times in UTC):<ul>");
    for line in lines {
        let who = line.agent.as_ref().map_or_else(|| line.actor.clone(), ToString::to_string);
        let what = match (&line.old, &line.new) {
            (Some(old), Some(new)) => format!("{} {old} → {new}", line.what),
            (None, Some(new)) => format!("{} {new}", line.what),
            (Some(old), None) => format!("{} {old}", line.what),
            (None, None) => line.what.clone(),
        };
        let entry = format!("{} {who}: {}", line.at.format("%Y-%m-%d %H:%M:%S"), shorten(&defuse(&what), 200));
        let _ = write!(text, "\n{entry}");
        let _ = write!(html, "<li>{}</li>", escape(&entry));
    }
    html.push_str("</ul>");
    Said { text, html }
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

/// Foreign text that calls nobody: `@room` is broken up, for clients and rules that still look for it.
#[must_use]
pub fn defuse(text: &str) -> String {
    text.replace("@room", "@\u{2060}room")
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

fn age(since: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let minutes = (now - since).num_minutes().max(0);
    match minutes {
        0..60 => format!("{minutes} min"),
        60..2880 => format!("{} h", minutes / 60),
        _ => format!("{} d", minutes / 1440),
    }
}

/// The states that `!state` sets.
pub const SETTABLE: [State; 4] = [State::New, State::Open, State::ClosedSuccessful, State::ClosedUnsuccessful];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_calls_nobody_and_breaks_nothing() {
        assert!(!defuse("hello @room").contains("@room"));
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
