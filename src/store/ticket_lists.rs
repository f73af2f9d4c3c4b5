//! Lists of tickets.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::page::Page;
use super::{Result, StoreError, Tx};
use crate::domain::id::{AgentId, EmailAddress, EventId, QueueId, RoomId, TicketId, UserId};
use crate::domain::number::Number;
use crate::domain::ticket::State;

/// A ticket's place in lists: the most urgent first, then the oldest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketPlace {
    /// Its priority, from 5 down to 1.
    pub priority: i16,
    /// Its row.
    pub ticket: TicketId,
}

impl TicketPlace {
    /// Before all tickets.
    const START: Self = Self { priority: i16::MAX, ticket: TicketId(0) };
}

/// A line of a list.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "what a line shows has nothing to do with each other")]
pub struct TicketLine {
    /// Its place.
    pub place: TicketPlace,
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
    pub customer: EmailAddress,
    /// The customer's name; may be empty.
    pub customer_name: String,
    /// Whether the customer wrote last.
    pub customer_waits: bool,
    /// Whether the newest answer did not reach everybody.
    pub has_failed: bool,
    /// Whether something of it is overdue.
    pub is_overdue: bool,
    /// Whether a held mail waits in it for a decision.
    pub is_holding: bool,
    /// When the customer or we wrote last.
    pub since: DateTime<Utc>,
    /// Its thread's newest event, and the room.
    pub end: Option<(RoomId, EventId)>,
    /// Since when its card stands there.
    pub shown_at: Option<DateTime<Utc>>,
}

/// Lists of tickets.
pub struct TicketLists<'t>(pub(super) &'t mut Tx);

impl TicketLists<'_> {
    /// Tickets that are not over or hold a mail to be decided about, the most urgent first, then the oldest: of these queues,
    /// unlocked ones or all of them; and how many there are on all pages.
    pub async fn open(
        &mut self,
        queues: &[QueueId],
        locked_too: bool,
        page: Page<TicketPlace>,
    ) -> Result<(Vec<TicketLine>, i64)> {
        let queues: Vec<i64> = queues.iter().map(|queue| queue.0).collect();
        let after = page.after.unwrap_or(TicketPlace::START);
        // Each queue gives its first ones by its index, and only what is shown is joined; those that are over and hold a mail
        // are few. The states are spelled out for the sake of the partial index; what follows in the priority of the last one seen is asked for apart from
        // what is less urgent, since no index can be entered at a place whose columns go in different directions.
        let page = sqlx::query_scalar!(
            r#"select ticket_id as "ticket_id!" from (
                   select open.ticket_id, open.priority from unnest($1::bigint[]) as wanted (queue_id) cross join lateral (
                       (select ticket_id, priority from ticket
                        where queue_id = wanted.queue_id and ($2 or owner_id is null) and priority = $4 and ticket_id > $5
                          and state not in ('closed successful', 'closed unsuccessful', 'merged', 'removed')
                        order by ticket_id limit $3)
                       union all
                       (select ticket_id, priority from ticket
                        where queue_id = wanted.queue_id and ($2 or owner_id is null) and priority < $4
                          and state not in ('closed successful', 'closed unsuccessful', 'merged', 'removed')
                        order by priority desc, ticket_id limit $3)) as open
                   union all
                   select ticket_id, priority from ticket
                   where queue_id = any($1) and state in ('closed successful', 'closed unsuccessful')
                     and ticket_id in (select ticket_id from article where visibility = 'held' and cancelled_at is null)
                     and (priority < $4 or priority = $4 and ticket_id > $5)) as page
               order by priority desc, ticket_id limit $3"#,
            &queues,
            locked_too,
            page.most,
            after.priority,
            after.ticket.0,
        )
        .fetch_all(self.0.connection())
        .await?;
        let total = sqlx::query_scalar!(
            r#"select (select count(*) from ticket where queue_id = any($1) and ($2 or owner_id is null)
                         and state not in ('closed successful', 'closed unsuccessful', 'merged', 'removed'))
                    + (select count(*) from ticket
                       where queue_id = any($1) and state in ('closed successful', 'closed unsuccessful')
                         and ticket_id in (select ticket_id from article where visibility = 'held' and cancelled_at is null))
                    as "total!""#,
            &queues,
            locked_too,
        )
        .fetch_one(self.0.connection())
        .await?;
        Ok((self.lines(&page).await?, total))
    }

    /// How many tickets of these queues are overdue with something: unlocked ones or all of them.
    pub async fn overdue(&mut self, queues: &[QueueId], locked_too: bool) -> Result<i64> {
        let queues: Vec<i64> = queues.iter().map(|queue| queue.0).collect();
        Ok(sqlx::query_scalar!(
            r#"select count(*) as "overdue!" from ticket
               where queue_id = any($1) and breached_at is not null and ($2 or owner_id is null)"#,
            &queues,
            locked_too,
        )
        .fetch_one(self.0.connection())
        .await?)
    }

    /// A queue's tickets that are not over, in the same order, locked for who changes them.
    pub async fn lock_open(&mut self, queue: QueueId, page: Page<TicketPlace>) -> Result<Vec<TicketPlace>> {
        let after = page.after.unwrap_or(TicketPlace::START);
        let rows = sqlx::query!(
            r#"with page as (
                   select ticket_id, priority from (
                       (select ticket_id, priority from ticket
                        where queue_id = $1 and priority = $3 and ticket_id > $4
                          and state not in ('closed successful', 'closed unsuccessful', 'merged', 'removed')
                        order by ticket_id limit $2)
                       union all
                       (select ticket_id, priority from ticket
                        where queue_id = $1 and priority < $3
                          and state not in ('closed successful', 'closed unsuccessful', 'merged', 'removed')
                        order by priority desc, ticket_id limit $2)) as open
                   order by priority desc, ticket_id limit $2),
               locked as (
                   select ticket_id from ticket where ticket_id in (select ticket_id from page) order by ticket_id for no key update)
               select ticket_id as "ticket_id!", priority as "priority!" from page join locked using (ticket_id)
               order by priority desc, ticket_id"#,
            queue.0,
            page.most,
            after.priority,
            after.ticket.0,
        )
        .fetch_all(self.0.connection())
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| TicketPlace { priority: row.priority, ticket: TicketId(row.ticket_id) })
            .collect())
    }

    /// Tickets that an agent has locked, the most urgent first, then the oldest; and how many there are on all pages.
    pub async fn owned_by(&mut self, agent: AgentId, page: Page<TicketPlace>) -> Result<(Vec<TicketLine>, i64)> {
        let after = page.after.unwrap_or(TicketPlace::START);
        // Nobody has so many that an index for their order would pay.
        let page = sqlx::query_scalar!(
            "select ticket_id from ticket where owner_id = $1 and (priority < $3 or priority = $3 and ticket_id > $4)
             order by priority desc, ticket_id limit $2",
            agent.0,
            page.most,
            after.priority,
            after.ticket.0,
        )
        .fetch_all(self.0.connection())
        .await?;
        let total = sqlx::query_scalar!(r#"select count(*) as "total!" from ticket where owner_id = $1"#, agent.0)
            .fetch_one(self.0.connection())
            .await?;
        Ok((self.lines(&page).await?, total))
    }

    /// The lines of some tickets.
    pub(super) async fn lines(&mut self, tickets: &[i64]) -> Result<Vec<TicketLine>> {
        sqlx::query_as!(
            LineRow,
            r#"select ticket_id, priority, number, subject, state, queue.name as queue, agent.user_id as "owner?", customer.address as customer, customer.name as customer_name,
                      coalesce(last.created_at, ticket.created_at) as "since!", room.room_id as "room?", card.last_event as "end?", card.sent_at as "shown_at?",
                      coalesce(last.sender = 'customer', true) as "customer_waits!", breached_at is not null as "is_overdue!",
                      exists (select from letter where letter.state = 'failed' and letter.article_id = (
                          select article_id from article
                          where article.ticket_id = ticket.ticket_id and kind = 'answer' and cancelled_at is null
                          order by seq desc limit 1)) as "has_failed!",
                      exists (select from article where article.ticket_id = ticket.ticket_id and visibility = 'held'
                                and cancelled_at is null) as "is_holding!"
               from ticket join queue using (queue_id) join customer using (customer_id)
                    left join agent on agent.agent_id = ticket.owner_id
                    left join room on room.queue_id = queue.queue_id
                    left join projection as card on card.purpose = 'card' and card.subject_id = ticket.ticket_id
                              and card.room_id = room.room_id
                    left join lateral (
                        select sender, created_at from article
                        where article.ticket_id = ticket.ticket_id and visibility = 'customer' and kind in ('mail', 'answer')
                          and response is null and cancelled_at is null
                        order by seq desc limit 1) as last on true
               where ticket.ticket_id = any($1) order by priority desc, ticket.ticket_id"#,
            tickets,
        )
        .fetch_all(self.0.connection())
        .await?
        .into_iter()
        .map(TicketLine::try_from)
        .collect()
    }

    /// Tickets that an agent holds, for taking them away.
    pub async fn ids_owned_by(&mut self, agent: AgentId) -> Result<Vec<TicketId>> {
        let rows = sqlx::query_scalar!("select ticket_id from ticket where owner_id = $1 order by ticket_id", agent.0)
            .fetch_all(self.0.connection())
            .await?;
        Ok(rows.into_iter().map(TicketId).collect())
    }
}

