//! One attempt: within its time, under a lease that is renewed, and nothing that it does takes its worker along.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::time::{Instant, sleep, timeout_at};

use super::{JobQueue, Work};
use crate::desk::failure::Failure;
use crate::desk::seams::Fault;
use crate::store::StoreError;
use crate::store::jobs::{LEASE, Leased};

/// The times that an attempt goes by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// How long a lease lasts.
    pub(super) lease: Duration,
    /// How often it is renewed.
    pub(super) renew: Duration,
    /// How long any attempt may take, whatever its kind says.
    pub(super) longest: Duration,
}

impl Pace {
    /// Two renewals may fail before a lease ends.
    pub(super) const REAL: Self =
        Self { lease: LEASE, renew: Duration::from_secs(10), longest: Duration::from_hours(1) };
}

/// How an attempt ended.
#[derive(Debug)]
pub(super) enum Ended {
    Done,
    Failed(Failure),
    /// It panicked. What it said may quote a mail; the log says where it was.
    Panicked,
    /// Its time was up, and it was dropped.
    OutOfTime(Duration),
    /// Its lease is somebody else's by now, and it was dropped.
    Lost,
}

/// Does a job once.
pub(super) async fn attempt(queue: &dyn JobQueue, work: &dyn Work, leased: &Leased, pace: Pace) -> Ended {
    let limit = leased.job.policy().time_limit.min(pace.longest);
    tokio::select! {
        biased;
        done = AssertUnwindSafe(work.work(leased)).catch_unwind() => match done {
            Ok(Ok(())) => Ended::Done,
            Ok(Err(failure)) => Ended::Failed(failure),
            Err(_) => Ended::Panicked,
        },
        () = sleep(limit) => Ended::OutOfTime(limit),
        () = renew_until_lost(queue, leased, pace) => Ended::Lost,
    }
}

/// Renews the lease. Returns when it is lost, or when nobody can say any more that it is not.
async fn renew_until_lost(queue: &dyn JobQueue, leased: &Leased, pace: Pace) {
    if mutant!("dot_without_lease") {
        std::future::pending::<()>().await;
    }
    let mut ours_until = Instant::now() + pace.lease;
    loop {
        sleep(pace.renew).await;
        let asked = Instant::now();
        match timeout_at(ours_until, queue.renew(leased)).await {
            Ok(Ok(())) => ours_until = asked + pace.lease,
            Ok(Err(StoreError::Lost(_))) | Err(_) => return,
            Ok(Err(error)) => {
                tracing::debug!(job.id = leased.id, %error, "a lease could not be renewed yet");
                if Instant::now() >= ours_until {
                    return;
                }
            }
        }
    }
}

/// Logs and counts how an attempt ended.
pub(super) fn log(leased: &Leased, began: Instant, ended: &Ended) {
    let (kind, attempt) = (leased.job.kind(), leased.attempt);
    let elapsed = began.elapsed();
    let outcome = match ended {
        Ended::Done => "done",
        Ended::Failed(Failure::Fault(Fault::Never { .. })) => "never",
        Ended::Panicked => "panicked",
        Ended::OutOfTime(_) => "out of time",
        Ended::Lost => "lost",
        Ended::Failed(_) => "later",
    };
    metrics::counter!("ticketloom_jobs_total", "kind" => kind, "outcome" => outcome).increment(1);
    metrics::histogram!("ticketloom_job_seconds", "kind" => kind).record(elapsed.as_secs_f64());
    let elapsed_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
    match ended {
        Ended::Done => {
            tracing::debug!(job.id = leased.id, job.kind = kind, job.attempt = attempt, elapsed_ms, "a job is done");
        }
        Ended::Failed(error) => {
            tracing::info!(job.id = leased.id, job.kind = kind, job.attempt = attempt, elapsed_ms, %error, "a job failed for now");
        }
        Ended::Panicked => {
            tracing::error!(job.id = leased.id, job.kind = kind, job.attempt = attempt, elapsed_ms, "a job panicked");
        }
        Ended::OutOfTime(_) | Ended::Lost => {
            tracing::warn!(
                job.id = leased.id,
                job.kind = kind,
                job.attempt = attempt,
                elapsed_ms,
                outcome,
                "a job was dropped"
            );
        }
    }
}
