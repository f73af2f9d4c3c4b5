//! An article that is a matter of its own.

use super::context::Context;
use super::merge::lead;
use super::refusal::{Outcome, SplitRefusal};
use crate::desk::refresh_card;
use crate::desk::words::fits_card;
use crate::domain::article::{Kind, Visibility};
use crate::domain::id::ArticleId;
use crate::domain::ticket::{Ticket, TicketEvent};
use crate::store::articles::ArticleRow;
use crate::store::jobs;
use crate::store::tickets::NewTicket;

/// Makes a customer's mail a ticket of its own, for who wrote it, in the same queue. It stays readable where it stands;
/// what answers it from now on, and its original, go to the new ticket, and the two are linked.
pub async fn split(
    context: &mut Context<'_>,
    ticket: &Ticket,
    article: Option<ArticleId>,
    subject: Option<&str>,
) -> Outcome<Ticket> {
    if let Some(part_of) = context.part_of(ticket).await? {
        return Err(part_of.into());
    }
    let mail = context.tx.articles().get(article.ok_or(SplitRefusal::NoArticle)?).await?;
    must_be_separable(context, ticket, &mail).await?;
    let subject = subject.or(mail.subject.as_deref().filter(|subject| !subject.is_empty()));
    let new = NewTicket {
        number: context.numbers.next(context.tx).await?,
        queue: ticket.queue,
        customer: mail.customer.unwrap_or(ticket.customer),
        subject: subject.unwrap_or(&ticket.subject).to_owned(),
    };
    let new = context.tx.tickets().create(&new).await?;
    context.record(new.id, &TicketEvent::Created { split_from: Some(ticket.number.clone()) }).await?;
    context.record(ticket.id, &TicketEvent::SplitOff { article: mail.id, into: new.number.clone() }).await?;
    context.tx.tickets().link(new.id, ticket.id).await?;
    show(context, &new, &mail).await?;
    lead(context, ticket, &new, "A mail of this ticket is a ticket of its own now:", vec![]).await?;
    lead(context, &new, ticket, "This began as a mail of", vec![]).await?;
    Ok(new)
}

/// Only a customer's mail is: an agent's words are answers and notes to what they stand below. The first mail is the
/// ticket itself.
async fn must_be_separable(context: &mut Context<'_>, ticket: &Ticket, mail: &ArticleRow) -> Outcome<()> {
    if mail.kind != Kind::Mail || mail.visibility != Visibility::Customer || mail.is_cancelled {
        return Err(SplitRefusal::NoMail.into());
    }
    if mail.ticket != ticket.id {
        return Err(SplitRefusal::NoArticle.into());
    }
    if context.tx.articles().first_of(ticket.id).await? == Some(mail.id) {
        return Err(SplitRefusal::First.into());
    }
    if mail.rule.is_none() { Err(SplitRefusal::Again.into()) } else { Ok(()) }
}

async fn show(context: &mut Context<'_>, ticket: &Ticket, mail: &ArticleRow) -> Outcome<()> {
    let on_card = fits_card(&mail.text);
    let (article, files) = context.tx.articles().copy_to(mail.id, ticket.id, on_card).await?;
    refresh_card(context.tx, ticket.id);
    if !on_card {
        context.tx.enqueue(jobs::Article { ticket: ticket.id, article });
    }
    for file in files {
        context.tx.enqueue(jobs::File { ticket: ticket.id, file });
    }
    Ok(())
}
