//! Bringing a ticket into another queue.

use super::context::Context;
use super::note;
use super::refusal::{MoveRefusal, Outcome};
use crate::domain::queue::Queue;
use crate::domain::ticket::{Action, Ticket};
use crate::store::Result;

/// Brings a ticket into another queue, in which the agent works, too, with a note if there is one: its thread goes on in
/// that queue's room, with all that was said. Its number, its mails and their addresses keep leading to it.
pub async fn move_to(context: &mut Context<'_>, ticket: &mut Ticket, name: &str, note: Option<&str>) -> Outcome<Queue> {
    let to = workplace(context, name).await?;
    let from_name = context.tx.queues().get(ticket.queue).await?.name;
    if let Some(text) = note {
        note::write(context, ticket, text).await?;
    }
    context.act(ticket, Action::Move { to: to.id, to_name: to.name.clone(), from_name }).await?;
    Ok(to)
}

/// One of the queues in which the agent works, by its name.
///
/// # Errors
/// [`MoveRefusal::NoSuchQueue`], with those in which the agent works.
pub async fn workplace(context: &mut Context<'_>, name: &str) -> Outcome<Queue> {
    let queues = workplaces(context).await?;
    let name = name.trim().trim_start_matches('#').to_lowercase();
    if let Some(queue) = queues.iter().find(|queue| queue.name == name) {
        return Ok(queue.clone());
    }
    let queues = queues.into_iter().map(|queue| queue.name).collect();
    Err(MoveRefusal::NoSuchQueue { name, queues }.into())
}

/// The queues in which the agent works and that take tickets.
pub(super) async fn workplaces(context: &mut Context<'_>) -> Result<Vec<Queue>> {
    let mut queues = context.tx.queues().all().await?;
    queues.retain(|queue| context.by.works_in(queue.id) && !queue.archived);
    Ok(queues)
}
