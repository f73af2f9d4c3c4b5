//! Mails that answer a mail which never came here.
//!
//! Somebody writes to a colleague, and all answers of that conversation go to the desk: each names a mail that the record
//! does not have. What the same person writes on, under the same subject, belongs into the ticket that the first of them
//! made; of anybody else's the new ticket says where the other one is, and an agent decides. For whoever knows the id of a
//! foreign mail has that by no means from its writer.

use super::arrival::Arrival;
use super::sender::Authenticated;
use super::subject;
use crate::desk::{say, words};
use crate::domain::id::{MessageId, TicketId};
use crate::domain::ticket::Ticket;
use crate::store::{Result, Tx};

/// How many of the mails that one answers are looked at, newest first: further back conversations part.
const MOST: usize = 10;

/// The open ticket that a mail goes on with, though it answers nothing that is here.
pub(super) async fn continued(tx: &mut Tx, arrival: &Arrival<'_>) -> Result<Option<TicketId>> {
    if arrival.found == Some(Authenticated::Fail) {
        return Ok(None);
    }
    let related = tx.unknown_messages().related(&ids(arrival), arrival.queue.id, arrival.customer.id, None).await?;
    let Some(related) = related.filter(|related| related.takes_part) else { return Ok(None) };
    let known = tx.tickets().get(related.ticket).await?.subject;
    let is_same = subject::cleaned(tx, &arrival.mail.subject).await?.eq_ignore_ascii_case(&known);
    Ok(is_same.then_some(related.ticket))
}

/// Records what a ticket's mail answers that is not here.
pub(super) async fn note(tx: &mut Tx, arrival: &Arrival<'_>, ticket: TicketId) -> Result<()> {
    let answered: Vec<MessageId> = answered(arrival).collect();
    tx.unknown_messages().add(&answered, ticket).await
}

/// Says in a new ticket's thread which other one may be the same matter.
pub(super) async fn tell(tx: &mut Tx, arrival: &Arrival<'_>, ticket: &Ticket) -> Result<()> {
    let Some(room) = arrival.queue.room.as_ref().filter(|_| !arrival.stored.is_imported) else { return Ok(()) };
    let related =
        tx.unknown_messages().related(&ids(arrival), arrival.queue.id, arrival.customer.id, Some(ticket.id)).await?;
    let Some(related) = related else { return Ok(()) };
    let card = tx.threads().get(related.ticket, room).await?.map(|thread| (room.clone(), thread.root));
    let what = "Perhaps the same matter: what answers the same mail, which the desk does not have, is in";
    say(tx, room, ticket.id, words::leads_to(what, &related.number, card), vec![]);
    Ok(())
}

/// The mails by which a mail may belong to another one: itself, if that was answered before it came, and what it answers.
fn ids(arrival: &Arrival<'_>) -> Vec<MessageId> {
    arrival.mail.message_id.iter().cloned().chain(answered(arrival)).collect()
}

fn answered<'a>(arrival: &'a Arrival<'_>) -> impl Iterator<Item = MessageId> + 'a {
    arrival.mail.in_reply_to.iter().chain(arrival.mail.references.iter().rev()).take(MOST).cloned()
}
