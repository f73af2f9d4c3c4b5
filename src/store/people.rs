//! Queues, agents and customers.

use serde::Serialize;

use super::{Result, StoreError, Tx};
use crate::domain::id::{AgentId, CustomerId, EmailAddress, QueueId, RoomId, UserId};
use crate::domain::queue::{Agent, Intake, NotifyNew, Posting, Queue, Role};
use crate::domain::token::Keys;

/// A queue to be added.
#[derive(Clone, Debug)]
pub struct NewQueue {
    /// Its name.
    pub name: String,
    /// What people read.
    pub title: String,
    /// Its address.
    pub address: EmailAddress,
    /// How its mail comes in.
    pub intake: Intake,
    /// Who may write in its room.
    pub posting: Posting,
}

/// What of a queue is to be changed; `None` leaves it as it is.
#[derive(Clone, Debug, Default)]
pub struct QueueChange {
    /// What people read.
    pub title: Option<String>,
    /// Its address.
    pub address: Option<EmailAddress>,
    /// How its mail comes in.
    pub intake: Option<Intake>,
    /// What stands below every answer.
    pub signature: Option<String>,
    /// Whether a new ticket is acknowledged.
    pub acknowledge: Option<bool>,
    /// Whom a new ticket calls.
    pub notify_new: Option<NotifyNew>,
    /// Who may write in its room.
    pub posting: Option<Posting>,
    /// Whether it takes no more mail.
    pub archived: Option<bool>,
}

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

/// A queue as `queue list --json` shows it.
#[derive(Clone, Debug, Serialize)]
pub struct QueueLine {
    /// Name.
    pub name: String,
    /// Title.
    pub title: String,
    /// Address.
    pub address: String,
    /// Room, once made.
    pub room_id: Option<String>,
    /// Intake.
    pub intake: &'static str,
    /// Posting.
    pub posting: &'static str,
    /// Encryption.
    pub encrypted: bool,
    /// Archived.
    pub archived: bool,
}

impl From<&Queue> for QueueLine {
    fn from(queue: &Queue) -> Self {
        Self {
            name: queue.name.clone(),
            title: queue.title.clone(),
            address: queue.address.to_string(),
            room_id: queue.room.as_ref().map(ToString::to_string),
            intake: queue.intake.name(),
            posting: queue.posting.name(),
            encrypted: queue.encrypted,
            archived: queue.archived,
        }
    }
}

struct QueueRow {
    queue_id: i64,
    name: String,
    title: String,
    address: String,
    intake: String,
    signature: String,
    acknowledge: bool,
    notify_new: String,
    notify_list: Vec<String>,
    posting: String,
    encrypted: bool,
    archived: bool,
    room_id: Option<String>,
}

impl TryFrom<QueueRow> for Queue {
    type Error = StoreError;

    fn try_from(row: QueueRow) -> Result<Self> {
        let unsound =
            |what: &str| StoreError::Unsound { table: "queue", row: row.queue_id.to_string(), what: what.to_owned() };
        Ok(Self {
            id: QueueId(row.queue_id),
            address: EmailAddress::parse(&row.address).ok_or_else(|| unsound("address"))?,
            intake: Intake::named(&row.intake).ok_or_else(|| unsound("intake"))?,
            notify_new: match row.notify_new.as_str() {
                "none" => NotifyNew::None,
                "room" => NotifyNew::Room,
                _ => NotifyNew::List(row.notify_list.iter().filter_map(|user| UserId::parse(user)).collect()),
            },
            posting: if row.posting == "members" { Posting::Members } else { Posting::Agents },
            room: row.room_id.as_deref().and_then(RoomId::parse),
            name: row.name,
            title: row.title,
            signature: row.signature,
            acknowledge: row.acknowledge,
            encrypted: row.encrypted,
            archived: row.archived,
        })
    }
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
    /// All queues, in the order of their names.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked.
    pub async fn queues(&mut self) -> Result<Vec<Queue>> {
        sqlx::query_as!(
            QueueRow,
            "select queue_id, name, title, address, intake, signature, acknowledge, notify_new, notify_list, posting, encrypted,
                    archived, room_id from queue order by name",
        )
        .fetch_all(self.connection())
        .await?
        .into_iter()
        .map(Queue::try_from)
        .collect()
    }

