//! What happens when somebody becomes an agent, works in other queues from now on, or is one no more.

use super::refresh_card;
use super::rooms::refresh_rooms;
use crate::domain::id::{AgentId, QueueId, UserId};
use crate::domain::queue::{Agent, Role};
use crate::domain::ticket::Action;
use crate::domain::ticket::Actor;
use crate::store::{Result, Tx};

/// Adds somebody, or changes their role and queues (none: all), and unlocks what they had locked where they work no more.
/// Returns who it is, and how many tickets that was.
///
/// # Errors
/// If the record failed.
pub async fn put_agent(tx: &mut Tx, user: &UserId, role: Role, queues: &[QueueId]) -> Result<(AgentId, usize)> {
    let id = tx.agents().put(user, role, queues).await?;
    let agent = tx.agents().get(id).await?;
    let unlocked = unlock(tx, &agent).await?;
    refresh_rooms(tx);
    Ok((id, unlocked))
}

/// Takes somebody's rights and unlocks what they had locked (R34). Returns how many tickets that was.
///
/// # Errors
/// If the record failed.
pub async fn remove_agent(tx: &mut Tx, agent: &Agent) -> Result<usize> {
    tx.agents().remove(agent.id).await?;
    let unlocked = unlock(tx, &Agent { active: false, ..agent.clone() }).await?;
    refresh_rooms(tx);
    Ok(unlocked)
}

/// Unlocks what somebody has locked in queues in which they don't work.
async fn unlock(tx: &mut Tx, agent: &Agent) -> Result<usize> {
    let mut unlocked = 0;
    for id in tx.ticket_lists().ids_owned_by(agent.id).await? {
        let mut ticket = tx.tickets().lock(id).await?;
        if agent.works_in(ticket.queue) {
            continue;
        }
        for change in ticket.act(None, Action::Unlock { admin: true }, tx.now()).unwrap_or_default() {
            tx.tickets().apply(&mut ticket, &change, &Actor::System).await?;
        }
        refresh_card(tx, id);
        unlocked += 1;
    }
    Ok(unlocked)
}
