//! A report about a mail of ours came in.

use super::incoming::{Bounce, IncomingMail, Nature, Verdict};
use super::quarantine::A_MINUTE;
use crate::desk::{Desk, mark, put_mark, record, say, words};
use crate::domain::article::{Kind, Sender, Visibility};
use crate::domain::id::{LetterId, MessageId, TicketId, UserId};
use crate::domain::number::shorten;
use crate::domain::response::Response;
use crate::domain::ticket::{Action, Actor, AnswerEffect, State, Ticket, TicketEvent};
use crate::domain::token::Purpose;
use crate::store::articles::{Body, NewArticle, Origin};
use crate::store::jobs;
use crate::store::letters::LetterRow;
use crate::store::mails::{MailFate, StoredMail};
use crate::store::{Result, Tx};

impl Desk {
    /// Takes a mail as a report about the letter whose signed address it came to, if it is one; whether it was. Servers
    /// write to the envelope's address of a letter, some to the one that answers go to. To the former nobody else has a
    /// reason to write, so there a server's mail is a report even if it does not look like one.
    pub(in crate::desk) async fn report(
        &self,
        tx: &mut Tx,
        stored: &StoredMail,
        mail: &IncomingMail,
        (purpose, letter): (Purpose, LetterId),
    ) -> Result<bool> {
        let unclear = match &mail.nature {
            Nature::Bounce(bounce) => {
                self.bounced(tx, stored, mail, bounce, letter).await?;
                return Ok(true);
            }
            _ if purpose != Purpose::Bounce || !is_from_server(stored, mail) => return Ok(false),
            // What answers from the address itself shows that the mail arrived there.
            Nature::Response { what: Response::Automatic, .. } => {
                let to = tx.letters().lock(letter).await?.sealed.to;
                mail.from.as_ref().is_none_or(|from| from.address.key() != to.key())
            }
            Nature::Response { .. } => false,
            _ => true,
        };
        if unclear {
            let words = clean_beginning(&mail.fresh.text, &mail.subject);
            let bounce = Bounce { verdict: Verdict::Unclear, diagnostic: words, ..Bounce::default() };
            self.bounced(tx, stored, mail, &bounce, letter).await?;
        }
        Ok(unclear)
    }

    /// A report about a mail of ours, to a signed address of it.
    async fn bounced(
        &self,
        tx: &mut Tx,
        stored: &StoredMail,
        mail: &IncomingMail,
        bounce: &Bounce,
        letter: LetterId,
    ) -> Result<()> {
        let Some((ticket, _)) = tx.letters().ticket_of(letter).await? else {
            return self.quarantine(tx, stored, (None, &mail.subject), REPORT, A_MINUTE).await.map(drop);
        };
        let mut ticket = tx.tickets().lock(ticket).await?;
        let row = tx.letters().lock(letter).await?;
        let is_shown = !self.is_excess_report(tx, stored, &ticket).await?;
        if is_shown {
            show_report(tx, stored, mail, ticket.id, &bounce_words(bounce, row.sealed.to.as_str())).await?;
        }
        match bounce.verdict {
            Verdict::Failed => {
                if tx.letters().bounce(letter, &bounce.diagnostic).await? {
                    self.not_delivered(tx, &mut ticket, &row).await?;
                }
            }
            Verdict::Delayed | Verdict::Unclear if !is_shown => {}
            Verdict::Delayed => {
                if let Some((room, event)) = &row.command {
                    put_mark(tx, room, event, mark::UNSURE);
                }
            }
            Verdict::Unclear => {
                if let Some((room, event)) = &row.command {
                    put_mark(tx, room, event, mark::UNSURE);
                    let said = format!("⚠️ Perhaps the answer to {} was not delivered: please look.", row.sealed.to);
                    let called = called(tx, &ticket).await?;
                    say(tx, room, ticket.id, words::Said::plain(said), called);
                }
            }
            Verdict::Delivered => {}
        }
        Ok(())
    }

    /// An answer will not arrive: mark it, reopen what it had closed, and call who is responsible.
    pub(in crate::desk) async fn not_delivered(&self, tx: &mut Tx, ticket: &mut Ticket, row: &LetterRow) -> Result<()> {
        let event = TicketEvent::MailFailed { to: row.sealed.to.clone() };
        tx.audit().record(ticket.id, &Actor::System, &event).await?;
        let Some((room, event)) = &row.command else { return Ok(()) };
        put_mark(tx, room, event, mark::NO);
        self.call_back(tx, ticket, row, format!("❌ The answer to {} was not delivered.", row.sealed.to)).await
    }

