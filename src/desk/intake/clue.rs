//! What ties a mail to a ticket: product.md §4's order, the strongest first.

use super::arrival::Arrival;
use super::context::Context;
use super::related;
use super::route::Clue;
use crate::domain::article::{Kind, Visibility};
use crate::domain::id::{ArticleId, LetterId, TicketId};
use crate::domain::number::tags;
use crate::store::customers::Customer;
use crate::store::{Result, Tx};

/// Looks for the strongest clue, and whether the mail's author takes part in that ticket. `letter` is the one whose signed
/// address the mail came to: it may have reached them with a mail that somebody passed on, so it proves no more than the
/// ticket. What comes later in the order is not asked for.
pub(super) async fn find(
    context: &mut Context<'_>,
    arrival: &Arrival<'_>,
    letter: Option<LetterId>,
) -> Result<(Clue, bool)> {
    if let Some(letter) = letter
        && let Some((ticket, _)) = context.tx.letters().ticket_of(letter).await?
        && let Some(canonical) = taking_mail(context.tx, ticket).await?
    {
        if context.tx.letters().is_forward(letter).await? {
            return Ok((Clue::Forwarded(canonical), false));
        }
        let is_known = takes_part(context.tx, (ticket, canonical), &arrival.customer).await?
            || context.tx.letters().invites(letter, &arrival.customer.address).await?;
        return Ok((Clue::SignedAddress(canonical), is_known));
    }
    if let Some(ticket) = header_of(context.tx, arrival).await? {
        return Ok((Clue::HeaderOf(ticket), true));
    }
    let mail = arrival.mail;
    let ids: Vec<_> = mail.in_reply_to.iter().chain(mail.references.iter().rev()).cloned().collect();
    if let Some(forwarded) = context.tx.message_ids().forward_of(&ids).await?
        && let Some(canonical) = taking_mail(context.tx, forwarded).await?
    {
        return Ok((Clue::Forwarded(canonical), false));
    }
    if let Some(claimed) = context.tx.message_ids().ticket_of(&ids, Some(arrival.customer.id)).await? {
        let (ticket, takes_part) = canonical_of(context.tx, claimed, &arrival.customer).await?;
        return Ok((Clue::Reference(ticket), takes_part));
    }
    for number in tags(&mail.subject) {
        if let Some(claimed) = context.tx.tickets().numbered(&number).await? {
            let (ticket, takes_part) = canonical_of(context.tx, claimed, &arrival.customer).await?;
            return Ok((Clue::Tag(ticket), takes_part));
        }
    }
    Ok(match related::continued(context.tx, arrival).await? {
        Some(ticket) => (Clue::Continued(ticket), true),
        None => (Clue::Nothing, false),
    })
}

/// The clue of a mail that came before with other things in it, as that article.
pub(super) async fn as_before(
    context: &mut Context<'_>,
    arrival: &Arrival<'_>,
    first: ArticleId,
) -> Result<(Clue, bool)> {
    let first = context.tx.articles().get(first).await?;
    let (ticket, takes_part) = canonical_of(context.tx, first.ticket, &arrival.customer).await?;
    if let (Kind::Mail, Visibility::Internal, Some(ticket)) = (first.kind, first.visibility, ticket) {
        return Ok((Clue::Forwarded(ticket), takes_part));
    }
    Ok((Clue::Repeated { ticket, is_held: first.visibility == Visibility::Held }, takes_part))
}

/// The ticket that has the header alone of a mail that was too large, if its author takes part there.
async fn header_of(tx: &mut Tx, arrival: &Arrival<'_>) -> Result<Option<TicketId>> {
    if arrival.stored.is_from_mailbox
        && let Some(id) = &arrival.mail.message_id
        && let Some(ticket) = tx.message_ids().ticket_of_header(arrival.queue.id, id).await?
        && let Some(canonical) = tx.merges().canonical(ticket).await?
        && tx.participants().contains(ticket, arrival.customer.id).await?
    {
        return Ok(Some(canonical));
    }
    Ok(None)
}

/// The ticket that takes a ticket's mail; `None`: it was merged away, or its customer was erased, who writes as somebody new.
async fn taking_mail(tx: &mut Tx, ticket: TicketId) -> Result<Option<TicketId>> {
    match tx.merges().canonical(ticket).await? {
        Some(canonical) if !tx.erased_tickets().is_erased(canonical).await? => Ok(Some(canonical)),
        _ => Ok(None),
    }
}

/// What was merged goes to what it is part of now, with those who take part in either.
async fn canonical_of(tx: &mut Tx, claimed: TicketId, customer: &Customer) -> Result<(Option<TicketId>, bool)> {
    let Some(canonical) = taking_mail(tx, claimed).await? else { return Ok((None, false)) };
    Ok((Some(canonical), takes_part(tx, (claimed, canonical), customer).await?))
}

/// Whether somebody takes part in a ticket or in what it is part of now.
async fn takes_part(tx: &mut Tx, (ticket, canonical): (TicketId, TicketId), customer: &Customer) -> Result<bool> {
    Ok(tx.participants().contains(ticket, customer.id).await?
        || tx.participants().contains(canonical, customer.id).await?)
}
