//! Tickets: made, found, locked and changed.

use std::sync::atomic::Ordering;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::customers::Customer;
use super::intake::Route;
use super::{Result, Store, StoreError, Tx, exactly_one};
use crate::domain::due::DueTimes;
use crate::domain::id::{AgentId, CustomerId, QueueId, TicketId};
use crate::domain::number::Number;
use crate::domain::ticket::{Actor, State, Tag, Ticket, TicketEvent};

/// A ticket to be made.
#[derive(Clone, Debug)]
pub struct NewTicket {
    /// Its number.
    pub number: Number,
    /// Its queue.
    pub queue: QueueId,
    /// Who it is for.
    pub customer: CustomerId,
    /// What it is about.
    pub subject: String,
}

struct TicketRow {
    ticket_id: i64,
    number: String,
    queue_id: i64,
    customer_id: i64,
    subject: String,
    state: String,
    owner_id: Option<i64>,
    last_owner_id: Option<i64>,
    priority: i16,
    informed: Option<bool>,
    pending_until: Option<DateTime<Utc>>,
    tags: Vec<String>,
    due_first: Option<DateTime<Utc>>,
    due_update: Option<DateTime<Utc>>,
    due_solution: Option<DateTime<Utc>>,
    breached_at: Option<DateTime<Utc>>,
}

impl TryFrom<TicketRow> for Ticket {
    type Error = StoreError;

    fn try_from(row: TicketRow) -> Result<Self> {
        let unsound =
            |what: &str| StoreError::Unsound { table: "ticket", row: row.ticket_id.to_string(), what: what.to_owned() };
        Ok(Self {
            id: TicketId(row.ticket_id),
            number: Number::parse(&row.number).ok_or_else(|| unsound("number"))?,
            queue: QueueId(row.queue_id),
            customer: CustomerId(row.customer_id),
            state: State::named(&row.state).ok_or_else(|| unsound("state"))?,
            owner: row.owner_id.map(AgentId),
            last_owner: row.last_owner_id.map(AgentId),
            priority: row.priority,
            informed: row.informed,
            pending_until: row.pending_until,
            tags: row.tags.iter().filter_map(|tag| Tag::parse(tag)).collect(),
            subject: row.subject,
            due: DueTimes {
                first: row.due_first,
                update: row.due_update,
                solution: row.due_solution,
                breached_at: row.breached_at,
            },
        })
    }
}

impl Store {
    /// The day's next ticket counter. On its own and at once, so that tickets made at the same time
    /// don't wait for each other's commits; a transaction that fails afterwards leaves a gap, never
    /// a repeat: the commit that uses the number flushes the log that gave it.
    pub async fn next_counter(&self, day: NaiveDate) -> Result<i64> {
        if let Some(last) = &self.rehearsed {
            return Ok(last.fetch_add(1, Ordering::Relaxed) + 1);
        }
        Ok(sqlx::query_scalar!(
            "insert into ticket_counter (day, last) values ($1, 1)
             on conflict (day) do update set last = ticket_counter.last + 1 returning last",
            day,
        )
        .fetch_one(self.quick())
        .await?)
    }
}

/// Tickets.
pub struct Tickets<'t>(pub(super) &'t mut Tx);

