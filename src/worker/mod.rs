//! Works on jobs of one class: wait, lease, run, and put back, bury, or go on with the lane.

mod attempt;
mod decision;
mod health;
mod queue;
#[cfg(test)]
mod tests;
mod timetable;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use self::attempt::{Pace, attempt};
use self::decision::{Decision, decide};
use self::health::Health;
pub use self::queue::JobQueue;
pub use self::timetable::keep_timetable;
use crate::desk::failure::Failure;
use crate::store::StoreError;
use crate::store::jobs::{Class, Lane, Leased};

/// How long until the record is asked again after it could not be.
const RECORD_AWAY: Duration = Duration::from_secs(1);

/// Knows how to do a job of its class. A job that was done has ended its own row.
#[async_trait]
pub trait Work: Send + Sync + 'static {
    /// Does it. May be dropped at any await: at the job's time limit, or when its lease is lost.
    ///
    /// # Errors
    /// The [`Failure`] that decides what becomes of the job.
    async fn work(&self, leased: &Leased) -> Result<(), Failure>;

    /// What else there is to do when a job is given up: tell somebody.
    async fn given_up(&self, leased: &Leased, why: &str);
}

/// What all tasks of one class share.
struct Crew {
    queue: Arc<dyn JobQueue>,
    class: Class,
    work: Arc<dyn Work>,
    health: Health,
    pace: Pace,
    cancel: CancellationToken,
}

impl Crew {
    fn new(queue: Arc<dyn JobQueue>, class: Class, work: Arc<dyn Work>, cancel: CancellationToken) -> Arc<Self> {
        Arc::new(Self { queue, class, work, health: Health::default(), pace: Pace::REAL, cancel })
    }
}

/// Works on one class until it is cancelled, `most` jobs at a time. What is under way then is
/// finished, and nothing new is begun. Looks for work when the class' bell rings ([`keep_timetable`] rings for what is
/// due by time, or was enqueued elsewhere), and when a job has ended.
pub async fn run(queue: Arc<dyn JobQueue>, class: Class, most: usize, work: Arc<dyn Work>, cancel: CancellationToken) {
    run_crew(Crew::new(queue, class, work, cancel), most).await;
}

async fn run_crew(crew: Arc<Crew>, most: usize) {
    let (class, cancel) = (crew.class, crew.cancel.clone());
    let mut under_way: JoinSet<Option<Duration>> = JoinSet::new();
    let mut pause_until = Instant::now();
    while !cancel.is_cancelled() {
        // Registered before the query, so that no ring between it and the waiting is missed.
        let ring = crew.queue.bell(class).notified();
        tokio::pin!(ring);
        ring.as_mut().enable();
        let mut look_again = None;
        let free = most_now(&crew, most).saturating_sub(under_way.len());
        if Instant::now() < pause_until {
            look_again = Some(pause_until);
        } else if free > 0 {
            match crew.queue.lease(class, free).await {
                Ok(leased) => {
                    for leased in leased {
                        under_way.spawn(follow_lane(Arc::clone(&crew), leased));
                    }
                }
                Err(error) => {
                    tracing::warn!(job.class = class.name(), %error, "the record can't be asked for work");
                    look_again = Some(Instant::now() + RECORD_AWAY);
                }
            }
        }
        tokio::select! {
            () = cancel.cancelled() => break,
            () = ring => {}
            () = tokio::time::sleep_until(look_again.unwrap_or_else(Instant::now)), if look_again.is_some() => {}
            Some(ended) = under_way.join_next(), if !under_way.is_empty() => {
                if let Ok(Some(pause)) = ended {
                    pause_until = pause_until.max(Instant::now() + pause);
                }
            }
        }
    }
    while under_way.join_next().await.is_some() {}
}

/// How many jobs may be under way at this moment.
fn most_now(crew: &Crew, most: usize) -> usize {
    // A mail server waits for its 250, nobody waits for the reading: while many mails arrive, one reader goes on.
    let makes_room = crew.class == Class::Intake && crew.queue.is_taking_a_burst();
    // And while the other side seems to be away, one job finds out.
    if makes_room || crew.health.is_away() { 1 } else { most }
}

/// Works on one class until nothing of it is due, and returns how many lanes it took up: [`run`] for
/// whoever has the clock in hand. What was put back waits for its time; a class that was asked to
/// pause does so by ending here.
///
/// # Errors
/// If the record can't be asked for work.
pub async fn run_until_idle(
    queue: Arc<dyn JobQueue>,
    class: Class,
    most: usize,
    work: Arc<dyn Work>,
) -> Result<usize, StoreError> {
    let crew = Crew::new(queue, class, work, CancellationToken::new());
    let mut taken = 0;
    loop {
        let leased = crew.queue.lease(class, most).await?;
        if leased.is_empty() {
            return Ok(taken);
        }
        taken += leased.len();
        let mut under_way = JoinSet::new();
        for leased in leased {
            under_way.spawn(follow_lane(Arc::clone(&crew), leased));
        }
        if under_way.join_all().await.into_iter().flatten().next().is_some() {
            return Ok(taken);
        }
    }
}

/// Works on one lane until nothing of it is due, and says whether there was anything.
///
/// # Errors
/// If the record can't be asked for work.
pub async fn run_lane(queue: Arc<dyn JobQueue>, lane: &Lane, work: Arc<dyn Work>) -> Result<bool, StoreError> {
    let Some(first) = queue.lease_lane(lane).await? else { return Ok(false) };
    follow_lane(Crew::new(queue, lane.class(), work, CancellationToken::new()), first).await;
    Ok(true)
}

/// Does a job, and then the next ones of its lane as long as they are due. Returns how long the whole
/// class should pause, if the other side asked for that or seems to be away.
async fn follow_lane(crew: Arc<Crew>, first: Leased) -> Option<Duration> {
    let mut next = Some(first);
    while let Some(leased) = next {
        let began = Instant::now();
        let ended = attempt(&*crew.queue, &*crew.work, &leased, crew.pace).await;
        attempt::log(&leased, began, &ended);
        match decide(&leased, ended, crew.health.has_worked_since(Health::last_attempt(&leased, began))) {
            Decision::Done => crew.health.succeeded(),
            Decision::Forget => return None,
            Decision::PutBack { back, pause } => {
                let away = pause.is_none().then(|| crew.health.failed(&leased, &back)).flatten();
                if let Err(error) = crew.queue.put_back(&leased, &back).await {
                    // It is missed and freed when PostgreSQL answers again.
                    tracing::warn!(job.id = leased.id, %error, "a job could not be put back");
                }
                return pause.or(away);
            }
            Decision::GiveUp(why) => give_up(&crew, &leased, &why).await,
        }
        next = crew.queue.next(&leased, !crew.cancel.is_cancelled()).await.unwrap_or_default();
    }
    None
}

async fn give_up(crew: &Crew, leased: &Leased, why: &str) {
    tracing::error!(job.id = leased.id, job.kind = leased.job.kind(), error = why, "a job was given up");
    metrics::counter!("ticketloom_jobs_total", "kind" => leased.job.kind(), "outcome" => "given up").increment(1);
    match crew.queue.bury(leased, why).await {
        Ok(()) => crew.work.given_up(leased, why).await,
        Err(error) => tracing::warn!(job.id = leased.id, %error, "a job could not be buried"),
    }
}
