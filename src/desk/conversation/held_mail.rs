//! What agents decide about a stranger's mail that is held in a ticket.

use super::context::Context;
use super::refusal::Outcome;
use crate::desk::words::fits_card;
use crate::desk::{customer_wrote, refresh_card};
use crate::domain::number::Number;
use crate::domain::ticket::{Actor, Ticket, TicketEvent};
use crate::store::articles::ArticleRow;
use crate::store::jobs;
use crate::store::tickets::NewTicket;
use crate::store::{Result, Tx};

/// What becomes of a held mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeldDecision {
    /// It joins the ticket, and so does its writer.
    Join,
    /// It becomes a ticket of its own.
    Split,
    /// It is discarded, and stays in the record.
    Discard,
}

/// Decides about a held mail; what was decided about before stays so.
pub async fn decide(
    context: &mut Context<'_>,
    ticket: &mut Ticket,
    mail: &ArticleRow,
    decision: HeldDecision,
) -> Outcome<()> {
    if mail.is_cancelled {
        return Ok(());
    }
    let article = mail.id;
    let event = match decision {
        HeldDecision::Join => {
            join(context.tx, ticket, mail).await?;
            TicketEvent::HeldMailJoined { article }
        }
        HeldDecision::Split => {
            let number = context.numbers.next(context.tx).await?;
            let into = split(context.tx, ticket, mail, number).await?;
            TicketEvent::HeldMailSplit { article, into }
        }
        HeldDecision::Discard => {
            context.tx.articles().cancel(article).await?;
            TicketEvent::HeldMailDiscarded { article }
        }
    };
    context.record(ticket.id, &event).await?;
    if decision == HeldDecision::Join {
        customer_wrote(context.tx, ticket).await?;
    }
    context.tx.enqueue(jobs::Article { ticket: ticket.id, article });
    refresh_card(context.tx, ticket.id);
    Ok(())
}

async fn join(tx: &mut Tx, ticket: &Ticket, mail: &ArticleRow) -> Result<()> {
    tx.articles().show_held(mail.id).await?;
    match mail.customer {
        Some(writer) => tx.participants().add(ticket.id, writer).await,
        None => Ok(()),
    }
}

/// Makes a ticket of a held mail, and returns its number.
async fn split(tx: &mut Tx, from: &Ticket, mail: &ArticleRow, number: Number) -> Result<Number> {
    let customer = mail.customer.unwrap_or(from.customer);
    let subject = mail.subject.clone().unwrap_or_default();
    let ticket = tx.tickets().create(&NewTicket { number, queue: from.queue, customer, subject }).await?;
    let created = TicketEvent::Created { split_from: Some(from.number.clone()) };
    tx.audit().record(ticket.id, &Actor::System, &created).await?;
    let on_card = fits_card(&mail.text);
    let (article, files) = tx.articles().copy_held(mail.id, ticket.id, on_card).await?;
    refresh_card(tx, ticket.id);
    if !on_card {
        tx.enqueue(jobs::Article { ticket: ticket.id, article });
    }
    for file in files {
        tx.enqueue(jobs::File { ticket: ticket.id, file });
    }
    Ok(ticket.number)
}
