//! Agents and customers.

use super::{Result, StoreError, Tx};
use crate::domain::id::{AgentId, CustomerId, EmailAddress, QueueId, RoomId, UserId};
use crate::domain::queue::{Agent, Role};
use crate::domain::token::Keys;

/// A customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Customer {
    /// Their row.
    pub id: CustomerId,
    /// Their address.
    pub address: EmailAddress,
    /// Their name; may be empty.
    pub name: String,
}

struct AgentRow {
    agent_id: i64,
    user_id: String,
    role: String,
    active: bool,
    dm_room_id: Option<String>,
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
            queues: row.queues.into_iter().map(QueueId).collect(),
            direct: row.dm_room_id.as_deref().and_then(RoomId::parse),
        })
    }
}

impl Tx {
    /// Everybody of the house, also who was removed.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked.
    pub async fn agents(&mut self) -> Result<Vec<Agent>> {
        sqlx::query_as!(
            AgentRow,
            r#"select agent_id, user_id, role, active, dm_room_id,
                      array(select queue_id from agent_queue where agent_queue.agent_id = agent.agent_id) as "queues!"
               from agent order by user_id"#,
        )
        .fetch_all(self.connection())
        .await?
        .into_iter()
        .map(Agent::try_from)
        .collect()
    }

    /// Somebody of the house by their Matrix id, also if they were removed.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked.
    pub async fn agent_of(&mut self, user: &UserId) -> Result<Option<Agent>> {
        sqlx::query_as!(
            AgentRow,
            r#"select agent_id, user_id, role, active, dm_room_id,
                      array(select queue_id from agent_queue where agent_queue.agent_id = agent.agent_id) as "queues!"
               from agent where user_id = $1"#,
            user.as_str(),
        )
        .fetch_optional(self.connection())
        .await?
        .map(Agent::try_from)
        .transpose()
    }

    /// Somebody of the house by their row.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked, or there is none (agents are never deleted).
    pub async fn agent(&mut self, agent: AgentId) -> Result<Agent> {
        sqlx::query_as!(
            AgentRow,
            r#"select agent_id, user_id, role, active, dm_room_id,
                      array(select queue_id from agent_queue where agent_queue.agent_id = agent.agent_id) as "queues!"
               from agent where agent_id = $1"#,
            agent.0,
        )
        .fetch_one(self.connection())
        .await?
        .try_into()
    }

    /// Adds somebody, or changes their role and queues and makes them active again.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked.
    pub async fn put_agent(&mut self, user: &UserId, role: Role, queues: &[QueueId]) -> Result<AgentId> {
        let agent = sqlx::query_scalar!(
            "insert into agent (user_id, role) values ($1, $2)
             on conflict (user_id) do update set role = excluded.role, active = true returning agent_id",
            user.as_str(),
            role.name(),
        )
        .fetch_one(self.connection())
        .await?;
        sqlx::query!("delete from agent_queue where agent_id = $1", agent).execute(self.connection()).await?;
        let queues: Vec<i64> = queues.iter().map(|queue| queue.0).collect();
        sqlx::query!("insert into agent_queue (agent_id, queue_id) select $1, unnest($2::bigint[])", agent, &queues)
            .execute(self.connection())
            .await?;
        Ok(AgentId(agent))
    }

    /// Takes somebody's rights; `false` if they had none.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked.
    pub async fn remove_agent(&mut self, agent: AgentId) -> Result<bool> {
        let done = sqlx::query!("update agent set active = false where agent_id = $1 and active", agent.0)
            .execute(self.connection())
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Records the direct room that somebody talks to the bot in.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked.
    pub async fn set_direct_room(&mut self, agent: AgentId, room: &RoomId) -> Result<()> {
        sqlx::query!("update agent set dm_room_id = $2 where agent_id = $1", agent.0, room.as_str())
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// The customer with that address, made if it is new; a name that comes with it is kept.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked.
    pub async fn customer_at(&mut self, address: &EmailAddress, name: &str) -> Result<Customer> {
        let row = sqlx::query!(
            "insert into customer (address, name) values ($1, $2)
             on conflict (address_key) do update set name = coalesce(nullif(excluded.name, ''), customer.name)
             returning customer_id, address, name",
            address.as_str(),
            name,
        )
        .fetch_one(self.connection())
        .await?;
        Ok(Customer { id: CustomerId(row.customer_id), address: address.clone(), name: row.name })
    }

    /// The same for a mail from an archive: a name that is known already is newer than the mail's.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked.
    pub async fn customer_of_archive(&mut self, address: &EmailAddress, name: &str) -> Result<Customer> {
        let row = sqlx::query!(
            "insert into customer (address, name) values ($1, $2)
             on conflict (address_key) do update set name = coalesce(nullif(customer.name, ''), excluded.name)
             returning customer_id, name",
            address.as_str(),
            name,
        )
        .fetch_one(self.connection())
        .await?;
        Ok(Customer { id: CustomerId(row.customer_id), address: address.clone(), name: row.name })
    }

    /// A customer.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked, or there is none.
    pub async fn customer(&mut self, customer: CustomerId) -> Result<Customer> {
        let row = sqlx::query!("select address, name from customer where customer_id = $1", customer.0)
            .fetch_one(self.connection())
            .await?;
        let address = EmailAddress::parse(&row.address).ok_or_else(|| StoreError::Unsound {
            table: "customer",
            row: customer.to_string(),
            what: "address".to_owned(),
        })?;
        Ok(Customer { id: customer, address, name: row.name })
    }

    /// The signing keys, the newest last.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked.
    pub async fn keys(&mut self) -> Result<Keys> {
        let rows =
            sqlx::query!("select version, key from signing_key order by version").fetch_all(self.connection()).await?;
        Ok(Keys::new(rows.into_iter().filter_map(|row| Some((u8::try_from(row.version).ok()?, row.key))).collect()))
    }
}
