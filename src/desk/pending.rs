//! The moment is there until which a ticket was pending.

use chrono::{DateTime, Utc};

use super::{Desk, record, say, words};
use crate::crash;
use crate::domain::id::{TicketId, UserId};
use crate::domain::queue::NotifyNew;
use crate::domain::ticket::{Action, Actor, Ticket};
use crate::store::jobs::Leased;
use crate::store::{Result, Tx};

impl Desk {
    /// Calls a pending ticket's owner, or closes it, in one transaction with the end of the job; nothing if it does not
    /// wait for that moment any more. Late is as good as in time: after days without a desk it happens once.
    ///
    /// # Errors
    /// If the record failed: then nothing happened, and the job is tried again.
    pub async fn pending_time(&self, leased: &Leased, ticket: TicketId, until: DateTime<Utc>) -> Result<()> {
        let mut tx = self.store.begin().await?;
        let mut ticket = tx.tickets().lock(ticket).await?;
        let called = who_is_called(&mut tx, &ticket).await?;
        let events = ticket.act(None, Action::WaitIsOver { until }, tx.now()).unwrap_or_default();
        if !events.is_empty() {
            record(&mut tx, &mut ticket, &Actor::System, &events).await?;
            if let Some(room) = tx.queues().get(ticket.queue).await?.room {
                let said =
                    if ticket.state.is_closed() { words::closed_itself(&ticket) } else { words::reminder(&ticket) };
                say(&mut tx, &room, ticket.id, said, called);
            }
        }
        tx.finish(leased).await?;
        crash::point("command.before_commit");
        tx.commit().await
    }
}

/// Its owner, else who had it last, if they still work there; else those whom a new ticket calls.
async fn who_is_called(tx: &mut Tx, ticket: &Ticket) -> Result<Vec<UserId>> {
    if let Some(agent) = ticket.owner.or(ticket.last_owner) {
        let agent = tx.agents().get(agent).await?;
        if agent.works_in(ticket.queue) {
            return Ok(vec![agent.user]);
        }
    }
    Ok(match tx.queues().get(ticket.queue).await?.notify_new {
        NotifyNew::List(users) => users,
        NotifyNew::None | NotifyNew::Room => vec![],
    })
}