#[expect(clippy::struct_excessive_bools, reason = "a row, column by column")]
struct LineRow {
    ticket_id: i64,
    priority: i16,
    number: String,
    subject: String,
    state: String,
    queue: String,
    owner: Option<String>,
    customer: String,
    customer_name: String,
    customer_waits: bool,
    has_failed: bool,
    is_overdue: bool,
    is_holding: bool,
    since: DateTime<Utc>,
    room: Option<String>,
    end: Option<String>,
    shown_at: Option<DateTime<Utc>>,
}

impl TryFrom<LineRow> for TicketLine {
    type Error = StoreError;

    fn try_from(row: LineRow) -> Result<Self> {
        let unsound =
            |what: &str| StoreError::Unsound { table: "ticket", row: row.number.clone(), what: what.to_owned() };
        Ok(Self {
            place: TicketPlace { priority: row.priority, ticket: TicketId(row.ticket_id) },
            number: Number::parse(&row.number).ok_or_else(|| unsound("number"))?,
            state: State::named(&row.state).ok_or_else(|| unsound("state"))?,
            customer: EmailAddress::parse(&row.customer).ok_or_else(|| unsound("customer"))?,
            owner: row.owner.as_deref().and_then(UserId::parse),
            end: row.room.as_deref().and_then(RoomId::parse).zip(row.end.as_deref().and_then(EventId::parse)),
            shown_at: row.shown_at,
            customer_name: row.customer_name,
            customer_waits: row.customer_waits,
            has_failed: row.has_failed,
            is_overdue: row.is_overdue,
            subject: row.subject,
            queue: row.queue,
            is_holding: row.is_holding,
            since: row.since,
        })
    }
}
