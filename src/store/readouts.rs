//! Tickets as programs read them, whole and in pages.

use chrono::{DateTime, Utc};

use super::page::Page;
use super::{Result, StoreError, Tx};
use crate::domain::due::DueTimes;
use crate::domain::id::{AgentId, CustomerId, QueueId, TicketId, UserId};
use crate::domain::number::Number;
use crate::domain::ticket::{State, Tag};

/// Which tickets are wanted.
#[derive(Clone, Debug)]
pub struct Selection {
    /// In one of these queues.
    pub queues: Vec<QueueId>,
    /// In one of these states.
    pub states: Vec<State>,
    /// Whose.
    pub holder: Option<Holder>,
    /// Whom they are for.
    pub customer: Option<CustomerId>,
}

/// Who holds a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// Nobody: it is not locked.
    Nobody,
    /// An agent.
    Agent(AgentId),
}

/// A ticket's place in pages, the youngest first. It never changes, so whatever happens to tickets while somebody turns
/// pages, none comes twice and none is missed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spot {
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Its row.
    pub ticket: TicketId,
}

/// A ticket as programs read it.
#[derive(Clone, Debug)]
pub struct TicketHead {
    /// Its row.
    pub id: TicketId,
    /// Number.
    pub number: Number,
    /// Its queue.
    pub queue_id: QueueId,
    /// The queue's name.
    pub queue: String,
    /// Subject.
    pub subject: String,
    /// The customer's address.
    pub customer: String,
    /// The customer's name; may be empty.
    pub customer_name: String,
    /// State.
    pub state: State,
    /// The owner's Matrix id.
    pub owner: Option<UserId>,
    /// 1 to 5.
    pub priority: i16,
    /// Its tags.
    pub tags: Vec<Tag>,
    /// Until when it is pending.
    pub pending_until: Option<DateTime<Utc>>,
    /// What of it is due when, and since when something is overdue.
    pub due: DueTimes,
    /// Of a closed ticket: whether the customer was told.
    pub informed: Option<bool>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was changed last.
    pub changed_at: DateTime<Utc>,
    /// When it was closed.
    pub closed_at: Option<DateTime<Utc>>,
    /// The number of the ticket that it is part of.
    pub merged_into: Option<String>,
}

/// Tickets as programs read them.
pub struct Readouts<'t>(pub(super) &'t mut Tx);

