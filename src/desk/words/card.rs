//! A ticket's card.

use chrono::{DateTime, Utc};

use super::late::next_due;
use super::mail::with_body;
use super::need::{Need, Signs};
use super::{Line, Said, Target, apart, isolate, subject_or_none, turns};
use crate::desk::post::TicketMarker;
use crate::domain::id::{EmailAddress, UserId};
use crate::domain::number::{Number, shorten};
use crate::domain::queue::Queue;
use crate::domain::said::MailBody;
use crate::domain::ticket::Ticket;
use crate::domain::wall_clock::WallClock;
use crate::store::customers::Customer;
use crate::store::exchange::Exchange;
use crate::store::letters::LetterState;

/// What a mail may have at most to stand wholly on the card: characters and lines.
const CARD_CHARS: usize = 1_000;
const CARD_LINES: usize = 15;
/// What is shown of a longer one there.
const CARD_BEGINNING: usize = 300;
/// Turns no line around and is nothing to see: clients take a message's direction from its first letter, and this is one
/// that is written from left to right.
const LEFT_TO_RIGHT: &str = "\u{200e}";

/// All that a card says.
#[derive(Clone, Debug)]
pub struct Card<'a> {
    /// The ticket.
    pub ticket: &'a Ticket,
    /// Its queue.
    pub queue: &'a Queue,
    /// By whose clock it tells times.
    pub clock: WallClock,
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
    /// Of a ticket of alerts: how many of them fire.
    pub alerts: Option<i64>,
    /// Who else its first mail went to.
    pub copies: Option<&'a str>,
    /// Whether a held mail waits in its thread for a decision.
    pub is_holding: bool,
    /// The answer that goes out next at a moment: whose, when, and whether it was stopped.
    pub scheduled: Option<(UserId, DateTime<Utc>, bool)>,
    /// The ticket that it is part of, and where that one is.
    pub merged_into: Option<(Number, Option<Target>)>,
    /// Where its first mail wants the answer, if not at the customer.
    pub wanted: Option<&'a EmailAddress>,
    /// What was said last.
    pub exchange: &'a Exchange,
}

impl Card<'_> {
    /// Until when it waits, by its queue's clock.
    fn pending_until(&self) -> Option<String> {
        self.ticket.pending_until.map(|until| self.clock.lasting(until))
    }

    fn need(&self) -> Need {
        Need::of(Signs {
            state: self.ticket.state,
            is_holding: self.is_holding,
            has_failed: !self.exchange.failed().is_empty(),
            customer_waits: self.exchange.customer_waits(),
            is_overdue: self.ticket.due.breached_at.is_some(),
        })
    }
}

/// Whether a mail fits the card.
#[must_use]
pub fn fits_card(text: &str) -> bool {
    text.chars().count() <= CARD_CHARS && text.lines().count() <= CARD_LINES
}

/// A ticket's card: what it needs and what it is about, who it is for, how it stands, what was said last, and its first
/// mail behind a quote bar. What comes first is all that a list of threads and a notification show of it, so the number
/// stands last. The subject ends with a separator, for clients that run lines together. One that is over is a line, with
/// all the rest folded away.
#[must_use]
pub fn card(card: &Card<'_>) -> Said {
    let need = card.need();
    if need.is_over() {
        return Said::nothing().folded(over(card, need), below(card, Said::nothing().line(person_line(card))));
    }
    let said = Said::nothing().line(title(card, need).text(" —")).line(person_line(card)).line(state_line(card));
    below(card, said)
}

/// `🆕 Password reset`
fn title(card: &Card<'_>, need: Need) -> Line {
    let subject = subject_or_none(&card.ticket.subject);
    let direction = if turns(&subject) || turns(&card.customer.name) { LEFT_TO_RIGHT } else { "" };
    Line::from(format!("{direction}{} ", need.sign())).strong(isolate(&subject))
}

/// `✅ Password reset — closed successful, customer told · #NUMBER`
fn over(card: &Card<'_>, need: Need) -> Line {
    let ticket = card.ticket;
    let line = title(card, need).text(" — ");
    let line = match &card.merged_into {
        Some((into, place)) => {
            line.text(format!("{} into ", ticket.state.name())).link(format!("#{into}"), place.clone())
        }
        None => line.text(ticket.state.name()),
    };
    line.text(informed(card)).text(format!(" · #{}", ticket.number))
}

