//! Tickets' times: computed from what happened to them, in the transaction in which something did.
//!
//! Whoever records an event that moves a time ([`TicketEvent::moves_time`]) need do nothing else: before the commit, all
//! tickets of which there was one are looked at, in queues that have promised something. The row gets its new times, and a
//! timer is set if none waits that comes first: one that comes too early looks, and sets the next one.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::jobs::{Card, TicketTime};
use super::timings::TimingRow;
use super::{Result, StoreError, Tx};
use crate::domain::due::{Due, DueTimes, Past, Timing};
use crate::domain::id::{AgentId, EmailAddress, TicketId};
use crate::domain::moment::whole_seconds;
use crate::domain::ticket::State;

/// How many open tickets are computed anew at once after their queue's time has changed.
pub const PAGE: i64 = 100;

/// A ticket's row, as far as times go, and its queue's time.
struct Row {
    ticket: TicketId,
    state: State,
    created: DateTime<Utc>,
    owner: Option<AgentId>,
    times: DueTimes,
    timer_at: Option<DateTime<Utc>>,
    timing: Timing,
}

/// Tickets' times.
pub struct Deadlines<'t>(pub(super) &'t mut Tx);

impl Deadlines<'_> {
    /// What of a ticket is due, and by which calendar; `None` if its queue has promised nothing.
    pub async fn of(&mut self, ticket: TicketId) -> Result<Option<(Timing, Due)>> {
        let mut rows = self.rows(&[ticket]).await?;
        let mut pasts = self.pasts(&rows).await?;
        let Some(row) = rows.pop().filter(|row| row.timing.is_kept()) else { return Ok(None) };
        let due = pasts.remove(&row.ticket).map(|past| row.timing.due(&past, row.state)).unwrap_or_default();
        Ok(Some((row.timing, due)))
    }

    /// The timer of that moment has come: another one may be set.
    pub async fn fired(&mut self, ticket: TicketId, at: DateTime<Utc>) -> Result<()> {
        sqlx::query!("update ticket set timer_at = null where ticket_id = $1 and timer_at <= $2", ticket.0, at)
            .execute(self.0.connection())
            .await?;
        self.0.touch(ticket);
        Ok(())
    }

    /// Computes the times of those tickets anew that were touched. Called right before the commit.
    pub(super) async fn settle(&mut self, tickets: &[TicketId]) -> Result<()> {
        let rows = self.rows(tickets).await?;
        if rows.is_empty() {
            return Ok(());
        }
        let mut pasts = self.pasts(&rows).await?;
        let now = self.0.now();
        let mut changed: Vec<(TicketId, DueTimes, Option<DateTime<Utc>>)> = Vec::new();
        for row in &rows {
            let due = pasts.remove(&row.ticket).map(|past| row.timing.due(&past, row.state)).unwrap_or_default();
            let times = due.times(now);
            let sooner = due.next().filter(|next| row.timer_at.is_none_or(|timer| *next < timer));
            if let Some(at) = sooner {
                let wait = (at - now).to_std().unwrap_or_default();
                self.0.enqueue_after(wait, TicketTime { ticket: row.ticket, at });
            }
            if times != row.times {
                self.0.enqueue(Card { ticket: row.ticket });
            }
            if times != row.times || sooner.is_some() {
                changed.push((row.ticket, times, sooner.or(row.timer_at)));
            }
        }
        self.write(&changed).await
    }

    /// The rows of those tickets whose queues have promised something, or had.
    async fn rows(&mut self, tickets: &[TicketId]) -> Result<Vec<Row>> {
        let ids: Vec<i64> = tickets.iter().map(|ticket| ticket.0).collect();
        let rows = sqlx::query!(
            "select ticket_id, state, ticket.created_at, owner_id, due_first, due_update, due_solution, breached_at, timer_at,
                    queue_id, time_zone, hours, holidays, first_within, first_warn, update_within, update_warn,
                    solution_within, solution_warn, solution_restarts, unlock_after, customer.address
             from ticket join queue using (queue_id) join customer using (customer_id)
             where ticket_id = any($1) and (is_timed or due_first is not null or due_update is not null
                   or due_solution is not null or breached_at is not null)
             order by ticket_id",
            &ids,
        )
        .fetch_all(self.0.connection())
        .await?;
        let mut found = Vec::with_capacity(rows.len());
        for row in rows {
            let unsound =
                || StoreError::Unsound { table: "ticket", row: row.ticket_id.to_string(), what: "state".to_owned() };
            let mut timing: Timing = TimingRow {
                queue_id: row.queue_id,
                time_zone: row.time_zone,
                hours: row.hours,
                holidays: row.holidays,
                first_within: row.first_within,
                first_warn: row.first_warn,
                update_within: row.update_within,
                update_warn: row.update_warn,
                solution_within: row.solution_within,
                solution_warn: row.solution_warn,
                solution_restarts: row.solution_restarts,
                unlock_after: row.unlock_after,
            }
            .try_into()?;
            // Where nobody can be answered, nobody waits for an answer.
            if EmailAddress::parse(&row.address).is_some_and(|address| address.is_nobodys()) {
                (timing.first, timing.update) = (None, None);
            }
            found.push(Row {
                ticket: TicketId(row.ticket_id),
                state: State::named(&row.state).ok_or_else(unsound)?,
                created: whole_seconds(row.created_at),
                owner: row.owner_id.map(AgentId),
                times: DueTimes {
                    first: row.due_first,
                    update: row.due_update,
                    solution: row.due_solution,
                    breached_at: row.breached_at,
                },
                timer_at: row.timer_at,
                timing,
            });
        }
        Ok(found)
    }

    /// What happened to those of them that have something due.
    async fn pasts(&mut self, rows: &[Row]) -> Result<HashMap<TicketId, Past>> {
        let running = |row: &&Row| row.timing.is_kept() && !row.state.is_over() && !row.state.is_pending();
        let mut pasts: HashMap<TicketId, Past> = HashMap::new();
        for row in rows.iter().filter(running) {
            let handled_at = match row.owner.filter(|_| row.timing.unlock_after.is_some()) {
                Some(owner) => self.0.pasts().handled(row.ticket, owner).await?,
                None => None,
            };
            let past = Past { created: row.created, words: vec![], turns: vec![], told: vec![], handled_at };
            pasts.insert(row.ticket, past);
        }
        self.0.pasts().fill(&mut pasts).await?;
        Ok(pasts)
    }

    async fn write(&mut self, changed: &[(TicketId, DueTimes, Option<DateTime<Utc>>)]) -> Result<()> {
        if changed.is_empty() {
            return Ok(());
        }
        let ids: Vec<i64> = changed.iter().map(|(ticket, ..)| ticket.0).collect();
        let column = |of: fn(&DueTimes) -> Option<DateTime<Utc>>| {
            changed.iter().map(|(_, times, _)| of(times)).collect::<Vec<_>>()
        };
        let timers: Vec<Option<DateTime<Utc>>> = changed.iter().map(|(.., timer)| *timer).collect();
        sqlx::query!(
            "update ticket set due_first = now.first, due_update = now.update, due_solution = now.solution,
                    breached_at = now.breached, timer_at = now.timer
             from unnest($1::bigint[], $2::timestamptz[], $3::timestamptz[], $4::timestamptz[], $5::timestamptz[],
                         $6::timestamptz[]) as now (ticket_id, first, update, solution, breached, timer)
             where ticket.ticket_id = now.ticket_id",
            &ids,
            &column(|times| times.first) as _,
            &column(|times| times.update) as _,
            &column(|times| times.solution) as _,
            &column(|times| times.breached_at) as _,
            &timers as _,
        )
        .execute(self.0.connection())
        .await?;
        Ok(())
    }
}
