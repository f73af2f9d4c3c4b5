//! A ticket's card, and what stands below it.

use chrono::{DateTime, Utc};

use super::{Line, Said, isolate, person, subject_or_none};
use crate::desk::post::{Speaker, TicketMarker};
use crate::domain::id::{EmailAddress, UserId};
use crate::domain::number::{Number, shorten};
use crate::domain::queue::Queue;
use crate::domain::response::Response;
use crate::domain::said::MailBody;
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
    /// The first article's words, if it has one.
    pub first: Option<MailBody>,
    /// Whether an agent wrote it: the ticket begins with a mail of ours.
    pub is_ours: bool,
    /// Whether that stands wholly on the card.
    pub is_whole: bool,
    /// When it was written, if that was long before.
    pub written_at: Option<DateTime<Utc>>,
    /// Who else its first mail went to.
    pub copies: Option<&'a str>,
    /// Whether a held mail waits in its thread for a decision.
    pub is_holding: bool,
    /// The ticket that it is part of.
    pub merged_into: Option<&'a Number>,
    /// Where its first mail wants the answer, if not at the customer.
    pub wanted: Option<&'a EmailAddress>,
}

impl Card<'_> {
    /// Until when it waits, by its queue's clock.
    fn pending_until(&self) -> Option<String> {
        let until = self.ticket.pending_until?.with_timezone(&self.queue.time_zone);
        Some(until.format("%Y-%m-%d %H:%M").to_string())
    }
}

/// Whether a mail fits the card.
#[must_use]
pub fn fits_card(text: &str) -> bool {
    text.chars().count() <= CARD_CHARS && text.lines().count() <= CARD_LINES
}

/// A ticket's card. The subject ends with a separator, for clients that run paragraphs together.
#[must_use]
pub fn card(card: &Card<'_>) -> Said {
    let written = card.written_at.map(|at| format!(" · {}", written(at))).unwrap_or_default();
    let who = isolate(&person(&card.customer.name, card.customer.address.as_str()));
    let mut said = Said::nothing()
        .line(Line::new().strong(isolate(&subject_or_none(&card.ticket.subject))).text(" —"))
        .line(state_line(card))
        .line(format!("{} {who}{written}", if card.is_ours { "to" } else { "from" }));
    if let Some(found_by) = found_by(card.ticket) {
        said = said.line(found_by);
    }
    if card.is_holding {
        said = said.line("⚠ a held mail waits in the thread for a decision");
    }
    if let Some(copies) = card.copies {
        said = said.line(also_to(copies));
    }
    if let Some(wanted) = card.wanted {
        said = said.line(wanted_at(wanted, card.customer));
    }
    match &card.first {
        Some(first) if !card.is_ours => said.quote(first_mail(first, card.is_whole)),
        _ => said,
    }
}

/// `#NUMBER · open · 🔒 @alice:desk.test`
fn state_line(card: &Card<'_>) -> Line {
    let ticket = card.ticket;
    let state = match card.merged_into {
        Some(into) => format!("{} into #{into}", ticket.state.name()),
        None => ticket.state.name().to_owned(),
    };
    let state = card.pending_until().map_or(state.clone(), |until| format!("{state} until {until}"));
    let informed = match ticket.informed {
        Some(true) => " · customer informed: yes",
        Some(false) => " · customer informed: no",
        None => "",
    };
    let line = Line::from(format!("#{} · ", ticket.number)).strong(state).text(informed);
    match card.owner {
        Some(owner) => line.text(" · 🔒 ").user(owner),
        None => line.text(" · 🔓 unlocked"),
    }
}

/// Priority and tags, if there is something to say of them: `priority 5 · #printer #vip`.
fn found_by(ticket: &Ticket) -> Option<String> {
    let priority = (ticket.priority != 3).then(|| format!("priority {}", ticket.priority));
    let tags = ticket.tags.iter().map(|tag| format!("#{}", tag.as_str())).collect::<Vec<_>>().join(" ");
    let parts: Vec<String> = priority.into_iter().chain((!tags.is_empty()).then_some(tags)).collect();
    (!parts.is_empty()).then(|| parts.join(" · "))
}

fn first_mail(body: &MailBody, is_whole: bool) -> Said {
    if body.text.is_empty() {
        return with_body(Said::nothing(), body);
    }
    if is_whole {
        return Said::nothing().mail(body.clone());
    }
    let beginning: String = body.text.lines().take(4).collect::<Vec<_>>().join("\n");
    Said::plain(shorten(&beginning, CARD_BEGINNING)).line(Line::new().emphasis("(the whole mail is in the thread)"))
}

/// What `org.ticketloom.ticket` says of a ticket.
#[must_use]
pub fn ticket_marker(card: &Card<'_>) -> TicketMarker {
    TicketMarker {
        number: card.ticket.number.clone(),
        queue: card.queue.name.clone(),
        subject: card.ticket.subject.clone(),
        customer: card.customer.address.to_string(),
        state: card.ticket.state.name(),
        state_type: card.ticket.state.type_name(),
        owner: card.owner.cloned(),
        priority: card.ticket.priority,
        tags: card.ticket.tags.clone(),
        pending_until: card.ticket.pending_until,
    }
}

/// That a mail wants its answer elsewhere, as a line of its own. The answer goes where it always goes until an
/// agent agrees, since anybody can write anything there (R40).
fn wanted_at(wanted: &EmailAddress, customer: &Customer) -> Line {
    Line::from(format!(
        "↪ Asks for answers to {wanted} (Reply-To); they go to {}. React with ✅ to send them there",
        customer.address
    ))
}

/// When an archive's mail was written, since its event is younger.
fn written(at: DateTime<Utc>) -> String {
    format!("written {} UTC", at.format("%Y-%m-%d %H:%M"))
}

