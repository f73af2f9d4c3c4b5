//! How urgent a ticket is, what it is called, and by what it is found again. None of it takes the lock.

use super::context::Context;
use super::refusal::Outcome;
use crate::domain::ticket::{Action, Tag, Ticket};

/// Says how urgent a ticket is: 1 (very low) to 5 (very high).
pub async fn prioritise(context: &mut Context<'_>, ticket: &mut Ticket, priority: i16) -> Outcome<()> {
    context.act(ticket, Action::Prioritise { priority }).await
}

/// Says what a ticket is about. Mails from then on have the new subject.
pub async fn rename(context: &mut Context<'_>, ticket: &mut Ticket, subject: &str) -> Outcome<()> {
    let subject = subject.split_whitespace().collect::<Vec<_>>().join(" ");
    context.act(ticket, Action::Rename { subject }).await
}

/// Puts tags on a ticket and takes others off.
pub async fn tag(context: &mut Context<'_>, ticket: &mut Ticket, on: Vec<Tag>, off: Vec<Tag>) -> Outcome<()> {
    context.act(ticket, Action::Tag { on, off }).await
}
