//! Lists of tickets.

use chrono::{DateTime, Utc};

use super::{Result, StoreError, Tx};
use crate::domain::id::{AgentId, EventId, QueueId, RoomId, TicketId, UserId};
use crate::domain::number::Number;
use crate::domain::ticket::State;

/// A line of a list.
#[derive(Clone, Debug)]
pub struct TicketLine {
    /// Number.
    pub number: Number,
    /// Subject.
    pub subject: String,
    /// State.
    pub state: State,
    /// The queue's name.
    pub queue: String,
    /// The owner.
    pub owner: Option<UserId>,
    /// The customer's address.
    pub customer: String,
    /// Since when.
    pub since: DateTime<Utc>,
    /// Its card: room and event.
    pub card: Option<(RoomId, EventId)>,
}

/// Lists of tickets.
pub struct TicketLists<'t>(pub(super) &'t mut Tx);

impl TicketLists<'_> {
    /// Tickets that are not over, oldest first: of these queues, unlocked ones or all of them.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked.
    pub async fn open(&mut self, queues: &[QueueId], locked_too: bool, most: i64) -> Result<(Vec<TicketLine>, i64)> {
        let queues: Vec<i64> = queues.iter().map(|queue| queue.0).collect();
        let rows = sqlx::query_as!(
            LineRow,
            r#"select number, subject, state, queue.name as queue, agent.user_id as "owner?", customer.address as customer,
                      ticket.created_at as since, queue.room_id as "room?", root_event as "root?", count(*) over () as "total!"
               from ticket join queue using (queue_id) join customer using (customer_id)
                    left join agent on agent.agent_id = ticket.owner_id
                    left join thread on thread.ticket_id = ticket.ticket_id and thread.room_id = queue.room_id
               where ticket.queue_id = any($1) and ($2 or ticket.owner_id is null)
                 and state not in ('closed successful', 'closed unsuccessful', 'merged', 'removed')
               order by priority desc, ticket.ticket_id limit $3"#,
            &queues,
            locked_too,
            most,
        )
        .fetch_all(self.0.connection())
        .await?;
        lines(rows)
    }

    /// Tickets that an agent has locked, oldest first.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked.
    pub async fn owned_by(&mut self, agent: AgentId, most: i64) -> Result<(Vec<TicketLine>, i64)> {
        let rows = sqlx::query_as!(
            LineRow,
            r#"select number, subject, state, queue.name as queue, agent.user_id as "owner?", customer.address as customer,
                      ticket.created_at as since, queue.room_id as "room?", root_event as "root?", count(*) over () as "total!"
               from ticket join queue using (queue_id) join customer using (customer_id)
                    left join agent on agent.agent_id = ticket.owner_id
                    left join thread on thread.ticket_id = ticket.ticket_id and thread.room_id = queue.room_id
               where ticket.owner_id = $1 order by priority desc, ticket.ticket_id limit $2"#,
            agent.0,
            most,
        )
        .fetch_all(self.0.connection())
        .await?;
        lines(rows)
    }

    /// Tickets that an agent holds, for taking them away.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked.
    pub async fn ids_owned_by(&mut self, agent: AgentId) -> Result<Vec<TicketId>> {
        let rows = sqlx::query_scalar!("select ticket_id from ticket where owner_id = $1 order by ticket_id", agent.0)
            .fetch_all(self.0.connection())
            .await?;
        Ok(rows.into_iter().map(TicketId).collect())
    }
}

struct LineRow {
    number: String,
    subject: String,
    state: String,
    queue: String,
    owner: Option<String>,
    customer: String,
    since: DateTime<Utc>,
    room: Option<String>,
    root: Option<String>,
    total: i64,
}

fn lines(rows: Vec<LineRow>) -> Result<(Vec<TicketLine>, i64)> {
    let total = rows.first().map_or(0, |row| row.total);
    let lines = rows.into_iter().map(|row| {
        let unsound =
            |what: &str| StoreError::Unsound { table: "ticket", row: row.number.clone(), what: what.to_owned() };
        Ok(TicketLine {
            number: Number::parse(&row.number).ok_or_else(|| unsound("number"))?,
            state: State::named(&row.state).ok_or_else(|| unsound("state"))?,
            owner: row.owner.as_deref().and_then(UserId::parse),
            card: row.room.as_deref().and_then(RoomId::parse).zip(row.root.as_deref().and_then(EventId::parse)),
            subject: row.subject,
            queue: row.queue,
            customer: row.customer,
            since: row.since,
        })
    });
    Ok((lines.collect::<Result<_>>()?, total))
}