    /// Reopens what an answer had closed, and says to whoever is responsible why.
    pub(in crate::desk) async fn call_back(
        &self,
        tx: &mut Tx,
        ticket: &mut Ticket,
        row: &LetterRow,
        why: String,
    ) -> Result<()> {
        let Some((room, command)) = &row.command else { return Ok(()) };
        let caused = tx.audit().caused_by(row.ticket, command).await?;
        // Of a ticket that was merged, the one that it is part of is what people work on.
        let mut canonical =
            if ticket.state == State::Merged { tx.merges().lock_canonical(ticket.id).await? } else { None };
        let ticket = canonical.as_mut().unwrap_or(ticket);
        let room = &tx.queues().get(ticket.queue).await?.room.unwrap_or_else(|| room.clone());
        if let Some(effect) = AnswerEffect::of(&caused) {
            let events = ticket.act(None, Action::AnswerFailed { effect }).unwrap_or_default();
            record(tx, ticket, &Actor::System, &events).await?;
        }
        let called = called(tx, ticket).await?;
        say(tx, room, ticket.id, words::Said::plain(why), called);
        Ok(())
    }
}

/// Makes a report an article.
async fn show_report(
    tx: &mut Tx,
    stored: &StoredMail,
    mail: &IncomingMail,
    ticket: TicketId,
    text: &str,
) -> Result<()> {
    let article = tx
        .articles()
        .add(&NewArticle {
            ticket,
            kind: Kind::Bounce,
            sender: Sender::System,
            visibility: Visibility::Internal,
            origin: Origin::Report(stored.id),
            body: Body { whole_text: Some(&mail.text), ..Body::plain(text) },
            on_card: false,
        })
        .await?;
    tx.mails()
        .set_fate(
            stored.id,
            MailFate::Article,
            "a delivery report, to the signed address of the mail that it is about",
            None,
        )
        .await?;
    tx.enqueue(jobs::Article { ticket, article });
    Ok(())
}

/// Who is called when something of a ticket went wrong.
async fn called(tx: &mut Tx, ticket: &Ticket) -> Result<Vec<UserId>> {
    Ok(match ticket.owner.or(ticket.last_owner) {
        Some(agent) => vec![tx.agents().get(agent).await?.user],
        None => vec![],
    })
}

/// Whether a mail comes from a mail server: with the null sender, or from an address that nobody reads at.
fn is_from_server(stored: &StoredMail, mail: &IncomingMail) -> bool {
    let has_null_sender = stored.envelope_from.as_deref() == Some("");
    let is_servers = |local: &str| local.eq_ignore_ascii_case("postmaster");
    has_null_sender
        || mail.from.as_ref().is_none_or(|from| from.address.is_unattended() || is_servers(from.address.local()))
}

/// What a mail says, as far as it fits where a report's reason stands.
fn clean_beginning(text: &str, subject: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    shorten(if words.is_empty() { subject } else { &words }, WORDS)
}

/// Why a report that came to no signed address is in quarantine.
pub(in crate::desk) async fn misdirected(tx: &mut Tx, bounce: &Bounce) -> Result<String> {
    let ids: Vec<MessageId> = bounce.original.iter().cloned().collect();
    Ok(match tx.message_ids().ticket_of(&ids, None).await? {
        Some(ticket) => {
            let number = tx.tickets().get(ticket).await?.number;
            format!("a delivery report about a mail of Ticket#{number}; it came to no address that would prove it")
        }
        None => REPORT.to_owned(),
    })
}

/// How many characters are shown of a report that was not understood.
const WORDS: usize = 300;

/// Why a report that names no mail of ours is in quarantine.
pub(in crate::desk) const REPORT: &str = "a delivery report about no mail of this desk";

pub(in crate::desk) fn bounce_words(bounce: &Bounce, recipient: &str) -> String {
    let what = match bounce.verdict {
        Verdict::Failed => "was not delivered",
        Verdict::Delayed => "is delayed; the other mail server is still trying",
        Verdict::Delivered => "was delivered",
        Verdict::Unclear => "was perhaps not delivered; a mail server wrote",
    };
    let status = bounce.status.as_deref().map(|status| format!(" ({status})")).unwrap_or_default();
    let why = if bounce.diagnostic.is_empty() { String::new() } else { format!("\n{}", bounce.diagnostic) };
    format!("📪 The mail to {recipient} {what}{status}.{why}")
}
