//! The audit trail: who did what to a ticket, and when.

use chrono::{DateTime, Utc};

use super::{Result, Tx};
use crate::domain::id::{AgentId, EventId, TicketId, UserId};

/// Who did something, for the audit trail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// An agent, by an event.
    Agent(AgentId, EventId),
    /// A customer.
    Customer,
    /// The desk.
    System,
}

/// A line of a ticket's history.
#[derive(Clone, Debug)]
pub struct HistoryLine {
    /// When.
    pub at: DateTime<Utc>,
    /// `agent`, `customer` or `system`.
    pub actor: String,
    /// The agent.
    pub agent: Option<UserId>,
    /// What.
    pub what: String,
    /// Before.
    pub old: Option<String>,
    /// After.
    pub new: Option<String>,
}

/// The audit trail.
pub struct Audit<'t>(pub(super) &'t mut Tx);

impl Audit<'_> {
    /// Writes a line into the audit trail.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked.
    pub async fn add(
        &mut self,
        ticket: TicketId,
        actor: &Actor,
        what: &str,
        old: Option<&str>,
        new: Option<&str>,
    ) -> Result<()> {
        let (name, agent, event) = match actor {
            Actor::Agent(agent, event) => ("agent", Some(agent.0), Some(event.as_str())),
            Actor::Customer => ("customer", None, None),
            Actor::System => ("system", None, None),
        };
        sqlx::query!(
            "insert into change (ticket_id, actor, agent_id, what, old, new, event_id) values ($1, $2, $3, $4, $5, $6, $7)",
            ticket.0,
            name,
            agent,
            what,
            old,
            new,
            event,
        )
        .execute(self.0.connection())
        .await?;
        Ok(())
    }

    /// A ticket's history, oldest first, the newest 200 lines.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked.
    pub async fn of(&mut self, ticket: TicketId) -> Result<Vec<HistoryLine>> {
        let rows = sqlx::query!(
            r#"select at, actor, user_id as "user_id?", what, old, new from change left join agent using (agent_id)
               where ticket_id = $1 order by change_id desc limit 200"#,
            ticket.0,
        )
        .fetch_all(self.0.connection())
        .await?;
        let lines = rows.into_iter().rev().map(|row| HistoryLine {
            at: row.at,
            actor: row.actor,
            agent: row.user_id.as_deref().and_then(UserId::parse),
            what: row.what,
            old: row.old,
            new: row.new,
        });
        Ok(lines.collect())
    }
}
