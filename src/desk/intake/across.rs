//! A mail that went to several queues, or to another one than its ticket's.
//!
//! Each queue that a mail is sent to makes its own of it: a ticket in each, and what continues both continues each there.
//! Where a queue has no ticket of its own, the mail stands in the other's, once, and its own room is told.

use super::arrival::Arrival;
use crate::desk::{tell_room, words};
use crate::domain::id::{EmailAddress, MailId, TicketId};
use crate::store::{Result, Tx};
use words::Target;

/// The ticket of this queue that has come of the same mails as the one that a mail belongs to, and in which its writer takes
/// part, too. `None`: there is none, or the envelope names the other ticket itself.
pub(super) async fn here(tx: &mut Tx, arrival: &Arrival<'_>, ticket: TicketId) -> Result<Option<TicketId>> {
    if tx.tickets().get(ticket).await?.queue == arrival.queue.id {
        return Ok(None);
    }
    let keys = tx.desk().keys().await?;
    let is_named = EmailAddress::parse(&arrival.stored.recipient).is_some_and(|to| keys.recognise(&to).is_some());
    if is_named { Ok(None) } else { tx.message_ids().sibling(ticket, arrival.queue.id, arrival.customer.id).await }
}

/// Tells the queue that a mail was sent to where it is, if that is in another one.
pub(super) async fn tell(tx: &mut Tx, arrival: &Arrival<'_>, filed: MailId) -> Result<()> {
    let Some(room) = arrival.queue.room.as_ref().filter(|_| !arrival.stored.is_imported) else { return Ok(()) };
    let Some(article) = tx.articles().of_mail(filed).await? else { return Ok(()) };
    let ticket = tx.articles().get(article).await?.ticket;
    let ticket = tx.tickets().get(ticket).await?;
    if ticket.queue == arrival.queue.id {
        return Ok(());
    }
    let queue = tx.queues().get(ticket.queue).await?;
    let card = match &queue.room {
        Some(room) => tx.threads().get(ticket.id, room).await?.map(|thread| Target::Event(room.clone(), thread.last)),
        None => None,
    };
    tell_room(tx, room, words::filed_elsewhere(&arrival.from.address, &ticket, &queue, card), vec![]);
    Ok(())
}
