//! A ticket that begins with what an agent writes: a mail of ours, or a note.

use super::addresses::must_be_outside;
use super::answer::{Answered, answer};
use super::context::Context;
use super::draft::Draft;
use super::note;
use super::refusal::Outcome;
use crate::desk::refresh_card;
use crate::domain::id::{ArticleId, EmailAddress};
use crate::domain::queue::Queue;
use crate::domain::ticket::{Ticket, TicketEvent};
use crate::store::files::AgentFile;
use crate::store::jobs;
use crate::store::tickets::NewTicket;

/// Makes a ticket for somebody and mails them; it is the agent's, as one that they have answered.
pub async fn begin(
    context: &mut Context<'_>,
    queue: &Queue,
    (to, subject): (&EmailAddress, &str),
    draft: &Draft,
) -> Outcome<(Ticket, Answered)> {
    let mut ticket = make(context, queue, (to, subject)).await?;
    let answered = answer(context, &mut ticket, draft).await?;
    // The command stands in the room; what it says stands in the thread.
    if let Some(article) = context.tx.articles().first_of(ticket.id).await? {
        context.tx.enqueue(jobs::Article { ticket: ticket.id, article });
    }
    Ok((ticket, answered))
}

/// Makes a ticket for somebody that begins with a note: nobody is mailed, and nobody's it is.
pub async fn begin_with_note(
    context: &mut Context<'_>,
    queue: &Queue,
    about: (&EmailAddress, &str),
    (text, files): (&str, &[AgentFile]),
) -> Outcome<(Ticket, ArticleId)> {
    let ticket = make(context, queue, about).await?;
    let note = note::write_with_files(context, &ticket, text, files).await?;
    Ok((ticket, note))
}

async fn make(context: &mut Context<'_>, queue: &Queue, (customer, subject): (&EmailAddress, &str)) -> Outcome<Ticket> {
    must_be_outside(context.tx, customer).await?;
    let customer = context.tx.customers().at(customer, "").await?;
    let new = NewTicket {
        number: context.numbers.next(context.tx).await?,
        queue: queue.id,
        customer: customer.id,
        subject: subject.split_whitespace().collect::<Vec<_>>().join(" "),
    };
    let ticket = context.tx.tickets().create(&new).await?;
    context.record(ticket.id, &TicketEvent::Created { split_from: None }).await?;
    refresh_card(context.tx, ticket.id);
    Ok(ticket)
}
