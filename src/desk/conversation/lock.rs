//! Taking a ticket and handing it back.

use super::context::Context;
use super::refusal::Outcome;
use crate::domain::queue::Role;
use crate::domain::ticket::{Action, Ticket};

/// Locks a ticket for the agent.
pub async fn lock(context: &mut Context<'_>, ticket: &mut Ticket) -> Outcome<()> {
    context.act(ticket, Action::Lock).await
}

/// Hands a ticket back; an admin also what is not theirs.
pub async fn unlock(context: &mut Context<'_>, ticket: &mut Ticket) -> Outcome<()> {
    let admin = context.by.role == Role::Admin;
    context.act(ticket, Action::Unlock { admin }).await
}
