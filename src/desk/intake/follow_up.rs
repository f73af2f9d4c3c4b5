//! A customer writes to a ticket that is there already.

use super::arrival::Arrival;
use super::context::Context;
use super::filing::add_mail;
use super::open::open;
use crate::desk::outbound::automatic::{self, Words};
use crate::desk::words::Said;
use crate::desk::{customer_wrote, put_mark, say};
use crate::domain::article::Visibility;
use crate::domain::id::{ArticleId, TicketId};
use crate::domain::queue::{ClosedFollowUp, Queue};
use crate::domain::thanks::is_mere_thanks;
use crate::domain::ticket::{Actor, Ticket, TicketEvent};
use crate::store::{Result, Tx};

/// The mark on the card of a ticket whose customer said thank you.
const THANKED: &str = "🙏";

/// What a follow-up does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    /// It is filed, and changes nothing.
    File,
    /// It is filed, and the history says that somebody reacted.
    React,
    /// It is filed, and the card says thank you.
    Thank,
    /// It is a ticket of its own, which goes on from this one.
    OpenAnother,
    /// It is filed, the ticket stays closed, and its writer is told so.
    Reject,
    /// It is filed, and the ticket goes on: what waited or was closed is open.
    GoOn,
}

/// What the effect of a follow-up is decided by.
#[derive(Clone, Copy, Debug)]
struct Facts {
    /// Whether a person wrote it, or a machine that may begin a ticket.
    acts: bool,
    /// Whether it came from an archive.
    is_imported: bool,
    /// Whether it is nothing but a reaction.
    is_reaction: bool,
    /// Of a closed ticket: what its queue wants then.
    closed: Option<Closed>,
}

/// How a follow-up finds a closed ticket.
#[derive(Clone, Copy, Debug)]
struct Closed {
    /// Whether it says thank you, and no more, soon after the close.
    is_thanks_in_grace: bool,
    /// Whether its writer can be told that the ticket stays closed.
    can_be_told: bool,
    /// What the queue does with any other one.
    policy: ClosedFollowUp,
}

fn effect(facts: Facts) -> Effect {
    // What was written long ago opens nothing again.
    if !facts.acts || facts.is_imported {
        return Effect::File;
    }
    // It asks for nothing, so it changes nothing, however long the ticket has been closed.
    if facts.is_reaction {
        return Effect::React;
    }
    let Some(closed) = facts.closed else { return Effect::GoOn };
    if closed.is_thanks_in_grace {
        return Effect::Thank;
    }
    match closed.policy {
        ClosedFollowUp::New => Effect::OpenAnother,
        ClosedFollowUp::Reject if closed.can_be_told => Effect::Reject,
        // Who can't be told that it stays closed would wait for an answer for ever.
        ClosedFollowUp::Reopen | ClosedFollowUp::Reject => Effect::GoOn,
    }
}

/// Files a mail in its ticket and does what follows; `takes_part` says whether its writer does.
pub(super) async fn follow_up(
    context: &mut Context<'_>,
    arrival: &Arrival<'_>,
    ticket: TicketId,
    takes_part: bool,
) -> Result<()> {
    let Some(mut ticket) = context.tx.merges().lock_canonical(ticket).await? else {
        return open(context, arrival, None).await;
    };
    if takes_part && arrival.mail.nature.is_person() {
        context.tx.participants().add(ticket.id, arrival.customer.id).await?;
    }
    // The ticket may be in another queue than the mail came to.
    let queue = context.queue(ticket.queue).await?;
    let effect = effect(facts(context.tx, arrival, &ticket, &queue).await?);
    if effect == Effect::OpenAnother {
        return open(context, arrival, Some(&ticket)).await;
    }
    if effect == Effect::GoOn {
        customer_wrote(context.tx, &mut ticket).await?;
    }
    let article = add_mail(context, arrival, &ticket, Visibility::Customer, false).await?;
    match effect {
        Effect::Thank => thanked(context.tx, &ticket, &queue).await,
        Effect::React => context.tx.audit().record(ticket.id, &Actor::Customer, &TicketEvent::Reacted).await,
        Effect::Reject => reject(context, arrival, &ticket, &queue, article).await,
        Effect::File | Effect::GoOn | Effect::OpenAnother => Ok(()),
    }
}

