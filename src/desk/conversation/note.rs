//! Internal notes: they never leave the house.

use super::context::Context;
use crate::domain::article::{Kind, Sender, Visibility};
use crate::domain::id::{ArticleId, TicketId};
use crate::domain::ticket::{Actor, Ticket, TicketEvent};
use crate::store::articles::{Body, NewArticle, Origin};
use crate::store::{Result, Tx};

/// Writes a note. Of one that an agent wrote in a thread their own message is what shows it.
pub async fn write(context: &mut Context<'_>, ticket: &Ticket, text: &str) -> Result<ArticleId> {
    let article = context
        .tx
        .articles()
        .add(&NewArticle {
            ticket: ticket.id,
            kind: Kind::Note,
            sender: Sender::Agent,
            visibility: Visibility::Internal,
            origin: Origin::Agent(context.by.id, context.cause.map(|cause| cause.event)),
            body: Body::plain(text),
            on_card: false,
        })
        .await?;
    if let Some(cause) = context.cause {
        context.tx.threads().add_event(cause.event, cause.room, ticket.id, Some(article)).await?;
    }
    context.record(ticket.id, &TicketEvent::NoteWritten { article }).await?;
    context.show_elsewhere(ticket, article).await?;
    Ok(article)
}

/// Changes a note's text.
pub async fn change(tx: &mut Tx, note: ArticleId, text: &str) -> Result<()> {
    tx.articles().set_text(note, text).await
}

/// Takes a note back; it stays in the record. Who deletes the message may be no agent any more.
pub async fn delete(tx: &mut Tx, ticket: TicketId, note: ArticleId, by: &Actor) -> Result<()> {
    tx.articles().cancel(note).await?;
    tx.audit().record(ticket, by, &TicketEvent::NoteDeleted { article: note }).await
}
