//! A mail in its ticket's thread.

use super::card::{also_to, wanted_at, written};
use super::{Line, Said, isolate, person};
use crate::desk::post::Speaker;
use crate::domain::id::EmailAddress;
use crate::domain::number::shorten;
use crate::domain::response::Response;
use crate::domain::said::MailBody;
use crate::domain::ticket::Ticket;
use crate::domain::wall_clock::WallClock;
use crate::store::customers::Customer;
use chrono::{DateTime, Utc};

/// A mail in the thread, with what is to be known of it.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "what there is to say of it, each by itself")]
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
    /// Whether it was written on the ticket's page.
    pub is_by_page: bool,
    /// Whether it answers what was forwarded: it is internal, and must never pass for the customer's.
    pub answers_forward: bool,
    /// Of a stranger's that claims to belong to the ticket and waits for a decision: why it was not let in.
    pub held: Option<&'a str>,
    /// Whether an agent decided that it is no part of the ticket.
    pub is_discarded: bool,
    /// When it was written, if that was long before.
    pub written_at: Option<DateTime<Utc>>,
    /// By whose clock it tells that.
    pub clock: WallClock,
    /// Who else it went to.
    pub copies: Option<&'a str>,
    /// Where it wants its answer, if not at the customer.
    pub wanted: Option<&'a EmailAddress>,
}

/// A mail in the thread: what it is and whose, what agents have to know or to decide, then its words behind a quote bar,
/// where nothing of the desk's own ever stands.
#[must_use]
pub fn mail_article(mail: &MailArticle<'_>) -> Said {
    let mut said = match (mail.held, mail.response) {
        (Some(why), _) => held(mail.customer, why),
        (None, Some(response)) => Said::nothing().line(response_line(response, mail)),
        (None, None) if mail.answers_forward => answer_to_forward(mail.customer),
        (None, None) => {
            let way = if mail.is_by_page { " by the web page" } else { "" };
            Said::nothing().line(Line::new().speaker(format!("📨 {} wrote{way}", writer(mail.ticket, mail.customer))))
        }
    };
    if mail.is_new {
        said = said.line(format!(
            "⚠ {} is new here: has a mail of this ticket, but takes no part in it. React with ✅ to let them take part",
            mail.customer.address
        ));
    }
    if let Some(wanted) = mail.wanted {
        said = said.line(wanted_at(wanted, mail.customer));
    }
    let notes = [
        mail.is_discarded.then(|| "(not part of this ticket)".to_owned()),
        mail.written_at.map(|at| written(at, mail.clock)),
        mail.copies.map(also_to),
    ];
    said = notes.into_iter().flatten().fold(said, |said, note| said.line(Line::new().emphasis(note)));
    let subject = mail.subject.filter(|subject| !same_subject(subject, &mail.ticket.subject));
    let subject = subject.filter(|_| mail.response.is_none());
    let words = subject.map_or_else(Said::nothing, |subject| {
        Said::nothing().line(Line::new().strong(isolate(&format!("Subject: {}", shorten(subject, 200)))))
    });
    if subject.is_some() && mail.body.text.is_empty() {
        return said.quote(words);
    }
    said.quote(with_body(words, &mail.body))
}

/// A stranger's mail that waits for a decision: it must never pass for the customer's.
fn held(stranger: &Customer, why: &str) -> Said {
    let who = person(&stranger.name, stranger.address.as_str());
    Said::nothing()
        .line(Line::from("⛔ ").strong("Not from this customer").text(format!(" · {}", isolate(&who))))
        .line(Line::new().emphasis(format!("{why}.")))
        .line("📥 let in · 🆕 own ticket · 🗑 drop")
}

/// What somebody answered who was asked about the ticket.
fn answer_to_forward(writer: &Customer) -> Said {
    let who = person(&writer.name, writer.address.as_str());
    Said::nothing()
        .line(Line::from("↩️ ").strong("Answer to what was forwarded").text(format!(" · {}", isolate(&who))))
        .line(Line::new().emphasis("Internal: the customer does not see it."))
}

/// A mail's words, or that it has none.
pub(super) fn with_body(said: Said, body: &MailBody) -> Said {
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