async fn facts(tx: &mut Tx, arrival: &Arrival<'_>, ticket: &Ticket, queue: &Queue) -> Result<Facts> {
    let closed = if ticket.state.is_closed() {
        let is_thanks_in_grace = says_thanks(arrival) && tx.tickets().is_in_grace(ticket.id).await?;
        Some(Closed { is_thanks_in_grace, can_be_told: arrival.may_be_answered(), policy: queue.closed_follow_up })
    } else {
        None
    };
    Ok(Facts {
        acts: arrival.acts(),
        is_imported: arrival.stored.is_imported,
        is_reaction: arrival.mail.is_reaction,
        closed,
    })
}

fn says_thanks(arrival: &Arrival<'_>) -> bool {
    arrival.mail.attachments.is_empty() && is_mere_thanks(&arrival.mail.fresh.own, &arrival.from.name)
}

/// Has the card of a ticket that stays closed show that its customer said thank you.
async fn thanked(tx: &mut Tx, ticket: &Ticket, queue: &Queue) -> Result<()> {
    tx.audit().record(ticket.id, &Actor::Customer, &TicketEvent::Thanked).await?;
    let Some(room) = &queue.room else { return Ok(()) };
    if let Some(thread) = tx.threads().get(ticket.id, room).await? {
        put_mark(tx, room, &thread.root, THANKED);
    }
    Ok(())
}

/// Tells who wrote to a ticket that stays closed that it does.
async fn reject(
    context: &mut Context<'_>,
    arrival: &Arrival<'_>,
    ticket: &Ticket,
    queue: &Queue,
    cause: ArticleId,
) -> Result<()> {
    let words = Words::rejection(queue, ticket);
    automatic::write(&mut context.outbound(), ticket, queue, &arrival.customer, (cause, &words)).await?;
    let Some(room) = &queue.room else { return Ok(()) };
    let said = Said::plain(
        "The ticket stays closed, as this queue wants it; the customer was asked to write a new mail. !reopen opens it.",
    );
    say(context.tx, room, ticket.id, said, vec![]);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(closed: Option<(bool, ClosedFollowUp)>, can_be_told: bool) -> Facts {
        let closed = closed.map(|(is_thanks_in_grace, policy)| Closed { is_thanks_in_grace, can_be_told, policy });
        Facts { acts: true, is_imported: false, is_reaction: false, closed }
    }

    #[test]
    fn what_a_persons_mail_does_is_as_the_closed_tickets_queue_wants() {
        use ClosedFollowUp::{New, Reject, Reopen};
        let (thanks, other) = (true, false);
        for (closed, if_told, if_not) in [
            (None, Effect::GoOn, Effect::GoOn),
            (Some((other, Reopen)), Effect::GoOn, Effect::GoOn),
            (Some((other, Reject)), Effect::Reject, Effect::GoOn),
            (Some((other, New)), Effect::OpenAnother, Effect::OpenAnother),
            (Some((thanks, Reopen)), Effect::Thank, Effect::Thank),
            (Some((thanks, Reject)), Effect::Thank, Effect::Thank),
            (Some((thanks, New)), Effect::Thank, Effect::Thank),
        ] {
            assert_eq!(effect(facts(closed, true)), if_told, "{closed:?}");
            assert_eq!(effect(facts(closed, false)), if_not, "can't be told: {closed:?}");
        }
    }

    #[test]
    fn reactions_machines_and_archives_open_nothing_again() {
        for closed in [None, Some((false, ClosedFollowUp::Reopen)), Some((true, ClosedFollowUp::New))] {
            let facts = facts(closed, true);
            for (facts, wanted) in [
                (Facts { is_reaction: true, ..facts }, Effect::React),
                (Facts { acts: false, ..facts }, Effect::File),
                (Facts { is_imported: true, ..facts }, Effect::File),
                (Facts { acts: false, is_reaction: true, ..facts }, Effect::File),
                (Facts { is_imported: true, is_reaction: true, ..facts }, Effect::File),
            ] {
                assert_eq!(effect(facts), wanted, "{facts:?}");
            }
        }
    }
}
