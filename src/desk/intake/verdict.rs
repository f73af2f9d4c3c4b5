//! A quarantined mail comes back as an agent has decided.

use super::arrival::Arrival;
use super::context::Context;
use super::filing::add_mail;
use super::incoming::{Fresh, IncomingFile, IncomingMail};
use super::open::make;
use super::sender::Author;
use crate::desk::customer_wrote;
use crate::domain::article::{Sender, Visibility};
use crate::domain::blob::Digest;
use crate::domain::size;
use crate::domain::ticket::Ticket;
use crate::domain::transfer::{Encoding, Place};
use crate::store::Result;
use crate::store::mails::{StoredMail, Verdict};

/// Why it stands where it stands.
const RULE: &str = "an agent took it out of quarantine";

/// Does with a quarantined mail what an agent decided, whatever it is.
pub(super) async fn carry_out(
    context: &mut Context<'_>,
    stored: &StoredMail,
    read: &std::result::Result<IncomingMail, String>,
    verdict: Verdict,
) -> Result<()> {
    let mut mail = match read {
        Ok(mail) => mail.clone(),
        Err(why) => unreadable(&context.tx.mails().raw(stored.id).await?.unwrap_or_default().bytes, why),
    };
    mail.troubles.extend(stored.left_behind.map(is_header_alone));
    let author = Author::of(&mail, |address| context.is_ours(address));
    let (from, found) = (author.or_envelope(stored), author.found(&mail, context.settings.authserv_id.as_deref()));
    let queue = context.queue(stored.queue).await?;
    let customer = context.tx.customers().at(&from.address, &from.name).await?;
    let sender = Sender::Customer;
    let arrival = Arrival { stored, mail: &mail, from: &from, queue, customer, sender, rule: RULE, found };
    let into = match verdict {
        Verdict::Ticket => None,
        Verdict::Attach(ticket) => context.tx.merges().lock_canonical(ticket).await?,
    };
    let ticket = match into {
        None => make(context, &arrival, None).await?,
        Some(ticket) => attach(context, &arrival, ticket).await?,
    };
    match stored.entry {
        Some(entry) => context.tx.quarantine().add_ticket(entry, ticket.id).await,
        None => Ok(()),
    }
}

/// Files a mail in a ticket, in which its author takes part from now on.
async fn attach(context: &mut Context<'_>, arrival: &Arrival<'_>, mut ticket: Ticket) -> Result<Ticket> {
    if arrival.mail.nature.is_person() {
        context.tx.participants().add(ticket.id, arrival.customer.id).await?;
        customer_wrote(context.tx, &mut ticket).await?;
    }
    add_mail(context, arrival, &ticket, Visibility::Customer, false).await?;
    Ok(ticket)
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
    let fresh = Fresh { text: text.clone(), own: text.clone(), html: None, folded: 0 };
    IncomingMail { text, fresh, attachments: vec![file], ..IncomingMail::default() }
}

fn is_header_alone(size: i64) -> String {
    let size = size::shown(size.unsigned_abs());
    format!("Only its header is here. It has {size} and is still in the mailbox that it came to.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_that_cannot_be_read_is_a_file_with_its_reason() {
        let mail = unreadable(b"\0\0", "it has no header and no text");
        assert_eq!(mail.text, "(This mail could not be read: it has no header and no text. It is the file below.)");
        assert_eq!((&mail.fresh.text, &mail.fresh.own, mail.fresh.html), (&mail.text, &mail.text, None));
        let [file] = mail.attachments.as_slice() else { panic!("one file") };
        assert_eq!((file.name.as_str(), file.mime.as_str()), ("mail.eml", "message/rfc822"));
        let place = Place { at: 0, length: 2, encoding: Encoding::Identity };
        assert_eq!((file.digest, file.size, file.place), (Digest::of(b"\0\0"), 2, Some(place)), "every byte of it");
    }

    #[test]
    fn of_a_mail_that_is_too_large_its_size_is_said() {
        for (size, said) in [(10 << 10, "10 KiB"), (40 << 20, "40 MiB")] {
            assert!(is_header_alone(size).contains(said), "{size}");
        }
    }
}
