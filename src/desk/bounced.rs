//! A report about a mail of ours came in.

use super::incoming::{Bounce, IncomingMail, Verdict};
use super::quarantine::A_MINUTE;
use super::{Desk, mark, put_mark, record, say, words};
use crate::domain::article::{Kind, Sender, Visibility};
use crate::domain::id::LetterId;
use crate::domain::ticket::{Action, Actor, AnswerEffect, State, Ticket, TicketEvent};
use crate::store::articles::{Body, NewArticle, Origin};
use crate::store::jobs;
use crate::store::letters::LetterRow;
use crate::store::mails::{MailFate, StoredMail};
use crate::store::{Result, Tx};

impl Desk {
    /// A report about a mail of ours, at the address that only its envelope's sender names.
    pub(super) async fn bounced(
        &self,
        tx: &mut Tx,
        stored: &StoredMail,
        mail: &IncomingMail,
        bounce: &Bounce,
        letter: LetterId,
    ) -> Result<()> {
        let Some((ticket, _)) = tx.letters().ticket_of(letter).await? else {
            return self.quarantine(tx, stored, (None, &mail.subject), REPORT, A_MINUTE).await;
        };
        let mut ticket = tx.tickets().lock(ticket).await?;
        let row = tx.letters().lock(letter).await?;
        let text = bounce_words(bounce, row.sealed.to.as_str());
        let article = tx
            .articles()
            .add(&NewArticle {
                ticket: ticket.id,
                kind: Kind::Bounce,
                sender: Sender::System,
                visibility: Visibility::Internal,
                origin: Origin::Report(stored.id),
                body: Body { whole_text: Some(&mail.text), ..Body::plain(&text) },
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
        tx.enqueue(jobs::Article { ticket: ticket.id, article });
        match bounce.verdict {
            Verdict::Failed => {
                if tx.letters().bounce(letter, &bounce.diagnostic).await? {
                    self.not_delivered(tx, &mut ticket, &row).await?;
                }
            }
            Verdict::Delayed => {
                if let Some((room, event)) = &row.command {
                    put_mark(tx, room, event, mark::UNSURE);
                }
            }
            Verdict::Delivered => {}
        }
        Ok(())
    }

    /// An answer will not arrive: mark it, reopen what it had closed, and call who is responsible.
    pub(super) async fn not_delivered(&self, tx: &mut Tx, ticket: &mut Ticket, row: &LetterRow) -> Result<()> {
        let event = TicketEvent::MailFailed { to: row.sealed.to.clone() };
        tx.audit().record(ticket.id, &Actor::System, &event).await?;
        let Some((room, event)) = &row.command else { return Ok(()) };
        put_mark(tx, room, event, mark::NO);
        self.call_back(tx, ticket, row, format!("❌ The answer to {} was not delivered.", row.sealed.to)).await
    }

    /// Reopens what an answer had closed, and says to whoever is responsible why.
    pub(super) async fn call_back(&self, tx: &mut Tx, ticket: &mut Ticket, row: &LetterRow, why: String) -> Result<()> {
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
        let mut called = Vec::new();
        if let Some(agent) = ticket.owner.or(ticket.last_owner) {
            called.push(tx.agents().get(agent).await?.user);
        }
        say(tx, room, ticket.id, words::Said::plain(why), called);
        Ok(())
    }
}

/// Why a report that names no mail of ours is in quarantine.
pub(super) const REPORT: &str = "a delivery report about no mail of this desk";

pub(super) fn bounce_words(bounce: &Bounce, recipient: &str) -> String {
    let what = match bounce.verdict {
        Verdict::Failed => "was not delivered",
        Verdict::Delayed => "is delayed; the other mail server is still trying",
        Verdict::Delivered => "was delivered",
    };
    let status = bounce.status.as_deref().map(|status| format!(" ({status})")).unwrap_or_default();
    let why = if bounce.diagnostic.is_empty() { String::new() } else { format!("\n{}", bounce.diagnostic) };
    format!("📪 The mail to {recipient} {what}{status}.{why}")
}
