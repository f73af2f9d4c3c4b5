//! A ticket's card, and what stands below it.

use chrono::{DateTime, Utc};

use super::{defuse, escape, isolate, person, pill, subject_or_none, to_html};
use crate::desk::archive::written;
use crate::desk::post::{ArticleMark, Post, Speaker, TicketMark};
use crate::domain::id::{EmailAddress, UserId};
use crate::domain::number::{Number, shorten};
use crate::domain::queue::Queue;
use crate::domain::response::Response;
use crate::domain::ticket::Ticket;
use crate::store::customers::Customer;

/// What a mail may have at most to stand wholly on the card: characters and lines.
const CARD_CHARS: usize = 1_000;
const CARD_LINES: usize = 15;
/// What is shown of a longer one there.
const CARD_BEGINNING: usize = 300;

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
    /// Who else its first mail went to.
    pub copies: Option<&'a str>,
    /// The ticket that it is part of.
    pub merged_into: Option<&'a Number>,
    /// Where its first mail wants the answer, if not at the customer.
    pub wanted: Option<&'a EmailAddress>,
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
    let (wanted, wanted_html) = card.wanted.map(|wanted| wanted_at(wanted, card.customer)).unwrap_or_default();
    let also = card.copies.map(also_to).unwrap_or_default();
    let also_html = to_html(&also);
    let number = &ticket.number;
    let state = match card.merged_into {
        Some(into) => format!("{} into #{into}", ticket.state.name()),
        None => ticket.state.name().to_owned(),
    };
    let text = format!(
        "{} —\n#{number} · {state}{informed} · {lock}\nfrom {who}{written}{also}{wanted}{first}",
        isolate(&subject)
    );
    let html = format!(
        "<strong>{}</strong> —<br>#{number} · <b>{state}</b>{informed} · {lock_html}<br>from {}{written}{also_html}{wanted_html}{first_html}",
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

/// That a mail wants its answer elsewhere, as a line of its own. The answer goes where it always goes until an
/// agent agrees, since anybody can write anything there (R40).
fn wanted_at(wanted: &EmailAddress, customer: &Customer) -> (String, String) {
    let line = defuse(&format!(
        "↪ Asks for answers to {wanted} (Reply-To); they go to {}. React with ✅ to send them there",
        customer.address
    ));
    (format!("\n{line}"), format!("<br>{}", escape(&line)))
}

/// Who else got a mail, as a line of its own.
fn also_to(copies: &str) -> String {
    format!("\nalso to {}", isolate(copies))
}

/// That above a mail in the thread.
#[must_use]
pub fn copied(mut post: Post, copies: &str) -> Post {
    let line = also_to(copies).trim_start().to_owned();
    post.text = format!("{line}\n{}", post.text);
    post.html = post.html.map(|below| format!("<em>{}</em><br>{below}", escape(&line)));
    post
}

/// Where a mail wants its answer, above it in the thread.
#[must_use]
pub fn wanting(mut post: Post, wanted: &EmailAddress, customer: &Customer) -> Post {
    let (line, html) = wanted_at(wanted, customer);
    post.text = format!("{}\n\n{}", line.trim_start(), post.text);
    post.html = post.html.map(|below| format!("<p>{}</p>{below}", html.trim_start_matches("<br>")));
    post
}

/// What a mail in the thread says.
#[derive(Clone, Copy, Debug)]
pub struct Mailed<'a> {
    /// Its subject, if it is another one than the ticket's.
    pub subject: Option<&'a str>,
    /// Its text.
    pub text: &'a str,
    /// The same as HTML.
    pub html: Option<&'a str>,
}

impl<'a> Mailed<'a> {
    /// A mail in a ticket: its subject is shown if it changed, since that may be all that it says.
    #[must_use]
    pub fn new(ticket: &Ticket, subject: Option<&'a str>, text: &'a str, html: Option<&'a str>) -> Self {
        let subject = subject.filter(|subject| !same_subject(subject, &ticket.subject));
        Self { subject, text, html }
    }

    /// Its text and HTML, with its subject above them.
    fn body(&self) -> (String, String) {
        let text = defuse(self.text.trim());
        let subject = self.subject.map(|subject| isolate(&format!("Subject: {}", shorten(subject, 200))));
        let html = self.html.map_or_else(|| to_html(&text), defuse);
        match (subject, text.is_empty()) {
            (None, true) => ("(no text)".to_owned(), "<em>no text</em>".to_owned()),
            (None, false) => (text, html),
            (Some(subject), true) => (subject.clone(), format!("<strong>{}</strong>", escape(&subject))),
            (Some(subject), false) => {
                (format!("{subject}\n{text}"), format!("<strong>{}</strong><br>{html}", escape(&subject)))
            }
        }
    }
}

/// Whether two subjects are one, whatever lists write before it in brackets, and however it was cut.
fn same_subject(one: &str, other: &str) -> bool {
    let bare = |subject: &str| {
        let mut rest = subject.trim();
        while let Some((_, after)) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            rest = after.trim_start();
        }
        rest.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect::<String>()
    };
    let (one, other) = (bare(one), bare(other));
    one.is_empty() || one == other
}

/// A mail of the customer in the thread.
#[must_use]
pub fn customer_article(customer: &Customer, mailed: &Mailed<'_>, mark: ArticleMark) -> Post {
    let name = shown_name(customer);
    let (body, body_html) = mailed.body();
    let mut post = Post::text(format!("{name}:\n{body}"))
        .with_html(format!("<strong data-mx-profile-fallback>{}: </strong><br>{body_html}", escape(&name)));
    post.speaker = Some(Speaker { id: format!("customer-{}", customer.id), name });
    post.article = Some(mark);
    post
}

fn shown_name(customer: &Customer) -> String {
    let name = if customer.name.trim().is_empty() { customer.address.as_str() } else { &customer.name };
    isolate(&shorten(name, 80))
}

/// A mail that only answers another one, told apart from what the customer says. It notifies nobody.
#[must_use]
pub fn response_article(customer: &Customer, what: Response, mailed: &Mailed<'_>, mark: ArticleMark) -> Post {
    let what = match what {
        Response::Absence => "💤 Absence note",
        Response::Automatic => "🤖 Automatic reply",
        Response::Receipt => "👁 Read receipt",
        Response::Accepted => "📅 Invitation accepted",
        Response::Declined => "📅 Invitation declined",
        Response::Tentative => "📅 Invitation answered with perhaps (tentative)",
        Response::Delegated => "📅 Invitation passed on (delegated)",
        Response::Counter => "📅 Another time is proposed",
    };
    let line = format!("{what} · {}", shown_name(customer));
    let (body, body_html) = Mailed { subject: None, ..*mailed }.body();
    let html = format!("<strong>{}</strong><blockquote>{body_html}</blockquote>", escape(&line));
    let mut post = Post::notice(format!("{line}\n{body}")).with_html(html);
    post.article = Some(mark);
    post
}

/// A stranger's mail that claims to belong to a ticket.
#[must_use]
pub fn held_article(customer: &Customer, why: &str, mailed: &Mailed<'_>, mark: ArticleMark) -> Post {
    let mut post = customer_article(customer, mailed, mark);
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
