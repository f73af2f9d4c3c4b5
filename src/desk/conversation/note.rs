//! Internal notes: they never leave the house.

use super::article::{self, Written};
use super::context::Context;
use crate::domain::id::{ArticleId, TicketId};
use crate::domain::ticket::{Actor, Ticket, TicketEvent};
use crate::store::files::AgentFile;
use crate::store::{Result, Tx, jobs};

/// Writes a note. Of one that an agent wrote in a thread their own message is what shows it.
pub async fn write(context: &mut Context<'_>, ticket: &Ticket, text: &str) -> Result<ArticleId> {
    let article = article::write(context, ticket, Written::Note, text).await?;
    context.record(ticket.id, &TicketEvent::NoteWritten { article }).await?;
    context.show_elsewhere(ticket, article).await?;
    Ok(article)
}

/// The same with files, which no message of the agent's shows.
pub async fn write_with_files(
    context: &mut Context<'_>,
    ticket: &Ticket,
    text: &str,
    files: &[AgentFile],
) -> Result<ArticleId> {
    let article = write(context, ticket, text).await?;
    for (position, file) in files.iter().enumerate() {
        let file = context.tx.files().add(article, position + 1, &file.as_new()).await?;
        context.tx.enqueue(jobs::File { ticket: ticket.id, file });
    }
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
