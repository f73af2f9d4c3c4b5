//! The desk's rooms, and what each is for.

use super::{Result, StoreError, Tx};
use crate::domain::id::{AgentId, QueueId, RoomId};
use crate::domain::room::Purpose;

/// The desk's rooms, and what each is for.
pub struct Rooms<'t>(pub(super) &'t mut Tx);

impl Rooms<'_> {
    /// The room of that purpose, once made.
    pub async fn get(&mut self, purpose: Purpose) -> Result<Option<RoomId>> {
        let (word, queue, agent) = columns(purpose);
        let room = sqlx::query_scalar!(
            "select room_id from room
             where purpose = $1 and queue_id is not distinct from $2 and agent_id is not distinct from $3",
            word,
            queue,
            agent
        )
        .fetch_optional(self.0.connection())
        .await?;
        Ok(room.as_deref().and_then(RoomId::parse))
    }

    /// What a room is for; `None`: it is none of ours.
    pub async fn purpose_of(&mut self, room: &RoomId) -> Result<Option<Purpose>> {
        let row = sqlx::query!("select purpose, queue_id, agent_id from room where room_id = $1", room.as_str())
            .fetch_optional(self.0.connection())
            .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(match (row.purpose.as_str(), row.queue_id, row.agent_id) {
            ("space", None, None) => Purpose::Space,
            ("queue", Some(queue), None) => Purpose::Queue(QueueId(queue)),
            ("home", None, Some(agent)) => Purpose::Home(AgentId(agent)),
            ("admins", None, None) => Purpose::Admins,
            _ => {
                let what = format!("the purpose {}", row.purpose);
                return Err(StoreError::Unsound { table: "room", row: room.to_string(), what });
            }
        }))
    }

    /// Whether a room was a queue's, and is not any more.
    pub async fn is_former(&mut self, room: &RoomId) -> Result<bool> {
        Ok(sqlx::query_scalar!(
            r#"select exists (select from former_room where room_id = $1) as "former!""#,
            room.as_str()
        )
        .fetch_one(self.0.connection())
        .await?)
    }

    /// Records the room of a purpose, in place of the one that it had.
    ///
    /// # Errors
    /// A constraint if the room is another purpose's.
    pub async fn set(&mut self, purpose: Purpose, room: &RoomId) -> Result<()> {
        let (word, queue, agent) = columns(purpose);
        sqlx::query!(
            "delete from room
             where purpose = $1 and queue_id is not distinct from $2 and agent_id is not distinct from $3",
            word,
            queue,
            agent
        )
        .execute(self.0.connection())
        .await?;
        sqlx::query!(
            "insert into room (room_id, purpose, queue_id, agent_id) values ($1, $2, $3, $4)",
            room.as_str(),
            word,
            queue,
            agent
        )
        .execute(self.0.connection())
        .await?;
        Ok(())
    }
}

fn columns(purpose: Purpose) -> (&'static str, Option<i64>, Option<i64>) {
    match purpose {
        Purpose::Space => ("space", None, None),
        Purpose::Queue(queue) => ("queue", Some(queue.0), None),
        Purpose::Home(agent) => ("home", None, Some(agent.0)),
        Purpose::Admins => ("admins", None, None),
    }
}
