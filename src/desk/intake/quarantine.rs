//! Mails that become no article by themselves, and how they come back when an agent has decided so.

use std::time::Duration;

use super::incoming::{IncomingFile, IncomingMail, Mailbox};
use super::mail_in::{Arrival, shown_size, who_wrote};
use crate::desk::Desk;
use crate::domain::article::{Sender, Visibility};
use crate::domain::blob::Digest;
use crate::domain::id::EmailAddress;
use crate::domain::number::shorten;
use crate::domain::transfer::{Encoding, Place};
use crate::store::mails::{StoredMail, Verdict};
use crate::store::{Result, Tx};

/// A mail that stands in quarantine by itself.
pub(in crate::desk) const ALONE: Duration = Duration::ZERO;
/// How long an entry takes in more of its kind: reports, and machines.
pub(in crate::desk) const A_MINUTE: Duration = Duration::from_mins(1);
/// How long it does for a burst.
pub(in crate::desk) const AN_HOUR: Duration = Duration::from_hours(1);

/// Who wrote a mail that names nobody: an address that can't exist (RFC 2606 §2).
const NOBODY: &str = "unknown@sender.invalid";

impl Desk {
    /// Keeps a mail where agents see it; whether it begins an entry. Those of the same sender and reason are one for so long.
    pub(in crate::desk) async fn quarantine(
        &self,
        tx: &mut Tx,
        stored: &StoredMail,
        (from, subject): (Option<&EmailAddress>, &str),
        reason: &str,
        within: Duration,
    ) -> Result<bool> {
        let sender =
            from.map(EmailAddress::as_str).or(stored.envelope_from.as_deref()).filter(|sender| !sender.is_empty());
        let key = format!("{reason} {}", from.map(EmailAddress::key).unwrap_or_default());
        tx.quarantine().add(stored.queue, stored.id, (sender, &shorten(subject, 200)), reason, (&key, within)).await
    }

    /// Does with a quarantined mail what an agent decided, whatever it is.
    pub(in crate::desk) async fn as_decided(
        &self,
        tx: &mut Tx,
        stored: &StoredMail,
        read: &std::result::Result<IncomingMail, String>,
        verdict: Verdict,
    ) -> Result<()> {
        let mut mail = match read {
            Ok(mail) => mail.clone(),
            Err(why) => unreadable(&tx.mails().raw(stored.id).await?.unwrap_or_default().bytes, why),
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
}

/// What there is to show of a mail that can't be read: that it is there, and the file.
fn unreadable(raw: &[u8], why: &str) -> IncomingMail {
    let text = format!("(This mail could not be read: {why}. It is the file below.)");
    let file = IncomingFile {
        name: "mail.eml".to_owned(),
        mime: "message/rfc822".to_owned(),
        bytes: Vec::new(),
        digest: Digest::of(raw),
        size: raw.len() as u64,
        place: Some(Place { at: 0, length: raw.len() as u64, encoding: Encoding::Identity }),
        content_id: None,
    };
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
pub(in crate::desk) fn is_nobody(address: &EmailAddress) -> bool {
    address.domain().to_lowercase().ends_with(".invalid")
}
