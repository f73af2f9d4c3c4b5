//! A customer writes to a ticket that is there already.

use super::mail_in::Arrival;
use crate::desk::outbound::automatic::Words;
use crate::desk::{Desk, put_mark, record, say, words};
use crate::domain::article::Visibility;
use crate::domain::id::TicketId;
use crate::domain::queue::ClosedFollowUp;
use crate::domain::thanks::is_mere_thanks;
use crate::domain::ticket::{Action, Actor, Ticket, TicketEvent};
use crate::store::{Result, Tx};

/// The mark on the card of a ticket whose customer said thank you.
const THANKED: &str = "🙏";

impl Desk {
    /// Files a mail in its ticket and does what follows; `takes_part` says whether its writer does.
    pub(in crate::desk) async fn follow_up(
        &self,
        tx: &mut Tx,
        arrival: &Arrival<'_>,
        ticket: TicketId,
        takes_part: bool,
    ) -> Result<()> {
        let Some(mut ticket) = tx.merges().lock_canonical(ticket).await? else {
            return self.new_ticket(tx, arrival, None).await;
        };
        if takes_part && arrival.mail.nature.is_person() {
            tx.participants().add(ticket.id, arrival.customer.id).await?;
        }
        // What was written long ago opens nothing again.
        if !arrival.acts() || arrival.stored.is_imported {
            return self.add_mail(tx, arrival, &ticket, Visibility::Customer, false).await.map(drop);
        }
        if arrival.mail.is_reaction {
            return self.customer_reacted(tx, arrival, &ticket).await;
        }
        if ticket.state.is_closed() {
            if says_thanks(arrival) && tx.tickets().is_in_grace(ticket.id).await? {
                return self.thanked(tx, arrival, &ticket).await;
            }
            // The ticket may have been closed in another queue than the mail came to.
            let queue = tx.queues().get(ticket.queue).await?;
            match queue.closed_follow_up {
                ClosedFollowUp::New => return self.new_ticket(tx, arrival, Some(&ticket)).await,
                ClosedFollowUp::Reject if arrival.may_be_answered() => {
                    return self.reject(tx, arrival, &ticket, &queue).await;
                }
                // Who can't be told that it stays closed would wait for an answer for ever.
                ClosedFollowUp::Reopen | ClosedFollowUp::Reject => {}
            }
        }
        self.customer_wrote(tx, &mut ticket).await?;
        self.add_mail(tx, arrival, &ticket, Visibility::Customer, false).await?;
        Ok(())
    }

    /// What a follow-up does to state, lock and owner.
    pub(in crate::desk) async fn customer_wrote(&self, tx: &mut Tx, ticket: &mut Ticket) -> Result<()> {
        let owner_is_here = match ticket.owner {
            Some(owner) => tx.agents().get(owner).await?.works_in(ticket.queue),
            None => false,
        };
        let events = ticket.act(None, Action::FollowUp { owner_is_here }).unwrap_or_default();
        record(tx, ticket, &Actor::Customer, &events).await
    }

    /// Files a mere thank-you without opening the ticket again.
    async fn thanked(&self, tx: &mut Tx, arrival: &Arrival<'_>, ticket: &Ticket) -> Result<()> {
        self.add_mail(tx, arrival, ticket, Visibility::Customer, false).await?;
        tx.audit().record(ticket.id, &Actor::Customer, &TicketEvent::Thanked).await?;
        let Some(room) = tx.queues().get(ticket.queue).await?.room else { return Ok(()) };
        match tx.threads().get(ticket.id, &room).await? {
            Some(thread) => {
                put_mark(tx, &room, &thread.root, THANKED);
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Files a reaction: it asks for nothing, so it changes nothing, however long the ticket has been closed.
    async fn customer_reacted(&self, tx: &mut Tx, arrival: &Arrival<'_>, ticket: &Ticket) -> Result<()> {
        self.add_mail(tx, arrival, ticket, Visibility::Customer, false).await?;
        tx.audit().record(ticket.id, &Actor::Customer, &TicketEvent::Reacted).await
    }

    /// Files a mail to a ticket that stays closed, and tells its writer so.
    async fn reject(
        &self,
        tx: &mut Tx,
        arrival: &Arrival<'_>,
        ticket: &Ticket,
        queue: &crate::domain::queue::Queue,
    ) -> Result<()> {
        let cause = self.add_mail(tx, arrival, ticket, Visibility::Customer, false).await?;
        let words = Words::rejection(queue, ticket);
        self.write_automatically(tx, ticket, queue, &arrival.customer, (cause, &words)).await?;
        let Some(room) = &queue.room else { return Ok(()) };
        let said = words::Said::plain(
            "The ticket stays closed, as this queue wants it; the customer was asked to write a new mail. !reopen opens it.",
        );
        say(tx, room, ticket.id, said, vec![]);
        Ok(())
    }

    /// Ties a ticket to the closed one that its mail answered, and says so in both threads.
    pub(in crate::desk) async fn link(
        &self,
        tx: &mut Tx,
        arrival: &Arrival<'_>,
        ticket: &Ticket,
        old: &Ticket,
    ) -> Result<()> {
        tx.tickets().link(ticket.id, old.id).await?;
        let follows = TicketEvent::Follows { older: old.number.clone() };
        tx.audit().record(ticket.id, &Actor::System, &follows).await?;
        let continued = TicketEvent::ContinuedAs { newer: ticket.number.clone() };
        tx.audit().record(old.id, &Actor::System, &continued).await?;
        tx.participants().add(ticket.id, arrival.customer.id).await?;
        if let Some(room) = &arrival.queue.room {
            let said = format!("This goes on from Ticket#{}, which is closed and stays so.", old.number);
            say(tx, room, ticket.id, words::Said::plain(said), vec![]);
        }
        if let Some(room) = &tx.queues().get(old.queue).await?.room {
            let said = format!("The customer wrote again; that is Ticket#{} now.", ticket.number);
            say(tx, room, old.id, words::Said::plain(said), vec![]);
        }
        Ok(())
    }
}

fn says_thanks(arrival: &Arrival<'_>) -> bool {
    arrival.mail.attachments.is_empty() && is_mere_thanks(&arrival.mail.fresh.own, &arrival.from.name)
}
