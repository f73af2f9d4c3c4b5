//! More mails to tickets that are there already than anybody reads: all are kept, and only the first are shown.
//!
//! Whoever writes to a ticket has its room shown a message and perhaps its owner called. So of what one address, or people
//! who take no part, write within an hour only so much is shown; the rest is one quarantine entry with a count, of which
//! the ticket's thread is told once. New tickets have a limit of their own (`mail_in::new_ticket`).

use super::mail_in::Arrival;
use super::quarantine::AN_HOUR;
use crate::desk::{Desk, say, words};
use crate::domain::id::TicketId;
use crate::domain::ticket::Ticket;
use crate::store::mails::StoredMail;
use crate::store::{Result, Tx};

/// So many mails an hour are a conversation, however few tickets an address may open.
const LEAST: i64 = 20;
/// To all tickets together so many times as much may be written as to one: a supplier's desk has one address for all.
const TICKETS: i64 = 10;

/// Why a mail is not shown any more, and whose mails are counted with it.
pub(super) struct Excess {
    reason: String,
    /// Whether it is about one address, and not about everybody who takes no part.
    is_of_writer: bool,
}

impl Desk {
    /// Whether a mail to a ticket is one too many. `takes_part`: its writer does, so only their own mails count; of strangers
    /// the addresses are worth nothing, so all of theirs count together.
    pub(super) async fn excess(
        &self,
        tx: &mut Tx,
        arrival: &Arrival<'_>,
        ticket: TicketId,
        takes_part: bool,
    ) -> Result<Option<Excess>> {
        if arrival.stored.is_imported {
            return Ok(None);
        }
        let most = i64::from(self.settings.burst).max(LEAST);
        let in_all = most * TICKETS;
        let (lately, who) = if takes_part {
            let lately = tx.articles().mails_lately(ticket, arrival.customer.id, in_all).await?;
            (lately, format!("from {}", arrival.from.address))
        } else {
            let lately = tx.articles().strange_mails_lately(ticket, in_all).await?;
            (lately, "from people who take no part".to_owned())
        };
        let reason = if lately.in_ticket >= most {
            let number = tx.tickets().get(ticket).await?.number;
            format!("more than {most} mails within an hour {who} to Ticket#{number}")
        } else if lately.in_all >= in_all {
            format!("more than {in_all} mails within an hour {who} to tickets")
        } else {
            return Ok(None);
        };
        Ok(Some(Excess { reason, is_of_writer: takes_part }))
    }

    /// Keeps a mail that is one too many, and says in its ticket's thread where, once for all that follow it.
    pub(super) async fn turn_aside(
        &self,
        tx: &mut Tx,
        arrival: &Arrival<'_>,
        ticket: TicketId,
        excess: &Excess,
    ) -> Result<()> {
        let Some(ticket) = tx.merges().lock_canonical(ticket).await? else {
            return self.new_ticket(tx, arrival, None).await;
        };
        let writer = excess.is_of_writer.then_some(&arrival.from.address);
        let about = (writer, arrival.mail.subject.as_str());
        if self.quarantine(tx, arrival.stored, about, &excess.reason, AN_HOUR).await? {
            self.tell_of_excess(tx, &ticket, &excess.reason).await?;
        }
        Ok(())
    }

    /// Keeps a report that is one too many about a ticket's mails; whether it was.
    pub(super) async fn is_excess_report(&self, tx: &mut Tx, stored: &StoredMail, ticket: &Ticket) -> Result<bool> {
        let most = i64::from(self.settings.burst).max(LEAST);
        if tx.articles().reports_lately(ticket.id, most).await? < most {
            return Ok(false);
        }
        let reason = format!("more than {most} delivery reports within an hour about Ticket#{}", ticket.number);
        if self.quarantine(tx, stored, (None, ""), &reason, AN_HOUR).await? {
            self.tell_of_excess(tx, ticket, &reason).await?;
        }
        Ok(true)
    }

    async fn tell_of_excess(&self, tx: &mut Tx, ticket: &Ticket, reason: &str) -> Result<()> {
        let Some(room) = tx.queues().get(ticket.queue).await?.room else { return Ok(()) };
        let mut called = Vec::new();
        if let Some(owner) = ticket.owner {
            called.push(tx.agents().get(owner).await?.user);
        }
        say(tx, &room, ticket.id, words::excess(reason, &ticket.number, &self.settings.prefix), called);
        Ok(())
    }
}
