//! What happens when somebody stops being an agent.

use super::refresh_card;
use crate::domain::queue::Agent;
use crate::domain::ticket::Action;
use crate::domain::ticket::Actor;
use crate::store::{Result, Tx};

/// Takes somebody's rights and unlocks what they had locked (R34). Returns how many tickets that was.
///
/// # Errors
/// If the record failed.
pub async fn remove_agent(tx: &mut Tx, agent: &Agent) -> Result<usize> {
    tx.agents().remove(agent.id).await?;
    let held = tx.ticket_lists().ids_owned_by(agent.id).await?;
    for id in &held {
        let mut ticket = tx.tickets().lock(*id).await?;
        for change in ticket.act(None, Action::Unlock { admin: true }, tx.now()).unwrap_or_default() {
            tx.tickets().apply(&mut ticket, &change, &Actor::System).await?;
        }
        refresh_card(tx, *id);
    }
    Ok(held.len())
}
