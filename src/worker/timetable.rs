//! Rings the bells of what is due by time, or was enqueued by another process.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::JobQueue;
use crate::store::jobs::Class;

/// How often the record is asked at least: so late may be heard of what another process enqueued.
const PERIOD: Duration = Duration::from_secs(1);
/// How often at most.
const SHORTEST: Duration = Duration::from_millis(20);

/// Asks when the next job of each class is due, and rings for those that are, until it is cancelled. One statement for
/// all classes, one a second while nothing falls due.
///
/// LISTEN/NOTIFY is not used: NOTIFY takes a database-wide lock at commit, which would put all intake commits one
/// behind the other.
pub async fn keep_timetable(queue: Arc<dyn JobQueue>, cancel: CancellationToken) {
    while !cancel.is_cancelled() {
        let mut wait = PERIOD;
        match queue.next_due().await {
            Ok(next) => {
                for (class, due) in Class::ALL.into_iter().zip(next) {
                    match due {
                        // Whoever is free takes it; if nobody is, whoever becomes free looks by himself.
                        Some(Duration::ZERO) => queue.bell(class).notify_waiters(),
                        Some(due) => wait = wait.min(due.max(SHORTEST)),
                        None => {}
                    }
                }
            }
            Err(error) => tracing::debug!(%error, "the record can't be asked what is due"),
        }
        tokio::select! {
            () = cancel.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
        }
    }
}
