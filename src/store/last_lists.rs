//! The list that an agent saw last in a room, if it goes on.

use serde::{Deserialize, Serialize};

use super::ticket_lists::TicketPlace;
use super::{Result, StoreError, Tx};
use crate::domain::id::{AgentId, QuarantineId, QueueId, RoomId};

/// A list that goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastList {
    /// The queue where it was asked for; `None`: in a direct room.
    pub queue: Option<QueueId>,
    /// What shows its next page, as it is typed behind the prefix.
    pub command: String,
    /// The last line that was seen; `None`: pages of it go by their number alone.
    pub behind: Option<Seen>,
}

/// The place of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Seen {
    /// Of a ticket.
    Ticket(TicketPlace),
    /// Of a quarantined mail.
    Entry(QuarantineId),
}

impl Seen {
    /// Of a ticket, if it is one.
    #[must_use]
    pub fn ticket(self) -> Option<TicketPlace> {
        match self {
            Self::Ticket(place) => Some(place),
            Self::Entry(_) => None,
        }
    }

    /// Of a quarantined mail, if it is one.
    #[must_use]
    pub fn entry(self) -> Option<QuarantineId> {
        match self {
            Self::Entry(entry) => Some(entry),
            Self::Ticket(_) => None,
        }
    }
}

/// The lists that agents saw last.
pub struct LastLists<'t>(pub(super) &'t mut Tx);

impl LastLists<'_> {
    /// The one that an agent saw last in a room, if it goes on.
    pub async fn get(&mut self, agent: AgentId, room: &RoomId) -> Result<Option<LastList>> {
        let row = sqlx::query!(
            "select queue_id, command, behind from last_list where agent_id = $1 and room_id = $2",
            agent.0,
            room.as_str(),
        )
        .fetch_optional(self.0.connection())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let behind = row.behind.map(serde_json::from_value).transpose().map_err(|error| StoreError::Unsound {
            table: "last_list",
            row: format!("{agent} {room}"),
            what: format!("behind: {error}"),
        })?;
        Ok(Some(LastList { queue: row.queue_id.map(QueueId), command: row.command, behind }))
    }

    /// Records it; `None`: it ends with what is shown.
    pub async fn set(&mut self, agent: AgentId, room: &RoomId, list: Option<&LastList>) -> Result<()> {
        let Some(list) = list else {
            sqlx::query!("delete from last_list where agent_id = $1 and room_id = $2", agent.0, room.as_str())
                .execute(self.0.connection())
                .await?;
            return Ok(());
        };
        sqlx::query!(
            "insert into last_list (agent_id, room_id, queue_id, command, behind) values ($1, $2, $3, $4, $5)
             on conflict (agent_id, room_id) do update
             set queue_id = excluded.queue_id, command = excluded.command, behind = excluded.behind",
            agent.0,
            room.as_str(),
            list.queue.map(|queue| queue.0),
            list.command,
            list.behind.map(|behind| serde_json::json!(behind)),
        )
        .execute(self.0.connection())
        .await?;
        Ok(())
    }
}
