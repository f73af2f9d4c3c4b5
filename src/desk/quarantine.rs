//! Mails that become no article by themselves, and what agents make of them.

use std::time::Duration;

use super::commands::Outcome;
use super::incoming::{IncomingFile, IncomingMail, Mailbox};
use super::mail_in::{Arrival, shown_size, who_wrote};
use super::words::{self, Said};
use super::{Desk, is_ours, reply};
use crate::domain::article::{Sender, Visibility};
use crate::domain::id::{EmailAddress, EventId, QuarantineId, QueueId, RoomId};
use crate::domain::number::shorten;
use crate::domain::queue::Agent;
use crate::domain::ticket::Ticket;
use crate::store::mails::{StoredMail, Verdict};
use crate::store::{Result, Tx};

/// A mail that stands in quarantine by itself.
pub(super) const ALONE: Duration = Duration::ZERO;
/// How long an entry takes in more of its kind: reports, and machines.
pub(super) const A_MINUTE: Duration = Duration::from_mins(1);
/// How long it does for a burst.
pub(super) const AN_HOUR: Duration = Duration::from_hours(1);

/// How many mails of one entry become tickets at once.
const MOST_TICKETS: usize = 20;
/// Who wrote a mail that names nobody: an address that can't exist (RFC 2606 §2).
const NOBODY: &str = "unknown@sender.invalid";

impl Desk {
    /// Keeps a mail where agents see it. Those of the same sender and reason are one entry for so long.
    pub(super) async fn quarantine(
        &self,
        tx: &mut Tx,
        stored: &StoredMail,
        (from, subject): (Option<&EmailAddress>, &str),
        reason: &str,
        within: Duration,
    ) -> Result<()> {
        let sender =
            from.map(EmailAddress::as_str).or(stored.envelope_from.as_deref()).filter(|sender| !sender.is_empty());
        let key = format!("{reason} {}", from.map(EmailAddress::key).unwrap_or_default());
        tx.quarantine().add(stored.queue, stored.id, (sender, &shorten(subject, 200)), reason, (&key, within)).await?;
        Ok(())
    }

    /// Does with a quarantined mail what an agent decided, whatever it is.
    pub(super) async fn as_decided(
        &self,
        tx: &mut Tx,
        stored: &StoredMail,
        read: &std::result::Result<IncomingMail, String>,
        verdict: Verdict,
    ) -> Result<()> {
        let mut mail = match read {
            Ok(mail) => mail.clone(),
            Err(why) => unreadable(tx.mails().raw(stored.id).await?.unwrap_or_default().bytes, why),
        };
        if let Some(size) = stored.left_behind {
            let size = shown_size(size);
            mail.troubles
                .push(format!("Only its header is here. It has {size} and is still in the mailbox that it came to."));
        }
        let (from, is_by_list) = who_wrote(tx, &mail).await?;
        let from = sender(stored, from);
        let queue = tx.queues().get(stored.queue).await?;
        let customer = tx.customers().at(&from.address, &from.name).await?;
        let rule = "an agent took it out of quarantine";
        let (sender, found) = (Sender::Customer, self.found(&mail, is_by_list));
        let arrival = Arrival { stored, mail: &mail, from: &from, queue, customer, sender, rule, found };
        let into = match verdict {
            Verdict::Ticket => None,
            Verdict::Attach(ticket) => tx.merges().lock_canonical(ticket).await?,
        };
        let ticket = match into {
            None => self.make_ticket(tx, &arrival, None).await?,
            Some(mut ticket) => {
                if mail.nature.is_person() {
                    tx.participants().add(ticket.id, arrival.customer.id).await?;
                    self.customer_wrote(tx, &mut ticket).await?;
                }
                self.add_mail(tx, &arrival, &ticket, Visibility::Customer, false).await?;
                ticket
            }
        };
        match stored.entry {
            Some(entry) => tx.quarantine().add_ticket(entry, ticket.id).await,
            None => Ok(()),
        }
    }

    /// The entry that a message answers, if the agent works in its queue.
    async fn entry_for(
        &self,
        tx: &mut Tx,
        agent: &Agent,
        event: Option<&EventId>,
    ) -> Result<std::result::Result<(QuarantineId, QueueId), Said>> {
        let entry = match event {
            Some(event) => tx.quarantine().of_event(event).await?,
            None => None,
        };
        let Some(entry) = entry else {
            return Ok(Err(Said::plain("Not done: this is said as a reply to a quarantined mail.")));
        };
        let row = tx.quarantine().get(entry).await?;
        if !agent.works_in(row.queue) {
            return Ok(Err(super::words::stranger(Some(agent))));
        }
        Ok(match words::quarantine::outcome(&row) {
            Some(outcome) => Err(Said::plain(format!("Not done: this mail was decided about before ({outcome})."))),
            None => Ok((entry, row.queue)),
        })
    }