impl Readouts<'_> {
    /// A page of tickets, the youngest first.
    pub async fn page(&mut self, wanted: &Selection, page: Page<Spot>) -> Result<Vec<Spot>> {
        let queues: Vec<i64> = wanted.queues.iter().map(|queue| queue.0).collect();
        let states: Vec<&str> = wanted.states.iter().map(|state| state.name()).collect();
        let is_unlocked = wanted.holder == Some(Holder::Nobody);
        match (wanted.holder, wanted.customer) {
            (Some(Holder::Agent(owner)), customer) => self.of_owner((owner, customer), &queues, &states, page).await,
            (_, Some(customer)) => self.of_customer((customer, is_unlocked), &queues, &states, page).await,
            _ => self.in_queues(is_unlocked, &queues, &states, page).await,
        }
    }

    /// The first ones of each queue and each state, of which the first are taken.
    async fn in_queues(
        &mut self,
        is_unlocked: bool,
        queues: &[i64],
        states: &[&str],
        page: Page<Spot>,
    ) -> Result<Vec<Spot>> {
        let rows = sqlx::query!(
            r#"select ticket_id as "ticket_id!", created_at as "created_at!"
               from unnest($1::bigint[]) as one (queue_id) cross join unnest($2::text[]) as other (state)
                    cross join lateral (
                        select ticket_id, created_at from ticket
                        where ticket.queue_id = one.queue_id and ticket.state = other.state and (not $3 or owner_id is null)
                          and (created_at, ticket_id) < (coalesce($4::timestamptz, 'infinity'), coalesce($5::bigint, 0))
                        order by created_at desc, ticket_id desc limit $6) as first
               order by created_at desc, ticket_id desc limit $6"#,
            queues,
            states as _,
            is_unlocked,
            page.after.map(|spot| spot.created_at),
            page.after.map(|spot| spot.ticket.0),
            page.most,
        )
        .fetch_all(self.0.connection())
        .await?;
        Ok(rows.into_iter().map(|row| spot(row.created_at, row.ticket_id)).collect())
    }

    /// Nobody holds so many that an index for their order would pay.
    async fn of_owner(
        &mut self,
        (owner, customer): (AgentId, Option<CustomerId>),
        queues: &[i64],
        states: &[&str],
        page: Page<Spot>,
    ) -> Result<Vec<Spot>> {
        let rows = sqlx::query!(
            "select ticket_id, created_at from ticket
             where owner_id = $1 and ($2::bigint is null or customer_id = $2) and queue_id = any($3) and state = any($4)
               and (created_at, ticket_id) < (coalesce($5::timestamptz, 'infinity'), coalesce($6::bigint, 0))
             order by created_at desc, ticket_id desc limit $7",
            owner.0,
            customer.map(|customer| customer.0),
            queues,
            states as _,
            page.after.map(|spot| spot.created_at),
            page.after.map(|spot| spot.ticket.0),
            page.most,
        )
        .fetch_all(self.0.connection())
        .await?;
        Ok(rows.into_iter().map(|row| spot(row.created_at, row.ticket_id)).collect())
    }

    async fn of_customer(
        &mut self,
        (customer, is_unlocked): (CustomerId, bool),
        queues: &[i64],
        states: &[&str],
        page: Page<Spot>,
    ) -> Result<Vec<Spot>> {
        let rows = sqlx::query!(
            "select ticket_id, created_at from ticket
             where customer_id = $1 and (not $2 or owner_id is null) and queue_id = any($3) and state = any($4)
               and (created_at, ticket_id) < (coalesce($5::timestamptz, 'infinity'), coalesce($6::bigint, 0))
             order by created_at desc, ticket_id desc limit $7",
            customer.0,
            is_unlocked,
            queues,
            states as _,
            page.after.map(|spot| spot.created_at),
            page.after.map(|spot| spot.ticket.0),
            page.most,
        )
        .fetch_all(self.0.connection())
        .await?;
        Ok(rows.into_iter().map(|row| spot(row.created_at, row.ticket_id)).collect())
    }

    /// These tickets, in their order; if queues are named, one that is in none of them is left out.
    pub async fn heads(&mut self, tickets: &[TicketId], queues: Option<&[QueueId]>) -> Result<Vec<TicketHead>> {
        let ids: Vec<i64> = tickets.iter().map(|ticket| ticket.0).collect();
        let queues: Option<Vec<i64>> = queues.map(|queues| queues.iter().map(|queue| queue.0).collect());
        let rows = sqlx::query_as!(
            HeadRow,
            r#"select ticket.ticket_id, ticket.number, ticket.queue_id, queue.name as queue, ticket.subject, customer.address as customer,
                      customer.name as customer_name, ticket.state, agent.user_id as "owner?", ticket.priority, ticket.tags,
                      ticket.pending_until, ticket.due_first, ticket.due_update, ticket.due_solution, ticket.breached_at,
                      ticket.informed, ticket.created_at, ticket.changed_at, ticket.closed_at,
                      target.number as "merged_into?"
               from ticket join queue using (queue_id) join customer using (customer_id)
                    left join agent on agent.agent_id = ticket.owner_id
                    left join ticket as target on target.ticket_id = ticket.merged_into
               where ticket.ticket_id = any($1) and ($2::bigint[] is null or ticket.queue_id = any($2))"#,
            &ids,
            queues.as_deref() as _,
        )
        .fetch_all(self.0.connection())
        .await?;
        let mut heads = rows.into_iter().map(TicketHead::try_from).collect::<Result<Vec<_>>>()?;
        heads.sort_by_key(|head| tickets.iter().position(|ticket| *ticket == head.id));
        Ok(heads)
    }
}

fn spot(created_at: DateTime<Utc>, ticket: i64) -> Spot {
    Spot { created_at, ticket: TicketId(ticket) }
}

struct HeadRow {
    ticket_id: i64,
    number: String,
    queue_id: i64,
    queue: String,
    subject: String,
    customer: String,
    customer_name: String,
    state: String,
    owner: Option<String>,
    priority: i16,
    tags: Vec<String>,
    pending_until: Option<DateTime<Utc>>,
    due_first: Option<DateTime<Utc>>,
    due_update: Option<DateTime<Utc>>,
    due_solution: Option<DateTime<Utc>>,
    breached_at: Option<DateTime<Utc>>,
    informed: Option<bool>,
    created_at: DateTime<Utc>,
    changed_at: DateTime<Utc>,
    closed_at: Option<DateTime<Utc>>,
    merged_into: Option<String>,
}

impl TryFrom<HeadRow> for TicketHead {
    type Error = StoreError;

    fn try_from(row: HeadRow) -> Result<Self> {
        let unsound =
            |what: &str| StoreError::Unsound { table: "ticket", row: row.ticket_id.to_string(), what: what.to_owned() };
        Ok(Self {
            id: TicketId(row.ticket_id),
            state: State::named(&row.state).ok_or_else(|| unsound("state"))?,
            number: Number::parse(&row.number).ok_or_else(|| unsound("number"))?,
            queue_id: QueueId(row.queue_id),
            queue: row.queue,
            subject: row.subject,
            customer: row.customer,
            customer_name: row.customer_name,
            owner: row.owner.as_deref().and_then(UserId::parse),
            priority: row.priority,
            tags: row.tags.iter().filter_map(|tag| Tag::parse(tag)).collect(),
            pending_until: row.pending_until,
            due: DueTimes {
                first: row.due_first,
                update: row.due_update,
                solution: row.due_solution,
                breached_at: row.breached_at,
            },
            informed: row.informed,
            created_at: row.created_at,
            changed_at: row.changed_at,
            closed_at: row.closed_at,
            merged_into: row.merged_into,
        })
    }
}
