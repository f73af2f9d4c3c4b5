//! Who writes to a ticket's signed address without taking part in it.
//!
//! Whoever has a mail of ours has that address, also if somebody passed the mail on to them. What they write is shown,
//! with their address and that they are new; that they take part, and get what goes to all, an agent says.

use super::context::Context;
use crate::domain::id::{CustomerId, TicketId};
use crate::domain::ticket::TicketEvent;
use crate::store::articles::ArticleRow;
use crate::store::{Result, Tx, jobs};

/// Lets whoever wrote a mail take part in its ticket; `false` if they do already, or it is nobody's from outside.
pub async fn let_in(context: &mut Context<'_>, mail: &ArticleRow) -> Result<bool> {
    let Some(writer) = mail.customer.filter(|_| mail.is_of_customer()) else { return Ok(false) };
    if context.tx.participants().contains(mail.ticket, writer).await? {
        return Ok(false);
    }
    context.tx.participants().add(mail.ticket, writer).await?;
    let address = context.tx.customers().get(writer).await?.address;
    context.record(mail.ticket, &TicketEvent::ParticipantAdded { address }).await?;
    show_again(context.tx, mail.ticket, writer).await?;
    Ok(true)
}

/// Has somebody's mails in a ticket say what is so of their writer now.
pub(super) async fn show_again(tx: &mut Tx, ticket: TicketId, writer: CustomerId) -> Result<()> {
    for article in tx.articles().in_thread_of(ticket, writer).await? {
        tx.enqueue(jobs::Article { ticket, article });
    }
    Ok(())
}