    /// One queue.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked, or there is none (queues are never deleted).
    pub async fn queue(&mut self, queue: QueueId) -> Result<Queue> {
        sqlx::query_as!(
            QueueRow,
            "select queue_id, name, title, address, intake, signature, acknowledge, notify_new, notify_list, posting, encrypted,
                    archived, room_id from queue where queue_id = $1",
            queue.0,
        )
        .fetch_one(self.connection())
        .await?
        .try_into()
    }

    /// Adds a queue. One that is there already with the same address is left as it is: `false`.
    ///
    /// # Errors
    /// A constraint if the name or the address belongs to another queue.
    pub async fn add_queue(&mut self, queue: &NewQueue) -> Result<bool> {
        let same = sqlx::query_scalar!(
            r#"select exists (select from queue where name = $1 and address_key = lower($2)) as "same!""#,
            queue.name,
            queue.address.as_str(),
        )
        .fetch_one(self.connection())
        .await?;
        if same {
            return Ok(false);
        }
        sqlx::query!(
            "insert into queue (name, title, address, intake, posting) values ($1, $2, $3, $4, $5)",
            queue.name,
            queue.title,
            queue.address.as_str(),
            queue.intake.name(),
            queue.posting.name(),
        )
        .execute(self.connection())
        .await?;
        Ok(true)
    }

    /// Changes a queue's settings; `false` if there is none of that name.
    ///
    /// # Errors
    /// A constraint if the address belongs to another queue.
    pub async fn set_queue(&mut self, name: &str, change: &QueueChange) -> Result<bool> {
        let (word, list) = match &change.notify_new {
            None => (None, None),
            Some(NotifyNew::None) => (Some("none"), Some(vec![])),
            Some(NotifyNew::Room) => (Some("room"), Some(vec![])),
            Some(NotifyNew::List(users)) => {
                (Some("list"), Some(users.iter().map(ToString::to_string).collect::<Vec<_>>()))
            }
        };
        let done = sqlx::query!(
            "update queue set title = coalesce($2, title), address = coalesce($3, address), intake = coalesce($4, intake),
                    signature = coalesce($5, signature), acknowledge = coalesce($6, acknowledge),
                    notify_new = coalesce($7, notify_new), notify_list = coalesce($8, notify_list),
                    posting = coalesce($9, posting), archived = coalesce($10, archived)
             where name = $1",
            name,
            change.title,
            change.address.as_ref().map(EmailAddress::as_str),
            change.intake.map(Intake::name),
            change.signature,
            change.acknowledge,
            word,
            list.as_deref(),
            change.posting.map(Posting::name),
            change.archived,
        )
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Records a queue's room.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked.
    pub async fn set_queue_room(&mut self, queue: QueueId, room: &RoomId) -> Result<()> {
        sqlx::query!("update queue set room_id = $2 where queue_id = $1", queue.0, room.as_str())
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// The Space, once made.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked.
    pub async fn space(&mut self) -> Result<Option<RoomId>> {
        let room = sqlx::query_scalar!("select space_room_id from desk").fetch_one(self.connection()).await?;
        Ok(room.as_deref().and_then(RoomId::parse))
    }

    /// Records the Space.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked.
    pub async fn set_space(&mut self, room: &RoomId) -> Result<()> {
        sqlx::query!("update desk set space_room_id = $1", room.as_str()).execute(self.connection()).await?;
        Ok(())
    }

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

    /// Counts one more automatic mail to an address on the UTC day, unless it has had `most`.
    /// The cap stands in PostgreSQL, so that instances share it and a restart keeps it (R54).
    ///
    /// # Errors
    /// If PostgreSQL can't be asked.
    pub async fn may_write_automatically(&mut self, address: &EmailAddress, most: i32) -> Result<bool> {
        let done = sqlx::query!(
            "insert into automatic_mail (address_key, day, sent) values ($1, (now() at time zone 'UTC')::date, 1)
             on conflict (address_key, day) do update set sent = automatic_mail.sent + 1 where automatic_mail.sent < $2",
            address.key(),
            most,
        )
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }
}
