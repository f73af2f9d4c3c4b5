//! One matter in two tickets: merged into one, and taken apart again.

use super::context::Context;
use super::refusal::{MergeRefusal, Outcome, TicketRefusal};
use super::{find, state};
use crate::desk::{refresh_card, words};
use crate::domain::id::UserId;
use crate::domain::number::Number;
use crate::domain::ticket::{Action, State, Ticket, TicketEvent};
use crate::store::Result;

/// How many mails of a merged ticket are shown in the other one's thread.
const MOST_BROUGHT: i64 = 5;

/// Makes a ticket part of another one. Its articles stay in its thread, a notice there and one in the other thread
/// lead to each other, the latter with what its customer wrote, so that nobody has to look in two; and all further mail goes to the other one, as do its number and its mails' addresses.
///
/// The ticket was opened with [`Locks::Merges`](super::Locks::Merges).
pub async fn merge(context: &mut Context<'_>, ticket: &mut Ticket, into: &Number, is_sure: bool) -> Outcome<()> {
    let target = find::to_write_in(context, into).await?;
    // Before its row is locked: the rows of those that were merged into this ticket are locked the other way round.
    if target == ticket.id {
        return Err(MergeRefusal::Itself(into.clone()).into());
    }
    let target = context.tx.tickets().lock(target).await?;
    state::must_be_read(context, ticket).await?;
    if context.tx.merges().holds_mail(ticket.id).await? {
        return Err(MergeRefusal::HeldMail.into());
    }
    if !is_sure {
        must_be_alike(context, ticket, &target).await?;
    }
    context.act(ticket, Action::Merge).await?;
    context.tx.merges().set(ticket.id, Some(target.id)).await?;
    record_merge(context, ticket, &target).await?;
    let called = match target.owner {
        Some(owner) if owner != context.by.id => vec![context.tx.agents().get(owner).await?.user],
        _ => vec![],
    };
    lead(context, ticket, &target, "This ticket is part of", vec![]).await?;
    bring(context, ticket, &target, called).await
}

/// Refuses what only somebody who is sure of it should merge.
async fn must_be_alike(context: &mut Context<'_>, ticket: &Ticket, into: &Ticket) -> Outcome<()> {
    if into.customer != ticket.customer {
        let mine = context.tx.customers().get(ticket.customer).await?.address;
        let other = context.tx.customers().get(into.customer).await?.address;
        return Err(MergeRefusal::OtherCustomer { mine, into: into.number.clone(), other }.into());
    }
    if into.state.is_over() && !ticket.state.is_over() {
        return Err(MergeRefusal::Vanishes { into: into.number.clone(), state: into.state }.into());
    }
    Ok(())
}

async fn record_merge(context: &mut Context<'_>, ticket: &Ticket, into: &Ticket) -> Result<()> {
    context.record(ticket.id, &TicketEvent::MergedInto { target: into.number.clone() }).await?;
    context.record(into.id, &TicketEvent::Absorbed { part: ticket.number.clone() }).await
}

/// Takes a ticket out of the one that it was merged into: it is open again, and the agent's.
///
/// The ticket was opened with [`Locks::Merges`](super::Locks::Merges).
pub async fn unmerge(context: &mut Context<'_>, ticket: &mut Ticket) -> Outcome<()> {
    if ticket.state != State::Merged {
        return Err(TicketRefusal::NotMerged.into());
    }
    let target = context.tx.merges().target(ticket.id).await?;
    context.tx.merges().set(ticket.id, None).await?;
    context.act(ticket, Action::Unmerge).await?;
    let Some((target, number)) = target else { return Ok(()) };
    context.record(ticket.id, &TicketEvent::Unmerged { target: number }).await?;
    context.record(target, &TicketEvent::PartTakenOut { part: ticket.number.clone() }).await?;
    let target = context.tx.tickets().get(target).await?;
    lead(context, &target, ticket, "Not part of this ticket any more:", vec![]).await?;
    refresh_card(context.tx, ticket.id);
    Ok(())
}

/// Says in a ticket's thread what is part of it now, and what was written there.
async fn bring(context: &mut Context<'_>, part: &Ticket, target: &Ticket, called: Vec<UserId>) -> Outcome<()> {
    let end = context.end_of(part).await?;
    let written = context.tx.articles().written_by_customers(part.id, MOST_BROUGHT).await?;
    let said = words::brings(&part.number, &part.subject, end, &written);
    Ok(context.say(target, said, called).await?)
}

/// Says in a ticket's thread where another one is.
pub(super) async fn lead(
    context: &mut Context<'_>,
    from: &Ticket,
    to: &Ticket,
    what: &str,
    called: Vec<UserId>,
) -> Result<()> {
    let end = context.end_of(to).await?;
    let said = words::leads_to(what, &to.number, end);
    context.say(from, said, called).await
}
