//! Giving a ticket to somebody.

use super::context::Context;
use super::refusal::{Outcome, OwnerRefusal};
use crate::desk::words;
use crate::domain::queue::Agent;
use crate::domain::ticket::{Action, Ticket};

/// Makes somebody the owner and locks the ticket for them, whoever had it before. The new owner and the one before
/// are called in the thread, but not who does it.
pub async fn give(context: &mut Context<'_>, ticket: &mut Ticket, to: &Agent) -> Outcome<()> {
    if !to.works_in(ticket.queue) {
        return Err(OwnerRefusal::WorksElsewhere(to.user.clone()).into());
    }
    let before = ticket.owner;
    context.act(ticket, Action::Give { to: to.id }).await?;
    if before == Some(to.id) {
        return Ok(());
    }
    let mut called = vec![to.user.clone()];
    if let Some(before) = before {
        called.push(context.tx.agents().get(before).await?.user);
    }
    let by = &context.by.user;
    called.retain(|user| user != by);
    if called.is_empty() {
        return Ok(());
    }
    let said = if to.user == *by { words::taken_over(by) } else { words::given(&to.user, by) };
    Ok(context.say(ticket, said, called).await?)
}