    /// Makes a ticket of each mail behind an entry.
    pub(super) async fn accept(&self, tx: &mut Tx, agent: &Agent, event: Option<&EventId>) -> Result<Outcome> {
        let (entry, queue) = match self.entry_for(tx, agent, event).await? {
            Ok(entry) => entry,
            Err(said) => return Ok(Outcome::Refused(said)),
        };
        let mails = tx.quarantine().mails_of(entry).await?;
        if mails.len() > MOST_TICKETS {
            let said = format!(
                "Not done: these would be {} tickets at once. {}attach NUMBER files them all in one ticket.",
                mails.len(),
                self.settings.prefix
            );
            return Ok(Outcome::Refused(Said::plain(said)));
        }
        for mail in mails {
            tx.quarantine().release(queue, mail, Verdict::Ticket).await?;
        }
        tx.quarantine().settle(entry, &format!("accepted by {}", agent.user)).await?;
        Ok(Outcome::Done)
    }

    /// Files each mail behind an entry in a ticket.
    pub(super) async fn attach(
        &self,
        tx: &mut Tx,
        agent: &Agent,
        event: Option<&EventId>,
        ticket: &Ticket,
    ) -> Result<Outcome> {
        let (entry, queue) = match self.entry_for(tx, agent, event).await? {
            Ok(entry) => entry,
            Err(said) => return Ok(Outcome::Refused(said)),
        };
        for mail in tx.quarantine().mails_of(entry).await? {
            tx.quarantine().release(queue, mail, Verdict::Attach(ticket.id)).await?;
        }
        tx.quarantine().settle(entry, &format!("filed in Ticket#{} by {}", ticket.number, agent.user)).await?;
        Ok(Outcome::Done)
    }

    /// Blocks the sender of a quarantined mail; the mail stays where it is.
    pub(super) async fn block_sender(&self, tx: &mut Tx, agent: &Agent, event: Option<&EventId>) -> Result<Outcome> {
        let (entry, _) = match self.entry_for(tx, agent, event).await? {
            Ok(entry) => entry,
            Err(said) => return Ok(Outcome::Refused(said)),
        };
        let Some(sender) = tx.quarantine().sender_of(entry).await? else {
            return Ok(Outcome::Refused(Said::plain("Not done: this mail has no sender who could be blocked.")));
        };
        self.block(tx, agent, &sender).await?;
        tx.quarantine().settle(entry, &format!("{sender} blocked by {}", agent.user)).await?;
        Ok(Outcome::Done)
    }

    /// Blocks an address, unless it is one of the desk's own. Whether it is blocked now.
    pub(super) async fn block(&self, tx: &mut Tx, agent: &Agent, address: &EmailAddress) -> Result<bool> {
        if is_ours(tx, address).await? {
            return Ok(false);
        }
        tx.blocks().add(address, agent.id).await?;
        Ok(true)
    }

    /// What a reaction on a quarantined mail means.
    pub(super) async fn decide_entry(
        &self,
        tx: &mut Tx,
        agent: &Agent,
        room: &RoomId,
        to: &EventId,
        key: &str,
    ) -> Result<()> {
        if tx.quarantine().of_event(to).await?.is_none() {
            return Ok(());
        }
        let outcome = match key {
            "✅" => self.accept(tx, agent, Some(to)).await?,
            "🚫" => self.block_sender(tx, agent, Some(to)).await?,
            _ => return Ok(()),
        };
        match outcome {
            Outcome::Refused(said) => {
                reply(tx, room, None, to, said);
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

/// What there is to show of a mail that can't be read: that it is there, and the file.
fn unreadable(bytes: Vec<u8>, why: &str) -> IncomingMail {
    let text = format!("(This mail could not be read: {why}. It is the file below.)");
    let file = IncomingFile { name: "mail.eml".to_owned(), mime: "message/rfc822".to_owned(), bytes, content_id: None };
    let fresh = super::incoming::Fresh { text: text.clone(), own: text.clone(), html: None, folded: 0 };
    IncomingMail { text, fresh, attachments: vec![file], ..IncomingMail::default() }
}

/// Who wrote a mail: as it says, else as its envelope says, else nobody.
fn sender(stored: &StoredMail, from: Option<&Mailbox>) -> Mailbox {
    let envelope = || stored.envelope_from.as_deref().and_then(EmailAddress::parse);
    let nobody = || EmailAddress::parse(NOBODY).expect("an address");
    from.cloned().unwrap_or_else(|| Mailbox { name: String::new(), address: envelope().unwrap_or_else(nobody) })
}

/// Whether a mail to that address can't arrive.
pub(super) fn is_nobody(address: &EmailAddress) -> bool {
    address.domain().to_lowercase().ends_with(".invalid")
}

/// An address as somebody typed it.
pub(super) fn typed_address(text: &str) -> std::result::Result<EmailAddress, Said> {
    EmailAddress::parse(text.trim_matches(['<', '>', ' ']))
        .ok_or_else(|| Said::plain(format!("Not done: {text} is no mail address, such as carol@example.org.")))
}
