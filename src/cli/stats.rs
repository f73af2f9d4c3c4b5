//! What is counted, from the command line.

use std::process::ExitCode;

use anyhow::bail;
use ticketloom::admin::names;
use ticketloom::desk::{stats as counted, words};
use ticketloom::domain::stats::{Span, Took};
use ticketloom::store::Store;

use super::print;

pub(crate) async fn stats(store: &Store, queue: Option<&str>, span: Span, json: bool) -> anyhow::Result<ExitCode> {
    let mut tx = store.begin().await?;
    let mut queues = tx.queues().all().await?;
    if let Some(name) = queue {
        let all = names(&queues);
        queues.retain(|queue| queue.name == name);
        if queues.is_empty() {
            bail!("there is no queue {name}; there are {all}");
        }
    }
    let report = counted::report(&mut tx, &queues, span).await?;
    if !json {
        return print(&format!("{}\n", words::stats(&report).words()));
    }
    let counts = |counts: &counted::Counts| {
        serde_json::json!({
            "new": counts.new, "answered": counts.answered, "closed": counts.closed, "reopened": counts.reopened,
            "open": counts.open, "unlocked": counts.unlocked,
        })
    };
    let took = |took: &Option<Took>| {
        took.map(|took| {
            let (median, ninety) = (took.median.num_minutes(), took.ninety.num_minutes());
            serde_json::json!({ "median_minutes": median, "ninety_percent_minutes": ninety, "count": took.count })
        })
    };
    let whole = serde_json::json!({
        "from": report.window.first, "to": report.window.last, "time_zone": report.window.zone.name(),
        "queues": report.queues.iter().map(|(name, one)| (name.clone(), counts(one))).collect::<serde_json::Map<_, _>>(),
        "agents": report.agents.iter().map(|(user, answered, closed)| {
            serde_json::json!({ "user_id": user, "answered": answered, "closed": closed })
        }).collect::<Vec<_>>(),
        "days": report.window.days().zip(&report.days).map(|(day, (new, closed))| {
            serde_json::json!({ "day": day, "new": new, "closed": closed })
        }).collect::<Vec<_>>(),
        "first_response": took(&report.first_response), "solution": took(&report.solution),
    });
    print(&format!("{}\n", serde_json::to_string_pretty(&whole)?))
}
