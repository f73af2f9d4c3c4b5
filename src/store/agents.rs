//! Agents: who they are, and which queues they work in.

use chrono::{DateTime, Utc};

use super::{Result, StoreError, Tx};
use crate::domain::id::{AgentId, QueueId, RoomId, UserId};
use crate::domain::queue::{Agent, Role};

struct AgentRow {
    agent_id: i64,
    user_id: String,
    role: String,
    active: bool,
    away_until: Option<DateTime<Utc>>,
    home: Option<String>,
    queues: Vec<i64>,
}

impl TryFrom<AgentRow> for Agent {
    type Error = StoreError;

    fn try_from(row: AgentRow) -> Result<Self> {
        let unsound =
            |what: &str| StoreError::Unsound { table: "agent", row: row.agent_id.to_string(), what: what.to_owned() };
        Ok(Self {
            id: AgentId(row.agent_id),
            user: UserId::parse(&row.user_id).ok_or_else(|| unsound("user_id"))?,
            role: Role::named(&row.role).ok_or_else(|| unsound("role"))?,
            active: row.active,
            away_until: row.away_until,
            queues: row.queues.into_iter().map(QueueId).collect(),
            direct: row.home.as_deref().and_then(RoomId::parse),
        })
    }
}

/// Agents, also former ones.
pub struct Agents<'t>(pub(super) &'t mut Tx);

impl Agents<'_> {
    /// Locks the rows of all admins, so that who counts them decides alone.
    pub async fn lock_admins(&mut self) -> Result<()> {
        sqlx::query!("select agent_id from agent where role = 'admin' order by agent_id for no key update")
            .fetch_all(self.0.connection())
            .await?;
        Ok(())
    }

    /// Everybody of the house, also who was removed.
    pub async fn all(&mut self) -> Result<Vec<Agent>> {
        sqlx::query_as!(
            AgentRow,
            r#"select agent_id, user_id, role, active, away_until, (select room_id from room where room.agent_id = agent.agent_id) as home,
                      array(select queue_id from agent_queue where agent_queue.agent_id = agent.agent_id) as "queues!"
               from agent order by user_id"#,
        )
        .fetch_all(self.0.connection())
        .await?
        .into_iter()
        .map(Agent::try_from)
        .collect()
    }

    /// Somebody of the house by their Matrix id, also if they were removed.
    pub async fn by_user(&mut self, user: &UserId) -> Result<Option<Agent>> {
        sqlx::query_as!(
            AgentRow,
            r#"select agent_id, user_id, role, active, away_until, (select room_id from room where room.agent_id = agent.agent_id) as home,
                      array(select queue_id from agent_queue where agent_queue.agent_id = agent.agent_id) as "queues!"
               from agent where user_id = $1"#,
            user.as_str(),
        )
        .fetch_optional(self.0.connection())
        .await?
        .map(Agent::try_from)
        .transpose()
    }

    /// Somebody of the house by their row.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked, or there is none (agents are never deleted).
    pub async fn get(&mut self, agent: AgentId) -> Result<Agent> {
        sqlx::query_as!(
            AgentRow,
            r#"select agent_id, user_id, role, active, away_until, (select room_id from room where room.agent_id = agent.agent_id) as home,
                      array(select queue_id from agent_queue where agent_queue.agent_id = agent.agent_id) as "queues!"
               from agent where agent_id = $1"#,
            agent.0,
        )
        .fetch_one(self.0.connection())
        .await?
        .try_into()
    }

    /// Adds somebody, or changes their role and queues and makes them active again.
    pub async fn put(&mut self, user: &UserId, role: Role, queues: &[QueueId]) -> Result<AgentId> {
        let agent = sqlx::query_scalar!(
            "insert into agent (user_id, role) values ($1, $2)
             on conflict (user_id) do update set role = excluded.role, active = true returning agent_id",
            user.as_str(),
            role.name(),
        )
        .fetch_one(self.0.connection())
        .await?;
        sqlx::query!("delete from agent_queue where agent_id = $1", agent).execute(self.0.connection()).await?;
        let queues: Vec<i64> = queues.iter().map(|queue| queue.0).collect();
        sqlx::query!("insert into agent_queue (agent_id, queue_id) select $1, unnest($2::bigint[])", agent, &queues)
            .execute(self.0.connection())
            .await?;
        Ok(AgentId(agent))
    }

    /// Records until when somebody is away; `None`: they are back.
    pub async fn set_away(&mut self, agent: AgentId, until: Option<DateTime<Utc>>) -> Result<()> {
        sqlx::query!("update agent set away_until = $2 where agent_id = $1", agent.0, until)
            .execute(self.0.connection())
            .await?;
        Ok(())
    }

    /// Takes somebody's rights; `false` if they had none.
    pub async fn remove(&mut self, agent: AgentId) -> Result<bool> {
        let done = sqlx::query!("update agent set active = false where agent_id = $1 and active", agent.0)
            .execute(self.0.connection())
            .await?;
        Ok(done.rows_affected() == 1)
    }
}
