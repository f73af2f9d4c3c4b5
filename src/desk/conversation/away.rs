//! Being away, and back.

use super::context::Context;
use super::moving::workplaces;
use super::refusal::{Outcome, TicketRefusal};
use crate::domain::moment::When;
use crate::domain::queue::Queue;
use crate::domain::wall_clock::WallClock;
use crate::domain::working_time::Calendar;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;

/// Says that the agent is away until a moment, by the clock and working hours of the queue where they say so, else of the first one in which
/// they work. What they have locked stays theirs until its customer writes. Returns until when, as people read it.
pub async fn leave(context: &mut Context<'_>, queue: Option<&Queue>, when: When) -> Outcome<String> {
    let queue = match queue {
        Some(queue) => Some(queue.id),
        None => workplaces(context).await?.first().map(|queue| queue.id),
    };
    let calendar = match queue {
        Some(queue) => context.tx.timings().of(queue).await?.calendar,
        None => Calendar::always(Tz::UTC),
    };
    let now = context.tx.now();
    let until: DateTime<Utc> = when.at(now, &calendar).ok_or(TicketRefusal::TooFar)?;
    if until <= now {
        return Err(TicketRefusal::Past(until.with_timezone(&calendar.zone).naive_local()).into());
    }
    context.tx.agents().set_away(context.by.id, Some(until)).await?;
    Ok(WallClock::new(calendar.zone, now).agreed(until))
}

/// Says that the agent is back.
pub async fn come_back(context: &mut Context<'_>) -> Outcome<()> {
    if context.by.away_until.is_none_or(|until| until <= context.tx.now()) {
        return Err(TicketRefusal::AsItIs.into());
    }
    Ok(context.tx.agents().set_away(context.by.id, None).await?)
}
