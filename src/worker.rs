//! Works on jobs of one class: wait, lease, run, and put back, bury, or go on with the lane.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::desk::deliver::Failure;
use crate::desk::seams::Fault;
use crate::store::Store;
use crate::store::StoreError;
use crate::store::jobs::{Class, Leased};

/// Knows how to do a job of its class. A job that was done has ended its own row.
#[async_trait]
pub trait Work: Send + Sync + 'static {
    /// Does it.
    ///
    /// # Errors
    /// The [`Failure`] that decides what becomes of the job.
    async fn work(&self, leased: &Leased) -> Result<(), Failure>;

    /// What else there is to do when a job is given up: tell somebody.
    async fn given_up(&self, leased: &Leased, why: &str);
}

/// Works on one class until it is cancelled, `most` jobs at a time. What is under way then is
/// finished, and nothing new is begun.
pub async fn run(store: Store, class: Class, most: usize, work: Arc<dyn Work>, cancel: CancellationToken) {
    let mut under_way: JoinSet<Option<Duration>> = JoinSet::new();
    let bell = store.bell(class);
    let mut pause_until = Instant::now();
    while !cancel.is_cancelled() {
        // Registered before the query, so that no ring between it and the waiting is missed.
        let ring = bell.notified();
        tokio::pin!(ring);
        ring.as_mut().enable();
        // A mail server waits for its 250, nobody waits for the reading: while many mails arrive, one reader goes on.
        let most = if class == Class::Desk && store.is_taking_a_burst() { 1 } else { most };
        let free = most.saturating_sub(under_way.len());
        let mut wait = Duration::from_secs(1);
        if free > 0 && Instant::now() >= pause_until {
            match store.lease(class, i64::try_from(free).unwrap_or(1)).await {
                Ok(leased) => {
                    let all = leased.len() == free;
                    for leased in leased {
                        under_way.spawn(follow_lane(store.clone(), class, Arc::clone(&work), leased, cancel.clone()));
                    }
                    if all {
                        wait = Duration::from_millis(50);
                    } else if let Ok(Some(due)) = store.next_due(class).await {
                        wait = due.clamp(Duration::from_millis(5), wait);
                    }
                }
                Err(error) => tracing::warn!(job.class = class.name(), %error, "the record can't be asked for work"),
            }
        }
        if under_way.len() >= most {
            wait = Duration::from_mins(1);
        }
        tokio::select! {
            () = cancel.cancelled() => break,
            () = ring => {}
            () = tokio::time::sleep(wait) => {}
            Some(ended) = under_way.join_next(), if !under_way.is_empty() => {
                if let Ok(Some(pause)) = ended {
                    pause_until = Instant::now() + pause;
                }
            }
        }
    }
    while under_way.join_next().await.is_some() {}
}

/// Works on one class until nothing of it is due, and returns how many lanes it took up: [`run`] for
/// whoever has the clock in hand. What was put back waits for its time; a class that was asked to
/// pause does so by ending here.
///
/// # Errors
/// If the record can't be asked for work.
pub async fn run_until_idle(
    store: &Store,
    class: Class,
    most: usize,
    work: Arc<dyn Work>,
) -> Result<usize, StoreError> {
    let mut taken = 0;
    loop {
        let leased = store.lease(class, i64::try_from(most).unwrap_or(1)).await?;
        if leased.is_empty() {
            return Ok(taken);
        }
        taken += leased.len();
        let mut under_way = JoinSet::new();
        for leased in leased {
            under_way.spawn(follow_lane(store.clone(), class, Arc::clone(&work), leased, CancellationToken::new()));
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
pub async fn run_lane(store: &Store, class: Class, lane: &str, work: Arc<dyn Work>) -> Result<bool, StoreError> {
    let Some(first) = store.lease_next(class, lane).await? else { return Ok(false) };
    follow_lane(store.clone(), class, work, first, CancellationToken::new()).await;
    Ok(true)
}

/// Does a job, and then the next ones of its lane as long as they are due. Returns how long the whole
/// class should pause, if the other side asked for that.
async fn follow_lane(
    store: Store,
    class: Class,
    work: Arc<dyn Work>,
    first: Leased,
    cancel: CancellationToken,
) -> Option<Duration> {
    let mut next = Some(first);
    while let Some(leased) = next {
        let _in_hand = store.take_in_hand(&leased);
        let began = Instant::now();
        let result = work.work(&leased).await;
        log(&leased, began, &result);
        if let Err(failure) = result {
            return decide(&store, class, &*work, &leased, failure).await;
        }
        if cancel.is_cancelled() {
            return None;
        }
        next = store.lease_next(class, &leased.lane).await.unwrap_or_default();
    }
    None
}

/// Puts a job back, or gives it up.
async fn decide(store: &Store, class: Class, work: &dyn Work, leased: &Leased, failure: Failure) -> Option<Duration> {
    let begun = !matches!(failure, Failure::TooEarly(_));
    let (wait, why, class_pauses) = match failure {
        Failure::Store(StoreError::Lost(_)) => return None,
        Failure::Store(error) if error.is_passing() => (Duration::from_millis(500), error.to_string(), false),
        Failure::TooEarly(why) => (Duration::from_millis(500), why, false),
        Failure::Fault(Fault::Later { after: Some(after), why }) => (after, why, class == Class::Chat),
        Failure::Fault(Fault::Later { after: None, why }) => (back_off(leased.attempt), why, false),
        Failure::Store(error) => return give_up(store, work, leased, &error.to_string()).await,
        Failure::Fault(Fault::Never { why }) => return give_up(store, work, leased, &why).await,
    };
    if let Err(error) = store.put_back(leased, wait, &why, begun).await {
        // It is missed and freed when PostgreSQL answers again.
        tracing::warn!(job.id = leased.id, %error, "a job could not be put back");
    }
    class_pauses.then_some(wait.min(Duration::from_mins(1)))
}

async fn give_up(store: &Store, work: &dyn Work, leased: &Leased, why: &str) -> Option<Duration> {
    tracing::error!(job.id = leased.id, job.kind = leased.job.kind(), error = why, "a job was given up");
    match store.bury(leased, why).await {
        Ok(()) => work.given_up(leased, why).await,
        Err(error) => tracing::warn!(job.id = leased.id, %error, "a job could not be buried"),
    }
    None
}

/// 1 s, doubling to 30 s: a server that is away is found again soon after it is back.
fn back_off(attempt: i32) -> Duration {
    let exponent = u32::try_from(attempt.clamp(1, 6) - 1).unwrap_or_default();
    Duration::from_secs(2u64.pow(exponent).min(30))
}

fn log(leased: &Leased, began: Instant, result: &Result<(), Failure>) {
    let (kind, attempt) = (leased.job.kind(), leased.attempt);
    let elapsed = began.elapsed();
    let outcome = match result {
        Ok(()) => "done",
        Err(Failure::Fault(Fault::Never { .. })) => "never",
        Err(_) => "later",
    };
    metrics::counter!("ticketloom_jobs_total", "kind" => kind, "outcome" => outcome).increment(1);
    metrics::histogram!("ticketloom_job_seconds", "kind" => kind).record(elapsed.as_secs_f64());
    let elapsed_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
    match result {
        Ok(()) => {
            tracing::debug!(job.id = leased.id, job.kind = kind, job.attempt = attempt, elapsed_ms, "a job is done");
        }
        Err(error) => {
            tracing::info!(job.id = leased.id, job.kind = kind, job.attempt = attempt, elapsed_ms, %error, "a job failed for now");
        }
    }
}
