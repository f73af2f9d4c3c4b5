//! More mails to tickets that are there already than anybody reads: all are kept, and only the first are shown.
//!
//! Whoever writes to a ticket has its room shown a message and perhaps its owner called. So of what one address, or people
//! who take no part, write within an hour only so much is shown; the rest is one quarantine entry with a count, of which
//! the ticket's thread is told once. New tickets have a limit of their own ([`super::open`]).

use super::arrival::Arrival;
use super::context::Context;
use super::incoming::IncomingMail;
use super::quarantine::{self, About, Excess, Reason};
use crate::desk::{Settings, say, words};
use crate::domain::id::TicketId;
use crate::domain::ticket::Ticket;
use crate::store::mails::StoredMail;
use crate::store::recent_articles::Lately;
use crate::store::{Result, Tx};

/// So many mails an hour are a conversation, however few tickets an address may open.
const LEAST: i64 = 20;
/// To all tickets together so many times as much may be written as to one: a supplier's desk has one address for all.
const TICKETS: i64 = 10;

/// Of what one mail to a ticket is too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Limit {
    /// Of mails to that ticket: it has had so many.
    OfTicket(i64),
    /// Of mails to all tickets together.
    OfAll(i64),
}

/// How many mails an hour to one ticket are shown.
fn most(burst: u16) -> i64 {
    i64::from(burst).max(LEAST)
}

/// The limit that one more mail would go over, if `most` of an hour may go to one ticket.
fn limit(lately: &Lately, most: i64) -> Option<Limit> {
    let in_all = most * TICKETS;
    if lately.in_ticket >= most {
        Some(Limit::OfTicket(most))
    } else if lately.in_all >= in_all {
        Some(Limit::OfAll(in_all))
    } else {
        None
    }
}

/// Whether a mail to a ticket is one too many. `takes_part`: its writer does, so only their own mails count; of strangers
/// the addresses are worth nothing, so all of theirs count together.
pub(super) async fn excess(
    context: &mut Context<'_>,
    arrival: &Arrival<'_>,
    ticket: TicketId,
    takes_part: bool,
) -> Result<Option<Excess>> {
    if arrival.stored.is_imported {
        return Ok(None);
    }
    let most = most(context.settings.burst);
    let lately = if takes_part {
        context.tx.articles().mails_lately(ticket, arrival.customer.id, most * TICKETS).await?
    } else {
        context.tx.articles().strange_mails_lately(ticket, most * TICKETS).await?
    };
    let Some(limit) = limit(&lately, most) else { return Ok(None) };
    let writer = takes_part.then(|| arrival.from.address.clone());
    Ok(Some(match limit {
        Limit::OfTicket(most) => Excess { most, writer, ticket: Some(context.tx.tickets().get(ticket).await?.number) },
        Limit::OfAll(most) => Excess { most, writer, ticket: None },
    }))
}

/// Keeps a mail that is one too many, and says in its ticket's thread where, once for all that follow it.
pub(super) async fn turn_aside(
    context: &mut Context<'_>,
    arrival: &Arrival<'_>,
    ticket: &Ticket,
    excess: Excess,
) -> Result<()> {
    let writer = excess.writer.clone();
    let about = About::mail(writer.as_ref(), arrival.mail);
    keep_aside(context.tx, context.settings, (arrival.stored, about), ticket, &Reason::Excess(excess)).await
}

/// Keeps a report that is one too many about a ticket's mails; whether it was.
pub(super) async fn is_excess_report(
    context: &mut Context<'_>,
    (stored, mail): (&StoredMail, &IncomingMail),
    ticket: &Ticket,
) -> Result<bool> {
    let most = most(context.settings.burst);
    if context.tx.articles().reports_lately(ticket.id, most).await? < most {
        return Ok(false);
    }
    let reason = Reason::ExcessReport(most, ticket.number.clone());
    keep_aside(context.tx, context.settings, (stored, About::mail(None, mail)), ticket, &reason).await.map(|()| true)
}

/// Keeps a mail, and tells a ticket's thread of the first one of its kind.
async fn keep_aside(
    tx: &mut Tx,
    settings: &Settings,
    (stored, about): (&StoredMail, About<'_>),
    ticket: &Ticket,
    reason: &Reason,
) -> Result<()> {
    if !quarantine::keep_or_count(tx, stored, about, reason).await? {
        return Ok(());
    }
    let Some(room) = tx.queues().get(ticket.queue).await?.room else { return Ok(()) };
    let called = match ticket.owner {
        Some(owner) => vec![tx.agents().get(owner).await?.user],
        None => vec![],
    };
    let said = words::excess(&reason.to_string(), &ticket.number, &settings.prefix);
    say(tx, &room, ticket.id, said, called);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_open_few_tickets_may_still_talk() {
        assert_eq!([1, 19, 20, 21, 500].map(most), [20, 20, 20, 21, 500]);
    }

    #[test]
    fn a_ticket_has_a_limit_and_all_together_have_a_higher_one() {
        for (in_ticket, in_all, wanted) in [
            (0, 0, None),
            (19, 19, None),
            (20, 20, Some(Limit::OfTicket(20))),
            (19, 199, None),
            (0, 200, Some(Limit::OfAll(200))),
            // What is nearer is named.
            (20, 200, Some(Limit::OfTicket(20))),
        ] {
            assert_eq!(limit(&Lately { in_ticket, in_all }, 20), wanted, "{in_ticket}, {in_all}");
        }
    }
}
