//! A ticket that begins with a mail of ours.

use super::addresses::must_be_outside;
use super::answer::{Answered, answer};
use super::context::Context;
use super::draft::Draft;
use super::refusal::Outcome;
use crate::desk::refresh_card;
use crate::domain::id::EmailAddress;
use crate::domain::queue::Queue;
use crate::domain::ticket::{Ticket, TicketEvent};
use crate::store::jobs;
use crate::store::tickets::NewTicket;

/// Makes a ticket for somebody and mails them; it is the agent's, as one that they have answered.
pub async fn begin(
    context: &mut Context<'_>,
    queue: &Queue,
    (to, subject): (&EmailAddress, &str),
    draft: &Draft,
) -> Outcome<(Ticket, Answered)> {
    must_be_outside(context.tx, to).await?;
    let customer = context.tx.customers().at(to, "").await?;
    let new = NewTicket {
        number: context.numbers.next(context.tx).await?,
        queue: queue.id,
        customer: customer.id,
        subject: subject.split_whitespace().collect::<Vec<_>>().join(" "),
    };
    let mut ticket = context.tx.tickets().create(&new).await?;
    context.record(ticket.id, &TicketEvent::Created { split_from: None }).await?;
    refresh_card(context.tx, ticket.id);
    let answered = answer(context, &mut ticket, draft).await?;
    // The command stands in the room; what it says stands in the thread.
    if let Some(article) = context.tx.articles().first_of(ticket.id).await? {
        context.tx.enqueue(jobs::Article { ticket: ticket.id, article });
    }
    Ok((ticket, answered))
}
