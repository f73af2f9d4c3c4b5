//! Tickets that became part of another one. They form a forest: whoever is merged has one target, and the way from
//! target to target ends at a ticket that is not merged.

use super::{Result, Tx};
use crate::domain::id::TicketId;
use crate::domain::number::Number;
use crate::domain::ticket::{State, Ticket};

/// How many targets are followed. OTRS gives up after ten, and makes new tickets then; there is no circle to be afraid of.
const MOST: i32 = 10_000;
/// How often a ticket may be merged away in the moment in which it was found.
const TRIES: usize = 10;
/// The advisory lock under which tickets are merged.
const MERGING: i64 = 0x6d65_7267;

/// Tickets that became part of others.
pub struct Merges<'t>(pub(super) &'t mut Tx);

impl Merges<'_> {
    /// Waits until nobody else merges tickets, and keeps others from it until the transaction ends. Taken before any
    /// ticket's row is locked, so that two who merge two tickets into each other don't wait for one another (R69).
    pub async fn lock(&mut self) -> Result<()> {
        sqlx::query!("select pg_advisory_xact_lock($1)", MERGING).execute(self.0.connection()).await?;
        Ok(())
    }

    /// The ticket that takes a ticket's mail: itself, or what it was merged into, however often. `None`: it was merged
    /// away without a target, or into a way without end.
    pub async fn canonical(&mut self, ticket: TicketId) -> Result<Option<TicketId>> {
        let living = sqlx::query_scalar!(
            r#"with recursive way as (
                   select ticket_id, state, merged_into, 0 as hops from ticket where ticket_id = $1
                   union all
                   select next.ticket_id, next.state, next.merged_into, hops + 1
                   from way join ticket as next on next.ticket_id = way.merged_into where hops < $2
               )
               select ticket_id as "ticket!" from way where state <> 'merged' limit 1"#,
            ticket.0,
            MOST,
        )
        .fetch_optional(self.0.connection())
        .await?;
        Ok(living.map(TicketId))
    }

    /// The same with its row locked. One that is merged away at this moment is followed: rows are always locked in the
    /// direction of the merging, so nobody waits in a circle.
    pub async fn lock_canonical(&mut self, ticket: TicketId) -> Result<Option<Ticket>> {
        for _ in 0..TRIES {
            let Some(living) = self.canonical(ticket).await? else { return Ok(None) };
            let locked = self.0.tickets().lock(living).await?;
            if locked.state != State::Merged {
                return Ok(Some(locked));
            }
        }
        Ok(None)
    }

    /// A ticket and what was merged into it. By itself, since joined to what is asked of them it would have PostgreSQL read
    /// tables from end to end.
    pub(super) async fn parts(&mut self, ticket: TicketId) -> Result<Vec<i64>> {
        Ok(sqlx::query_scalar!(
            r#"with recursive part as (
                   select $1::bigint as ticket_id
                   union select ticket.ticket_id from ticket join part on ticket.merged_into = part.ticket_id
               )
               select ticket_id as "ticket!" from part"#,
            ticket.0,
        )
        .fetch_all(self.0.connection())
        .await?)
    }

    /// Records what a ticket is part of now, or that it is part of nothing any more.
    pub async fn set(&mut self, ticket: TicketId, into: Option<TicketId>) -> Result<()> {
        sqlx::query!("update ticket set merged_into = $2 where ticket_id = $1", ticket.0, into.map(|into| into.0))
            .execute(self.0.connection())
            .await?;
        Ok(())
    }

    /// The number of the ticket that a ticket was merged into.
    pub async fn target(&mut self, ticket: TicketId) -> Result<Option<(TicketId, Number)>> {
        let row = sqlx::query!(
            "select target.ticket_id, target.number from ticket join ticket as target on target.ticket_id = ticket.merged_into
             where ticket.ticket_id = $1",
            ticket.0
        )
        .fetch_optional(self.0.connection())
        .await?;
        Ok(row.and_then(|row| Some((TicketId(row.ticket_id), Number::parse(&row.number)?))))
    }

    /// Whether a stranger's mail in a ticket still waits for what an agent decides about it.
    pub async fn holds_mail(&mut self, ticket: TicketId) -> Result<bool> {
        Ok(sqlx::query_scalar!(
            r#"select exists (select from article where ticket_id = $1 and visibility = 'held' and cancelled_at is null)
               as "holds!""#,
            ticket.0
        )
        .fetch_one(self.0.connection())
        .await?)
    }
}
