//! Spam, blocks and the quarantine.

use super::{Ask, Outcome};
use crate::desk::quarantine::typed_address;
use crate::desk::words::{self, Said};
use crate::desk::{Desk, is_ours, refresh_card};
use crate::domain::queue::Role;
use crate::domain::ticket::{Action, State, Ticket, TicketEvent};
use crate::store::letters::LetterState;
use crate::store::{Result, Tx};

/// How many lines a list has at most: it must fit a phone.
const LIST: i64 = 20;

impl Desk {
    /// Closes without a mail, and blocks who wrote last: whom the ticket is for may be somebody whom that one named.
    pub(super) async fn spam(&self, tx: &mut Tx, ask: &Ask<'_>, ticket: &mut Ticket) -> Result<Outcome> {
        let writer = tx.participants().last_writer(ticket.id).await?.unwrap_or(ticket.customer);
        let customer = tx.customers().get(writer).await?;
        if is_ours(tx, &customer.address).await? {
            let said = "Not done: it is from an address of this desk itself, which can't be blocked.";
            return Ok(Outcome::Refused(Said::plain(said)));
        }
        if ticket.state != State::ClosedUnsuccessful {
            let outcome = self.act(tx, ask, ticket, Action::Close { state: State::ClosedUnsuccessful }).await?;
            if matches!(outcome, Outcome::Refused(_)) {
                return Ok(outcome);
            }
        }
        self.block(tx, &ask.agent, &customer.address).await?;
        let event = TicketEvent::MarkedAsSpam { blocked: customer.address.clone() };
        tx.audit().record(ticket.id, &ask.actor(), &event).await?;
        let said = format!("Mail of {} goes into quarantine from now on.", customer.address);
        Ok(Outcome::Told(Said::plain(words::defuse(&said))))
    }

    /// Sets whom a ticket is for.
    pub(super) async fn customer(
        &self,
        tx: &mut Tx,
        ask: &Ask<'_>,
        ticket: &mut Ticket,
        address: &str,
    ) -> Result<Outcome> {
        let address = match typed_address(address) {
            Ok(address) => address,
            Err(said) => return Ok(Outcome::Refused(said)),
        };
        if is_ours(tx, &address).await? {
            let said = "Not done: that is an address of this desk itself; its answers would come back as tickets.";
            return Ok(Outcome::Refused(Said::plain(said)));
        }
        let customer = tx.customers().at(&address, "").await?;
        tx.tickets().set_customer(ticket, &customer, &ask.actor()).await?;
        refresh_card(tx, ticket.id).await?;
        if let Some(letter) = tx.letters().of_command(ticket.id, None).await? {
            let letter = tx.letters().lock(letter).await?;
            if letter.state == LetterState::Held {
                let prefix = &self.settings.prefix;
                let said =
                    format!("The answer that is still held goes to {}. {prefix}undo stops it.", letter.sealed.to);
                return Ok(Outcome::Told(Said::plain(said)));
            }
        }
        Ok(Outcome::Done)
    }

    pub(super) async fn attach_to(&self, tx: &mut Tx, ask: &Ask<'_>, number: &str) -> Result<Outcome> {
        let ticket = match super::merge::target(tx, &ask.agent, number).await? {
            Some(ticket) => tx.merges().lock_canonical(ticket).await?,
            None => None,
        };
        if let Some(ticket) = ticket {
            return self.attach(tx, &ask.agent, ask.message.reply_to.as_ref(), &ticket).await;
        }
        let form = format!("{}attach NUMBER", self.settings.prefix);
        let said = format!("Not done: there is no ticket {number} that you may write to. This is how: {form}");
        Ok(Outcome::Refused(Said::plain(words::defuse(&said))))
    }

    pub(super) async fn block_address(&self, tx: &mut Tx, ask: &Ask<'_>, address: Option<&str>) -> Result<Outcome> {
        let Some(address) = address else {
            return self.block_sender(tx, &ask.agent, ask.message.reply_to.as_ref()).await;
        };
        if ask.agent.role != Role::Admin {
            return Ok(Outcome::Refused(Said::plain(
                "Not done: only admins block an address by naming it. As a reply to a quarantined mail you can, too.",
            )));
        }
        Ok(match typed_address(address) {
            Ok(address) if self.block(tx, &ask.agent, &address).await? => Outcome::Done,
            Ok(_) => Outcome::Refused(Said::plain("Not done: that is an address of this desk itself.")),
            Err(said) => Outcome::Refused(said),
        })
    }

    pub(super) async fn unblock(&self, tx: &mut Tx, ask: &Ask<'_>, address: &str) -> Result<Outcome> {
        if ask.agent.role != Role::Admin {
            return Ok(Outcome::Refused(Said::plain("Not done: only admins take a block back.")));
        }
        Ok(match typed_address(address) {
            Ok(address) if tx.blocks().remove(&address).await? => Outcome::Done,
            Ok(address) => Outcome::Refused(Said::plain(format!("Not done: {address} is not blocked."))),
            Err(said) => Outcome::Refused(said),
        })
    }

    pub(super) async fn quarantine_list(&self, tx: &mut Tx, ask: &Ask<'_>) -> Result<Outcome> {
        let Some(queue) = &ask.queue else {
            return Ok(Outcome::Refused(Said::plain("Not done: this is said in a queue's room.")));
        };
        let (entries, total) = tx.quarantine().open(queue.id, LIST).await?;
        let room = queue.room.as_ref();
        Ok(Outcome::Told(words::quarantine::list(&queue.name, &entries, total, room, self.settings.bot.server())))
    }
}