/// `Ines Costa · ines@customer.test`
fn person_line(card: &Card<'_>) -> String {
    if card.alerts.is_some() && card.customer.address.is_nobodys() {
        return format!("{} · no customer", isolate(&card.customer.name));
    }
    let written = card.written_at.map(|at| format!(" · {}", written(at, card.clock))).unwrap_or_default();
    let to = if card.is_ours { "to " } else { "" };
    format!("{to}{}{written}", apart(&card.customer.name, card.customer.address.as_str()))
}

/// `open · 🔒 @alice:desk.test · #NUMBER`
fn state_line(card: &Card<'_>) -> Line {
    let ticket = card.ticket;
    let until = card.pending_until().map(|until| format!(" until {until}")).unwrap_or_default();
    let line = Line::new().strong(format!("{}{until}", ticket.state.name())).text(informed(card));
    let line = match card.owner {
        Some(owner) => line.text(" · 🔒 ").user(owner),
        None if ticket.state.is_over() => line,
        None => line.text(" · nobody's"),
    };
    line.text(format!(" · #{}", ticket.number))
}

/// Of a ticket that is closed, whether its customer knows, if it has one.
fn informed(card: &Card<'_>) -> &'static str {
    match card.ticket.informed {
        _ if card.customer.address.is_nobodys() => "",
        Some(true) => ", customer told",
        Some(false) => ", customer not told",
        None => "",
    }
}

/// What was said last, what somebody has to decide, and the first mail.
fn below(card: &Card<'_>, said: Said) -> Said {
    let lines = [
        found_by(card.ticket).map(Line::from),
        last_said(card.exchange, card.clock).map(Line::from),
        card.alerts.map(|firing| Line::from(fire(firing))),
        card.scheduled.as_ref().map(|scheduled| goes_out(scheduled, card.clock)),
        next_due(&card.ticket.due, card.clock).map(Line::from),
        card.is_holding.then(|| Line::from("⛔ held mail in the thread: let it in, or not")),
        card.copies.map(|copies| Line::from(also_to(copies))),
        card.wanted.map(|wanted| wanted_at(wanted, card.customer)),
    ];
    let said = lines.into_iter().flatten().fold(said, Said::line);
    match &card.first {
        Some(first) if !card.is_ours => said.quote(first_mail(first, card.is_whole)),
        _ => said,
    }
}

/// What was said last: that an answer did not arrive, before all; else who wrote, when, and to whom. Of the first mail
/// there is nothing to say, since it stands below.
fn last_said(exchange: &Exchange, clock: WallClock) -> Option<String> {
    let failed = exchange.failed();
    if !failed.is_empty() {
        return Some(format!("answer NOT delivered to {}", failed.join(", ")));
    }
    let last = exchange.last.as_ref()?;
    if last.is_customer {
        return (!last.is_first).then(|| format!("customer wrote last, {}", clock.lasting(last.at)));
    }
    let sent: Vec<_> = exchange.answer.iter().filter(|mail| mail.state == LetterState::Sent).collect();
    let newest = sent.iter().filter_map(|mail| mail.at).max()?;
    let others = if sent.len() > 1 { format!(" and {} more", sent.len() - 1) } else { String::new() };
    Some(format!("answered {} to {}{others}", clock.lasting(newest), sent[0].to))
}

/// Of a ticket of alerts, whether they still fire.
fn fire(firing: i64) -> String {
    if firing > 0 { format!("🔥 {firing} firing") } else { "✅ nothing fires any more".to_owned() }
}

/// An answer that waits for its moment, or for a word of who wrote it.
fn goes_out((writer, at, is_stopped): &(UserId, DateTime<Utc>, bool), clock: WallClock) -> Line {
    let at = clock.lasting(*at);
    if *is_stopped {
        return Line::from("⏸ an answer of ")
            .user(writer)
            .text(format!(" was to go out {at}, and waits for their word"));
    }
    Line::from(format!("⏳ an answer goes out {at}, by ")).user(writer)
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
        due: card.ticket.due,
    }
}

/// That a mail wants its answer elsewhere, as a line of its own. The answer goes where it always goes until an
/// agent agrees, since anybody can write anything there (R40).
pub(super) fn wanted_at(wanted: &EmailAddress, customer: &Customer) -> Line {
    Line::from(format!(
        "↪ Asks for answers to {wanted} (Reply-To); they go to {}. React with ✅ to send them there",
        customer.address
    ))
}

/// When an archive's mail was written, since its event is younger.
pub(super) fn written(at: DateTime<Utc>, clock: WallClock) -> String {
    format!("written {}", clock.lasting(at))
}

/// Who else got a mail, as a line of its own.
pub(super) fn also_to(copies: &str) -> String {
    format!("also to {}", isolate(copies))
}
