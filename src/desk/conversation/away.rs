//! Being away, and back.

use chrono_tz::Tz;

use super::context::Context;
use super::refusal::{Outcome, TicketRefusal};
use crate::domain::moment::When;
use crate::domain::queue::{Agent, Queue};
use crate::domain::wall_clock::WallClock;
use crate::domain::working_time::Calendar;
use crate::store::Tx;

/// Says that an agent is away until a moment, by the clock and working hours of a queue, else of the first one in which they work. What
/// they have locked stays theirs until its customer writes. Returns until when, as people read it.
///
/// # Errors
/// [`TicketRefusal::TooFar`] and [`TicketRefusal::Past`].
pub async fn leave(tx: &mut Tx, agent: &Agent, queue: Option<&Queue>, when: When) -> Outcome<String> {
    let queue = match queue {
        Some(queue) => Some(queue.id),
        None => tx.queues().all().await?.iter().find(|queue| works_in(agent, queue)).map(|queue| queue.id),
    };
    let calendar = match queue {
        Some(queue) => tx.timings().of(queue).await?.calendar,
        None => Calendar::always(Tz::UTC),
    };
    let now = tx.now();
    let until = when.at(now, &calendar).ok_or(TicketRefusal::TooFar)?;
    if until <= now {
        return Err(TicketRefusal::Past(until.with_timezone(&calendar.zone).naive_local()).into());
    }
    tx.agents().set_away(agent.id, Some(until)).await?;
    Ok(WallClock::new(calendar.zone, now).agreed(until))
}

fn works_in(agent: &Agent, queue: &Queue) -> bool {
    agent.works_in(queue.id) && !queue.archived
}

/// Says that the agent is back.
pub async fn come_back(context: &mut Context<'_>) -> Outcome<()> {
    if context.by.away_until.is_none_or(|until| until <= context.tx.now()) {
        return Err(TicketRefusal::AsItIs.into());
    }
    Ok(context.tx.agents().set_away(context.by.id, None).await?)
}
