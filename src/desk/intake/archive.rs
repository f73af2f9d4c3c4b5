//! Mails of an archive that are nobody's question: reports, and what the desk itself once wrote.
//!
//! All else of an archive goes the way of any mail. What is never done for it, wherever it is read: write
//! to anybody, call anybody, or change a ticket that is there already.

use super::bounced::{REPORT, bounce_words};
use super::incoming::{IncomingMail, Nature};
use super::mail_in::Arrival;
use super::quarantine::A_MINUTE;
use crate::desk::Desk;
use crate::domain::article::{Kind, Sender, Visibility};
use crate::domain::id::{MessageId, TicketId};
use crate::domain::number::tags;
use crate::store::articles::{Body, NewArticle, Origin};
use crate::store::jobs;
use crate::store::mails::{MailFate, StoredMail};
use crate::store::{Result, Tx};

impl Desk {
    /// Files a mail of an archive if it is a report or the desk's own; `false` if it is a customer's.
    pub(in crate::desk) async fn file_archived(
        &self,
        tx: &mut Tx,
        stored: &StoredMail,
        mail: &IncomingMail,
    ) -> Result<bool> {
        if let Nature::Bounce(bounce) = &mail.nature {
            let ids: Vec<MessageId> = bounce.original.iter().cloned().collect();
            let Some(ticket) = tx.message_ids().ticket_of(&ids, None).await? else {
                self.quarantine(tx, stored, (None, &mail.subject), REPORT, A_MINUTE).await?;
                return Ok(true);
            };
            // Whatever was not delivered then is nobody's work now: no letter is looked for.
            self.file_report(tx, stored, mail, ticket, &bounce_words(bounce, "somebody")).await?;
            return Ok(true);
        }
        let Some(from) = &mail.from else { return Ok(false) };
        let queues = tx.queues().all().await?;
        if !queues.iter().any(|queue| queue.owns(&from.address)) {
            return Ok(false);
        }
        let Some(ticket) = answered(tx, mail).await? else {
            self.quarantine(
                tx,
                stored,
                (Some(&from.address), &mail.subject),
                "a mail of this desk's own that answers no mail here",
                A_MINUTE,
            )
            .await?;
            return Ok(true);
        };
        let queue = tx.queues().get(stored.queue).await?;
        // Its name is the agent's, as the old system wrote it.
        let customer = tx.customers().at_from_archive(&from.address, &from.name).await?;
        let sender = if mail.nature.is_person() { Sender::Agent } else { Sender::System };
        let ticket = tx.tickets().lock(ticket).await?;
        let rule = "an archive's mail from an address of this desk: an answer of then";
        let arrival = Arrival { stored, mail, from, queue, customer, sender, rule, found: None };
        self.add_mail(tx, &arrival, &ticket, Visibility::Customer, false).await?;
        Ok(true)
    }

    /// An internal article of what became of a mail.
    async fn file_report(
        &self,
        tx: &mut Tx,
        stored: &StoredMail,
        mail: &IncomingMail,
        ticket: TicketId,
        text: &str,
    ) -> Result<()> {
        let ticket = tx.tickets().lock(ticket).await?;
        let article = tx
            .articles()
            .add(&NewArticle {
                ticket: ticket.id,
                kind: Kind::Bounce,
                sender: Sender::System,
                visibility: Visibility::Internal,
                origin: Origin::Report(stored.id),
                body: Body { whole_text: Some(&mail.text), ..Body::plain(text) },
                on_card: false,
            })
            .await?;
        tx.mails()
            .set_fate(stored.id, MailFate::Article, "an archive's delivery report, about a mail of this ticket", None)
            .await?;
        tx.enqueue(jobs::Article { ticket: ticket.id, article });
        Ok(())
    }
}

/// The ticket that a mail of the desk's own answers: nobody has to take part in it to have written it,
/// and nobody but whoever runs the desk can put it into an archive.
async fn answered(tx: &mut Tx, mail: &IncomingMail) -> Result<Option<TicketId>> {
    let ids: Vec<_> = mail.in_reply_to.iter().chain(mail.references.iter().rev()).cloned().collect();
    let mut found = tx.message_ids().ticket_of(&ids, None).await?;
    for number in tags(&mail.subject) {
        if found.is_none() {
            found = tx.tickets().numbered(&number).await?;
        }
    }
    match found {
        Some(ticket) => tx.merges().canonical(ticket).await,
        None => Ok(None),
    }
}
