//! What agents make of quarantined mails.

use super::context::Context;
use super::refusal::{NotAllowed, Outcome, QuarantineRefusal, Refusal};
use super::{blocks, find};
use crate::desk::words;
use crate::domain::id::{EventId, MailId, QuarantineId, QueueId};
use crate::domain::number::Number;
use crate::store::mails::Verdict;
use crate::store::page::Page;

/// How many mails of one entry become tickets at once.
const MOST_TICKETS: usize = 20;
/// How many mails are read at once.
const A_PAGE: i64 = 500;

/// An entry that can be decided about.
struct Entry {
    id: QuarantineId,
    queue: QueueId,
    count: i64,
}

/// Makes a ticket of each mail behind the entry that an event shows.
pub async fn accept(context: &mut Context<'_>, entry: Option<&EventId>) -> Outcome<()> {
    let entry = undecided(context, entry).await?;
    let mails = context.tx.quarantine().mails_of(entry.id, Page::first(A_PAGE)).await?;
    if mails.len() > MOST_TICKETS {
        let count = usize::try_from(entry.count).unwrap_or_default();
        return Err(QuarantineRefusal::TooManyTickets(count.max(mails.len())).into());
    }
    release(context, &entry, &mails, Verdict::Ticket).await?;
    let outcome = format!("accepted by {}", context.by.user);
    Ok(context.tx.quarantine().settle(entry.id, &outcome).await?)
}

/// Files each mail behind an entry in a ticket.
pub async fn attach(context: &mut Context<'_>, entry: Option<&EventId>, number: &Number) -> Outcome<()> {
    let ticket = find::to_write_in(context, number).await?;
    let ticket = context.tx.merges().lock_canonical(ticket).await?;
    let ticket = ticket.ok_or_else(|| Refusal::NoneToWrite(number.clone()))?;
    let entry = undecided(context, entry).await?;
    let mut page = Page::first(A_PAGE);
    loop {
        let mails = context.tx.quarantine().mails_of(entry.id, page).await?;
        let Some(last) = mails.last() else { break };
        release(context, &entry, &mails, Verdict::Attach(ticket.id)).await?;
        page = Page::behind(*last, A_PAGE);
    }
    let outcome = format!("filed in Ticket#{} by {}", ticket.number, context.by.user);
    Ok(context.tx.quarantine().settle(entry.id, &outcome).await?)
}

/// Blocks the sender of a quarantined mail; the mail stays where it is.
pub async fn block_sender(context: &mut Context<'_>, entry: Option<&EventId>) -> Outcome<()> {
    let entry = undecided(context, entry).await?;
    let sender = context.tx.quarantine().sender_of(entry.id).await?.ok_or(QuarantineRefusal::NoSender)?;
    blocks::block(context, &sender).await?;
    let outcome = format!("{sender} blocked by {}", context.by.user);
    Ok(context.tx.quarantine().settle(entry.id, &outcome).await?)
}

/// Leaves a quarantined mail where it is, as one that somebody has seen; or, if the event is the root of a day's thread, all
/// of them that nobody has decided about.
pub async fn drop(context: &mut Context<'_>, event: Option<&EventId>) -> Outcome<()> {
    let outcome = format!("left here by {}", context.by.user);
    let day = match event {
        Some(event) => context.tx.quarantine_days().of_event(event).await?,
        None => None,
    };
    let Some((queue, day)) = day else {
        let entry = undecided(context, event).await?;
        return Ok(context.tx.quarantine().settle(entry.id, &outcome).await?);
    };
    if !context.by.works_in(queue) {
        return Err(NotAllowed::of(context.by).into());
    }
    for entry in context.tx.quarantine().undecided_of(queue, day).await? {
        context.tx.quarantine().settle(entry, &outcome).await?;
    }
    Ok(())
}

/// The entry that an event shows, its row locked, if the agent works in its queue and nobody has decided about it.
async fn undecided(context: &mut Context<'_>, event: Option<&EventId>) -> Outcome<Entry> {
    let entry = match event {
        Some(event) => context.tx.quarantine().of_event(event).await?,
        None => None,
    };
    let row = context.tx.quarantine().get(entry.ok_or(QuarantineRefusal::NoEntry)?).await?;
    if !context.by.works_in(row.queue) {
        return Err(NotAllowed::of(context.by).into());
    }
    match words::quarantine::outcome(&row) {
        Some(outcome) => Err(QuarantineRefusal::Decided(outcome).into()),
        None => Ok(Entry { id: row.id, queue: row.queue, count: row.count }),
    }
}

async fn release(context: &mut Context<'_>, entry: &Entry, mails: &[MailId], verdict: Verdict) -> Outcome<()> {
    for mail in mails {
        context.tx.quarantine().release(entry.queue, *mail, verdict).await?;
    }
    Ok(())
}
