//! What is counted of queues: over days, by queue and by agent, and how long things took.

use std::collections::BTreeMap;

use chrono::{NaiveDate, TimeDelta};

use crate::domain::id::{AgentId, QueueId, UserId};
use crate::domain::queue::Queue;
use crate::domain::stats::{Span, Took, Window};
use crate::domain::working_time::Calendar;
use crate::store::stats::Stretch;
use crate::store::{Result, Tx};

/// What was counted.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// Over which days.
    pub window: Window,
    /// Of each queue, in their order.
    pub queues: Vec<(String, Counts)>,
    /// Of each agent who answered or closed anything, who did most first: how many answers, how many closings.
    pub agents: Vec<(UserId, i64, i64)>,
    /// How many were new and how many were closed on each day.
    pub days: Vec<(i64, i64)>,
    /// How long until the first answer, in working time.
    pub first_response: Option<Took>,
    /// How long until the closing, in working time, without what was pending.
    pub solution: Option<Took>,
}

/// What was counted of a queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// New tickets.
    pub new: i64,
    /// Answers.
    pub answered: i64,
    /// Closings.
    pub closed: i64,
    /// Openings of what was closed.
    pub reopened: i64,
    /// Open now.
    pub open: i64,
    /// Of those, what nobody has locked.
    pub unlocked: i64,
}

impl Report {
    /// All queues together.
    #[must_use]
    pub fn total(&self) -> Counts {
        self.queues.iter().fold(Counts::default(), |sum, (_, one)| Counts {
            new: sum.new + one.new,
            answered: sum.answered + one.answered,
            closed: sum.closed + one.closed,
            reopened: sum.reopened + one.reopened,
            open: sum.open + one.open,
            unlocked: sum.unlocked + one.unlocked,
        })
    }
}

/// Counts what happened in queues; days are those of the first one's clock.
pub async fn report(tx: &mut Tx, queues: &[Queue], span: Span) -> Result<Report> {
    let zone = queues.first().map_or(chrono_tz::Tz::UTC, |queue| queue.time_zone);
    let window = Window::of(span, tx.now(), zone);
    let ids: Vec<QueueId> = queues.iter().map(|queue| queue.id).collect();
    let mut counts: BTreeMap<QueueId, Counts> = BTreeMap::new();
    let mut agents: BTreeMap<AgentId, (i64, i64)> = BTreeMap::new();
    let mut days: BTreeMap<NaiveDate, (i64, i64)> = window.days().map(|day| (day, (0, 0))).collect();
    for (queue, day, count) in tx.stats().created(&ids, &window).await? {
        counts.entry(queue).or_default().new += count;
        days.entry(day).or_default().0 += count;
    }
    for (queue, agent, count) in tx.stats().answered(&ids, &window).await? {
        counts.entry(queue).or_default().answered += count;
        agents.entry(agent).or_default().0 += count;
    }
    for turn in tx.stats().turns(&ids, &window).await? {
        let of_queue = counts.entry(turn.queue).or_default();
        match (turn.from.is_closed(), turn.to.is_closed()) {
            (false, true) => {
                of_queue.closed += turn.count;
                days.entry(turn.day).or_default().1 += turn.count;
                if let Some(agent) = turn.agent {
                    agents.entry(agent).or_default().1 += turn.count;
                }
            }
            (true, false) if !turn.to.is_over() => of_queue.reopened += turn.count,
            _ => {}
        }
    }
    for (queue, open, unlocked) in tx.stats().open(&ids).await? {
        let of_queue = counts.entry(queue).or_default();
        (of_queue.open, of_queue.unlocked) = (open, unlocked);
    }
    let (first_response, solution) = times(tx, queues, &window).await?;
    Ok(Report {
        window,
        queues: queues
            .iter()
            .map(|queue| (queue.name.clone(), counts.get(&queue.id).copied().unwrap_or_default()))
            .collect(),
        agents: named(tx, agents).await?,
        days: days.into_values().collect(),
        first_response,
        solution,
    })
}

async fn named(tx: &mut Tx, agents: BTreeMap<AgentId, (i64, i64)>) -> Result<Vec<(UserId, i64, i64)>> {
    let mut named = Vec::with_capacity(agents.len());
    for (agent, (answered, closed)) in agents {
        if answered + closed > 0 {
            named.push((tx.agents().get(agent).await?.user, answered, closed));
        }
    }
    named.sort_by_key(|(user, answered, closed)| (-(answered + closed), user.clone()));
    Ok(named)
}

/// How long the first answer took, and the closing, in the working time of each ticket's queue.
async fn times(tx: &mut Tx, queues: &[Queue], window: &Window) -> Result<(Option<Took>, Option<Took>)> {
    let ids: Vec<QueueId> = queues.iter().map(|queue| queue.id).collect();
    let mut calendars: BTreeMap<QueueId, Calendar> = BTreeMap::new();
    for queue in &ids {
        calendars.insert(*queue, tx.timings().of(*queue).await?.calendar);
    }
    let took = |stretch: &Stretch| {
        calendars.get(&stretch.queue).map_or(TimeDelta::zero(), |calendar| calendar.between(stretch.from, stretch.to))
    };
    let answers = tx.stats().first_answers(&ids, window).await?;
    let first_response = Took::of(answers.iter().map(took).collect());
    let closings = tx.stats().closings(&ids, window).await?;
    let tickets: Vec<_> = closings.iter().map(|closing| closing.ticket).collect();
    let pauses = tx.stats().pauses(&tickets).await?;
    let solved = |closing: &Stretch| {
        let own = pauses.iter().filter(|(ticket, from, _)| *ticket == closing.ticket && *from < closing.to);
        let away = own.map(|(_, from, until)| took(&Stretch { from: *from, to: (*until).min(closing.to), ..*closing }));
        (took(closing) - away.sum::<TimeDelta>()).max(TimeDelta::zero())
    };
    Ok((first_response, Took::of(closings.iter().map(solved).collect())))
}