impl Tickets<'_> {
    /// Makes somebody the one whom a ticket is for: answers go there from now on.
    pub async fn set_customer(&mut self, ticket: &mut Ticket, customer: &Customer, by: &Actor) -> Result<()> {
        let now = self.0.now();
        let old = self.0.customers().get(ticket.customer).await?;
        sqlx::query!(
            "update ticket set customer_id = $2, changed_at = $3 where ticket_id = $1",
            ticket.id.0,
            customer.id.0,
            now,
        )
        .execute(self.0.connection())
        .await?;
        ticket.customer = customer.id;
        self.0.searches().put_ticket(ticket.id).await?;
        self.0.participants().add(ticket.id, customer.id).await?;
        let event = TicketEvent::CustomerChanged { from: old.address, to: customer.address.clone() };
        self.0.audit().record(ticket.id, by, &event).await
    }

    /// Ties a ticket to an older one; `false` if they are tied.
    pub async fn link(&mut self, ticket: TicketId, older: TicketId) -> Result<bool> {
        let done = sqlx::query!(
            "insert into ticket_link (ticket_id, other_id) values ($1, $2) on conflict do nothing",
            ticket.0,
            older.0
        )
        .execute(self.0.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Unties two tickets; `false` if they are not tied.
    pub async fn unlink(&mut self, one: TicketId, other: TicketId) -> Result<bool> {
        let done =
            sqlx::query!("delete from ticket_link where (ticket_id, other_id) in (($1, $2), ($2, $1))", one.0, other.0)
                .execute(self.0.connection())
                .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Whether a ticket was closed so lately that a mere thank-you opens nothing.
    pub async fn is_in_grace(&mut self, ticket: TicketId) -> Result<bool> {
        let now = self.0.now();
        Ok(sqlx::query_scalar!(
            r#"select coalesce($2 < closed_at + grace, false) as "in_grace!"
               from ticket join queue using (queue_id) where ticket_id = $1"#,
            ticket.0,
            now,
        )
        .fetch_one(self.0.connection())
        .await?)
    }

    /// Makes a ticket.
    ///
    /// # Errors
    /// The constraint `ticket_number_unique` if the number is taken.
    pub async fn create(&mut self, new: &NewTicket) -> Result<Ticket> {
        let now = self.0.now();
        let ticket: Ticket = sqlx::query_as!(
            TicketRow,
            "insert into ticket (number, queue_id, customer_id, subject, created_at, changed_at) values ($1, $2, $3, $4, $5, $5)
             returning ticket_id, number, queue_id, customer_id, subject, state, owner_id, last_owner_id, priority, informed,
                       pending_until, tags, due_first, due_update, due_solution, breached_at",
            new.number.as_str(),
            new.queue.0,
            new.customer.0,
            new.subject,
            now,
        )
        .fetch_one(self.0.connection())
        .await?
        .try_into()?;
        self.0.participants().add(ticket.id, new.customer).await?;
        self.0.searches().put_ticket(ticket.id).await?;
        Ok(ticket)
    }

    /// A ticket, its row locked until the transaction ends: whoever changes a ticket does this first. Rows that refer to it
    /// may be written by others meanwhile, since its key never changes.
    pub async fn lock(&mut self, ticket: TicketId) -> Result<Ticket> {
        if mutant!("lock_read_then_written") {
            return self.get(ticket).await;
        }
        sqlx::query_as!(
            TicketRow,
            "select ticket_id, number, queue_id, customer_id, subject, state, owner_id, last_owner_id, priority, informed,
                    pending_until, tags, due_first, due_update, due_solution, breached_at
             from ticket where ticket_id = $1 for no key update",
            ticket.0,
        )
        .fetch_one(self.0.connection())
        .await?
        .try_into()
    }

    /// A ticket as it is, for showing it.
    pub async fn get(&mut self, ticket: TicketId) -> Result<Ticket> {
        sqlx::query_as!(
            TicketRow,
            "select ticket_id, number, queue_id, customer_id, subject, state, owner_id, last_owner_id, priority, informed,
                    pending_until, tags, due_first, due_update, due_solution, breached_at
             from ticket where ticket_id = $1",
            ticket.0,
        )
        .fetch_one(self.0.connection())
        .await?
        .try_into()
    }

    /// How many tickets somebody has opened within the last hour, counted up to `most` (R54). What an
    /// archive brought was not opened within the last hour.
    pub async fn opened_lately(&mut self, customer: CustomerId, most: i64) -> Result<i64> {
        let now = self.0.now();
        Ok(sqlx::query_scalar!(
            r#"select count(*) as "count!" from (
                   select from ticket where customer_id = $1 and created_at > $4
                     and not exists (
                         select from article join mail_in using (mail_id)
                         where article.ticket_id = ticket.ticket_id and seq = 1 and route = $3)
                   limit $2) as lately"#,
            customer.0,
            most,
            Route::Import.name(),
            now - TimeDelta::hours(1),
        )
        .fetch_one(self.0.connection())
        .await?)
    }

    /// The ticket of that number.
    pub async fn numbered(&mut self, number: &Number) -> Result<Option<TicketId>> {
        let ticket = sqlx::query_scalar!("select ticket_id from ticket where number = $1", number.as_str())
            .fetch_optional(self.0.connection())
            .await?;
        Ok(ticket.map(TicketId))
    }

    /// Records what happened to a ticket and makes the row so, under the condition that the ticket still is what
    /// the event starts from.
    ///
    /// # Errors
    /// [`StoreError::Lost`] if it is not; then nothing of the transaction may be committed.
    pub async fn apply(&mut self, ticket: &mut Ticket, event: &TicketEvent, actor: &Actor) -> Result<()> {
        match event {
            TicketEvent::OwnerChanged { from, to } => self.set_owner(ticket.id, *from, *to).await?,
            TicketEvent::StateChanged { from, to, informed, until, .. } => {
                self.set_state(ticket.id, *from, *to, (*informed, *until)).await?;
            }
            TicketEvent::PriorityChanged { from, to } => self.set_priority(ticket.id, *from, *to).await?,
            TicketEvent::SubjectChanged { from, to } => self.set_subject(ticket.id, from, to).await?,
            TicketEvent::QueueChanged { from, to, .. } => self.set_queue(ticket.id, *from, *to).await?,
            _ => {}
        }
        self.0.audit().record(ticket.id, actor, event).await?;
        ticket.apply(event);
        if let TicketEvent::TagAdded { .. } | TicketEvent::TagRemoved { .. } = event {
            self.set_tags(ticket).await?;
        }
        Ok(())
    }

    async fn set_owner(&mut self, ticket: TicketId, from: Option<AgentId>, to: Option<AgentId>) -> Result<()> {
        let now = self.0.now();
        if mutant!("lock_read_then_written") {
            let write = sqlx::query("update ticket set owner_id = $2 where ticket_id = $1");
            let written = write.bind(ticket.0).bind(to.map(|agent| agent.0)).execute(self.0.connection()).await;
            return Ok(written.map(drop)?);
        }
        let done = sqlx::query!(
            "update ticket set owner_id = $3, last_owner_id = coalesce(owner_id, last_owner_id), changed_at = $4
             where ticket_id = $1 and owner_id is not distinct from $2",
            ticket.0,
            from.map(|agent| agent.0),
            to.map(|agent| agent.0),
            now,
        )
        .execute(self.0.connection())
        .await?;
        exactly_one(&done, "a ticket's lock")
    }

    async fn set_priority(&mut self, ticket: TicketId, from: i16, to: i16) -> Result<()> {
        let now = self.0.now();
        let done = sqlx::query!(
            "update ticket set priority = $3, changed_at = $4 where ticket_id = $1 and priority = $2",
            ticket.0,
            from,
            to,
            now,
        )
        .execute(self.0.connection())
        .await?;
        exactly_one(&done, "a ticket's priority")
    }

    async fn set_subject(&mut self, ticket: TicketId, from: &str, to: &str) -> Result<()> {
        let now = self.0.now();
        let done = sqlx::query!(
            "update ticket set subject = $3, changed_at = $4 where ticket_id = $1 and subject = $2",
            ticket.0,
            from,
            to,
            now,
        )
        .execute(self.0.connection())
        .await?;
        exactly_one(&done, "a ticket's subject")?;
        self.0.searches().put_ticket(ticket).await
    }

    async fn set_queue(&mut self, ticket: TicketId, from: QueueId, to: QueueId) -> Result<()> {
        let now = self.0.now();
        let done = sqlx::query!(
            "update ticket set queue_id = $3, changed_at = $4 where ticket_id = $1 and queue_id = $2",
            ticket.0,
            from.0,
            to.0,
            now,
        )
        .execute(self.0.connection())
        .await?;
        exactly_one(&done, "a ticket's queue")
    }

    async fn set_tags(&mut self, ticket: &Ticket) -> Result<()> {
        let (now, tags) = (self.0.now(), ticket.tags.iter().map(Tag::as_str).collect::<Vec<_>>());
        sqlx::query!("update ticket set tags = $2, changed_at = $3 where ticket_id = $1", ticket.id.0, &tags as _, now)
            .execute(self.0.connection())
            .await?;
        Ok(())
    }

    async fn set_state(
        &mut self,
        ticket: TicketId,
        from: State,
        to: State,
        (informed, until): (Option<bool>, Option<DateTime<Utc>>),
    ) -> Result<()> {
        let now = self.0.now();
        let done = sqlx::query!(
            "update ticket set state = $3, informed = $4, changed_at = $5, closed_at = $6, pending_until = $7
             where ticket_id = $1 and state = $2",
            ticket.0,
            from.name(),
            to.name(),
            informed,
            now,
            to.is_closed().then_some(now),
            until,
        )
        .execute(self.0.connection())
        .await?;
        exactly_one(&done, "a ticket's state")
    }
}
