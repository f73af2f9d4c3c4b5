//! Mails of an archive that are nobody's question: reports, and what the desk itself once wrote.
//!
//! All else of an archive goes the way of any mail. What is never done for it, wherever it is read: write
//! to anybody, call anybody, or change a ticket that is there already.

use super::arrival::Arrival;
use super::bounced::{self, originals};
use super::context::Context;
use super::filing::add_mail;
use super::incoming::{IncomingMail, Nature};
use super::quarantine::{self, About, Reason};
use crate::domain::article::{Sender, Visibility};
use crate::domain::id::TicketId;
use crate::domain::number::tags;
use crate::store::mails::StoredMail;
use crate::store::{Result, Tx};

/// Files a report of then in the ticket of the mail that it is about. Whatever was not delivered is nobody's work now: no
/// letter is looked for.
pub(super) async fn file_report(tx: &mut Tx, stored: &StoredMail, mail: &IncomingMail) -> Result<()> {
    let ticket = tx.message_ids().ticket_of(&originals(mail), None).await?;
    let (Some(ticket), Nature::Bounce(bounce)) = (ticket, &mail.nature) else {
        return quarantine::keep(tx, stored, About::mail(None, mail), &Reason::StrayReport(None)).await;
    };
    let ticket = tx.tickets().lock(ticket).await?;
    let rule = "an archive's delivery report, about a mail of this ticket";
    bounced::file_report(tx, stored, mail, &ticket, (&bounced::words(bounce, "somebody"), rule)).await
}

/// Files a mail of the desk's own, an answer of then, in the ticket that it answers.
pub(super) async fn file_answer(context: &mut Context<'_>, stored: &StoredMail, mail: &IncomingMail) -> Result<()> {
    let Some(from) = &mail.from else { return Ok(()) };
    let Some(ticket) = answered(context.tx, mail).await? else {
        let about = About::mail(Some(&from.address), mail);
        return quarantine::keep(context.tx, stored, about, &Reason::AnswersNothing).await;
    };
    let queue = context.queue(stored.queue).await?;
    // Its name is the agent's, as the old system wrote it.
    let customer = context.tx.customers().at_from_archive(&from.address, &from.name).await?;
    let sender = if mail.nature.is_person() { Sender::Agent } else { Sender::System };
    let ticket = context.tx.tickets().lock(ticket).await?;
    let rule = "an archive's mail from an address of this desk: an answer of then";
    let arrival = Arrival { stored, mail, from, queue, customer, sender, rule, found: None };
    add_mail(context, &arrival, &ticket, Visibility::Customer, false).await.map(drop)
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
