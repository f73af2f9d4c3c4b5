//! Who watches which ticket.

use super::{Result, Tx};
use crate::domain::id::{AgentId, TicketId};

/// Agents who want to be called for tickets that are not theirs.
pub struct Watches<'t>(pub(super) &'t mut Tx);

impl Watches<'_> {
    /// Lets an agent watch a ticket; `false` if they do.
    pub async fn add(&mut self, ticket: TicketId, agent: AgentId) -> Result<bool> {
        let now = self.0.now();
        let done = sqlx::query!(
            "insert into ticket_watch (ticket_id, agent_id, since) values ($1, $2, $3) on conflict do nothing",
            ticket.0,
            agent.0,
            now,
        )
        .execute(self.0.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Lets an agent watch a ticket no more; `false` if they did not.
    pub async fn remove(&mut self, ticket: TicketId, agent: AgentId) -> Result<bool> {
        let done = sqlx::query!("delete from ticket_watch where ticket_id = $1 and agent_id = $2", ticket.0, agent.0)
            .execute(self.0.connection())
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Who watches a ticket, whether or not they still work there.
    pub async fn of(&mut self, ticket: TicketId) -> Result<Vec<AgentId>> {
        let agents =
            sqlx::query_scalar!("select agent_id from ticket_watch where ticket_id = $1 order by agent_id", ticket.0)
                .fetch_all(self.0.connection())
                .await?;
        Ok(agents.into_iter().map(AgentId).collect())
    }
}