/// Who else got a mail, as a line of its own.
fn also_to(copies: &str) -> String {
    format!("also to {}", isolate(copies))
}

/// A mail in the thread, with what is to be known of it.
#[derive(Clone, Debug)]
pub struct MailArticle<'a> {
    /// Its ticket.
    pub ticket: &'a Ticket,
    /// Who wrote it.
    pub customer: &'a Customer,
    /// Its subject, which is shown if it changed, since that may be all that it says.
    pub subject: Option<&'a str>,
    /// Its words.
    pub body: MailBody,
    /// What it answers by itself, if it only does that: then it is told apart from what the customer says.
    pub response: Option<Response>,
    /// Whether its writer has a mail of the ticket and takes no part in it.
    pub is_new: bool,
    /// Of a stranger's that claims to belong to the ticket and waits for a decision: why it was not let in.
    pub held: Option<&'a str>,
    /// Whether an agent decided that it is no part of the ticket.
    pub is_discarded: bool,
    /// When it was written, if that was long before.
    pub written_at: Option<DateTime<Utc>>,
    /// Who else it went to.
    pub copies: Option<&'a str>,
    /// Where it wants its answer, if not at the customer.
    pub wanted: Option<&'a EmailAddress>,
}

/// A mail in the thread: what agents have to know or to decide first, then whose words follow, then these.
#[must_use]
pub fn mail_article(mail: &MailArticle<'_>) -> Said {
    let mut said = Said::nothing();
    if let Some(why) = mail.held {
        let from = &mail.customer.address;
        said =
            said.paragraph(format!("⚠ Held, from {from}: {why}. React with ✅: joins · 🆕: new ticket · 🗑: discard"));
    }
    if mail.is_new {
        said = said.paragraph(format!(
            "⚠ {} is new here: has a mail of this ticket, but takes no part in it. React with ✅ to let them take part",
            mail.customer.address
        ));
    }
    if let Some(wanted) = mail.wanted {
        said = said.paragraph(wanted_at(wanted, mail.customer));
    }
    let above = [
        mail.is_discarded.then(|| "(not part of this ticket)".to_owned()),
        mail.written_at.map(written),
        mail.copies.map(also_to),
    ];
    let mut lines = above.into_iter().flatten().map(|line| Line::new().emphasis(line)).collect::<Vec<_>>();
    match mail.response {
        Some(response) => lines.push(response_line(response, mail)),
        None => lines.push(Line::new().speaker(writer(mail.ticket, mail.customer))),
    }
    let subject = mail.subject.filter(|subject| !same_subject(subject, &mail.ticket.subject));
    let subject = subject.filter(|_| mail.response.is_none());
    lines.extend(subject.map(|subject| Line::new().strong(isolate(&format!("Subject: {}", shorten(subject, 200))))));
    let mut lines = lines.into_iter();
    said = lines.next().into_iter().fold(said, Said::paragraph);
    said = lines.fold(said, Said::line);
    match mail.response {
        Some(_) => said.quote(with_body(Said::nothing(), &mail.body)),
        None if subject.is_some() && mail.body.text.is_empty() => said,
        None => with_body(said, &mail.body),
    }
}

fn with_body(said: Said, body: &MailBody) -> Said {
    if body.text.is_empty() { said.line(Line::new().emphasis("(no text)")) } else { said.mail(body.clone()) }
}

/// What a mail is that only answers another one, and whose.
fn response_line(response: Response, mail: &MailArticle<'_>) -> Line {
    let what = match response {
        Response::Absence => "💤 Absence note",
        Response::Automatic => "🤖 Automatic reply",
        Response::Receipt => "👁 Read receipt",
        Response::Accepted => "📅 Invitation accepted",
        Response::Declined => "📅 Invitation declined",
        Response::Tentative => "📅 Invitation answered with perhaps (tentative)",
        Response::Delegated => "📅 Invitation passed on (delegated)",
        Response::Counter => "📅 Another time is proposed",
    };
    Line::new().strong(format!("{what} · {}", writer(mail.ticket, mail.customer)))
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

/// Who wrote a mail as the speaker of a message in a ticket's thread.
#[must_use]
pub fn speaker(ticket: &Ticket, customer: &Customer) -> Speaker {
    Speaker { id: format!("customer-{}", customer.id), name: writer(ticket, customer) }
}

/// Who wrote a mail in a ticket's thread. Everybody calls themselves what they like, the customer's name or address
/// included: so a name stands alone only if it is the ticket's customer's and looks like no address.
fn writer(ticket: &Ticket, customer: &Customer) -> String {
    let (name, address) = (customer.name.trim(), customer.address.as_str());
    if name.is_empty() || name.to_lowercase() == customer.address.key() {
        isolate(address)
    } else if ticket.customer == customer.id && !looks_like_address(name) {
        isolate(&shorten(name, 80))
    } else {
        format!("{} <{address}>", isolate(&shorten(name, 80)))
    }
}

/// Whether a name may be taken for an address: by an @, or what passes for one, in it.
fn looks_like_address(name: &str) -> bool {
    let name = name.to_lowercase();
    name.contains(['@', '＠', '﹫']) || ["(at)", "[at]", "{at}"].iter().any(|at| name.contains(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passes_for_an_address_is_one() {
        for name in ["carol@customer.test", "Carol (carol＠customer.test)", "carol(AT)customer.test", "c﹫x"] {
            assert!(looks_like_address(name), "{name}");
        }
        for name in ["Carol Jones", "Carol at Customer Ltd", "O'Neill, A."] {
            assert!(!looks_like_address(name), "{name}");
        }
    }
}
