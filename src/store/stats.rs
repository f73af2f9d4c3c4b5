//! What is counted.

use chrono::{DateTime, NaiveDate, Utc};

use super::intake::Route;
use super::{Result, StoreError, Tx};
use crate::domain::id::{AgentId, QueueId, TicketId};
use crate::domain::stats::Window;
use crate::domain::ticket::State;

/// Of how many tickets the times are looked at, the newest.
pub const MOST_TIMES: i64 = 500;

/// A change of state, so many times.
#[derive(Clone, Debug)]
pub struct TurnCount {
    /// Of which queue's tickets.
    pub queue: QueueId,
    /// Who made it; `None`: the desk or a customer.
    pub agent: Option<AgentId>,
    /// On which day.
    pub day: NaiveDate,
    /// Before.
    pub from: State,
    /// After.
    pub to: State,
    /// How often.
    pub count: i64,
}

/// Two moments of a ticket.
#[derive(Clone, Copy, Debug)]
pub struct Stretch {
    /// The ticket.
    pub ticket: TicketId,
    /// Its queue.
    pub queue: QueueId,
    /// When it was made.
    pub from: DateTime<Utc>,
    /// When the other thing happened.
    pub to: DateTime<Utc>,
}

/// What is counted.
pub struct Stats<'t>(pub(super) &'t mut Tx);

