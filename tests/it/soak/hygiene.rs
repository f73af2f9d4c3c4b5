//! What must be so at all times: nobody sits on an open transaction.

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use tokio::time::{Instant, sleep, timeout};

use super::Soak;

/// How long a transaction may be open with nothing asked in it (I16).
const IDLE: &str = "select concat_ws(' ', application_name, now() - state_change, left(query, 120)) from pg_stat_activity
     where datname = current_database() and state like 'idle in transaction%' and now() - state_change > interval '5 s'";
/// Faults that make a session idle from without, and for so long afterwards.
const FROM_WITHOUT: [&str; 2] = ["freeze", "silence"];
const AFTERWARDS: TimeDelta = TimeDelta::seconds(6);

/// Looks once a second, for ever.
pub(super) async fn watch(soak: &Soak) {
    let mut seen = Instant::now();
    loop {
        sleep(Duration::from_secs(1)).await;
        if is_disturbed(soak) {
            seen = Instant::now();
            continue;
        }
        let asking = sqlx::query_scalar::<_, String>(IDLE).fetch_all(&soak.desk.house.record);
        let Ok(Ok(idle)) = timeout(Duration::from_secs(3), asking).await else { continue };
        soak.ledger.looked();
        // One that was frozen with a transaction may be ended by PostgreSQL's own limit only.
        if seen.elapsed() > Duration::from_mins(1) || soak.ledger.faults().iter().all(|fault| fault.kind != "freeze") {
            for session in idle {
                soak.ledger.trouble("I16", format!("idle in transaction: {session}"));
            }
        }
    }
}

fn is_disturbed(soak: &Soak) -> bool {
    let is_now = |to: Option<chrono::DateTime<Utc>>| to.is_none_or(|to| Utc::now() - to < AFTERWARDS);
    soak.desk.has_frozen()
        || soak.ledger.faults().iter().any(|fault| FROM_WITHOUT.contains(&fault.kind) && is_now(fault.to))
}