impl Stats<'_> {
    /// How many tickets of each queue were made on each day; those of an archive were made long before.
    pub async fn created(&mut self, queues: &[QueueId], window: &Window) -> Result<Vec<(QueueId, NaiveDate, i64)>> {
        let rows = sqlx::query!(
            r#"select queue_id, (created_at at time zone $4)::date as "day!", count(*) as "count!" from ticket
               where queue_id = any($1) and created_at >= $2 and created_at <= $3
                 and not exists (select from article join mail_in using (mail_id)
                                 where article.ticket_id = ticket.ticket_id and seq = 1 and route = $5)
               group by 1, 2"#,
            &ids(queues),
            window.from,
            window.to,
            window.zone.name(),
            Route::Import.name(),
        )
        .fetch_all(self.0.connection())
        .await?;
        Ok(rows.into_iter().map(|row| (QueueId(row.queue_id), row.day, row.count)).collect())
    }

    /// How many answers each agent wrote to tickets of each queue.
    pub async fn answered(&mut self, queues: &[QueueId], window: &Window) -> Result<Vec<(QueueId, AgentId, i64)>> {
        let rows = sqlx::query!(
            r#"select queue_id, agent_id as "agent_id!", count(*) as "count!" from article join ticket using (ticket_id)
               where queue_id = any($1) and kind = 'answer' and article.created_at >= $2 and article.created_at <= $3
                 and agent_id is not null and cancelled_at is null
               group by 1, 2"#,
            &ids(queues),
            window.from,
            window.to,
        )
        .fetch_all(self.0.connection())
        .await?;
        Ok(rows.into_iter().map(|row| (QueueId(row.queue_id), AgentId(row.agent_id), row.count)).collect())
    }

    /// How often the states of tickets of each queue changed, who did it, and on which day.
    pub async fn turns(&mut self, queues: &[QueueId], window: &Window) -> Result<Vec<TurnCount>> {
        let rows = sqlx::query!(
            r#"select queue_id, agent_id, (at at time zone $4)::date as "day!", data ->> 'from' as "from!", data ->> 'to' as "to!",
                      count(*) as "count!"
               from ticket_event join ticket using (ticket_id)
               where queue_id = any($1) and kind = 'state_changed' and at >= $2 and at <= $3
               group by 1, 2, 3, 4, 5"#,
            &ids(queues),
            window.from,
            window.to,
            window.zone.name(),
        )
        .fetch_all(self.0.connection())
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(TurnCount {
                    queue: QueueId(row.queue_id),
                    agent: row.agent_id.map(AgentId),
                    day: row.day,
                    from: state(&row.from)?,
                    to: state(&row.to)?,
                    count: row.count,
                })
            })
            .collect()
    }

    /// How many tickets of each queue are open now, and how many of those nobody has locked.
    pub async fn open(&mut self, queues: &[QueueId]) -> Result<Vec<(QueueId, i64, i64)>> {
        let rows = sqlx::query!(
            r#"select queue_id, count(*) as "all!", count(*) filter (where owner_id is null) as "unlocked!" from ticket
               where queue_id = any($1) and state not in ('closed successful', 'closed unsuccessful', 'merged', 'removed')
               group by 1"#,
            &ids(queues),
        )
        .fetch_all(self.0.connection())
        .await?;
        Ok(rows.into_iter().map(|row| (QueueId(row.queue_id), row.all, row.unlocked)).collect())
    }

    /// When the newest tickets that were made in a window had their first answer.
    pub async fn first_answers(&mut self, queues: &[QueueId], window: &Window) -> Result<Vec<Stretch>> {
        let rows = sqlx::query!(
            r#"select ticket_id, queue_id, created_at, answered_at as "answered_at!" from (
                   select ticket_id, queue_id, created_at from ticket
                   where queue_id = any($1) and created_at >= $2 and created_at <= $3
                   order by created_at desc limit $4) as made,
                   lateral (select article.created_at as answered_at from article
                            where article.ticket_id = made.ticket_id and kind = 'answer' and seq > 1 and cancelled_at is null
                            order by seq limit 1) as first"#,
            &ids(queues),
            window.from,
            window.to,
            MOST_TIMES,
        )
        .fetch_all(self.0.connection())
        .await?;
        let stretch = |row: (i64, i64, DateTime<Utc>, DateTime<Utc>)| Stretch {
            ticket: TicketId(row.0),
            queue: QueueId(row.1),
            from: row.2,
            to: row.3,
        };
        Ok(rows
            .into_iter()
            .map(|row| stretch((row.ticket_id, row.queue_id, row.created_at, row.answered_at)))
            .collect())
    }

    /// When the newest tickets that were closed in a window, and still are, were closed.
    pub async fn closings(&mut self, queues: &[QueueId], window: &Window) -> Result<Vec<Stretch>> {
        let rows = sqlx::query!(
            r#"select ticket_id, queue_id, created_at, closed_at as "closed_at!" from ticket
               where queue_id = any($1) and closed_at >= $2 and closed_at <= $3 and state like 'closed%'
               order by closed_at desc limit $4"#,
            &ids(queues),
            window.from,
            window.to,
            MOST_TIMES,
        )
        .fetch_all(self.0.connection())
        .await?;
        let stretch = |row: (i64, i64, DateTime<Utc>, DateTime<Utc>)| Stretch {
            ticket: TicketId(row.0),
            queue: QueueId(row.1),
            from: row.2,
            to: row.3,
        };
        Ok(rows.into_iter().map(|row| stretch((row.ticket_id, row.queue_id, row.created_at, row.closed_at))).collect())
    }

    /// Since when and until when these tickets were pending or closed: then nobody could be expected to solve them.
    pub async fn pauses(&mut self, tickets: &[TicketId]) -> Result<Vec<(TicketId, DateTime<Utc>, DateTime<Utc>)>> {
        let ids: Vec<i64> = tickets.iter().map(|ticket| ticket.0).collect();
        let rows = sqlx::query!(
            r#"select ticket_id, at, coalesce(lead(at) over (partition by ticket_id order by ticket_event_id), at) as "until!",
                      data ->> 'to' as "to!"
               from ticket_event where ticket_id = any($1) and kind = 'state_changed'"#,
            &ids,
        )
        .fetch_all(self.0.connection())
        .await?;
        let mut pauses = Vec::new();
        for row in rows {
            let to = state(&row.to)?;
            if to.is_pending() || to.is_closed() {
                pauses.push((TicketId(row.ticket_id), row.at, row.until));
            }
        }
        Ok(pauses)
    }
}

fn ids(queues: &[QueueId]) -> Vec<i64> {
    queues.iter().map(|queue| queue.0).collect()
}

fn state(word: &str) -> Result<State> {
    State::named(word).ok_or_else(|| StoreError::Unsound {
        table: "ticket_event",
        row: word.to_owned(),
        what: "a state".to_owned(),
    })
}
