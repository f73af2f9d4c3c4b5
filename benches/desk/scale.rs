//! How long PostgreSQL works for each thing that a desk does, once its record has grown: 200,000 tickets, more than a million
//! articles, a million jobs of the future. Only PostgreSQL's own time is looked at, so it says the same in debug mode; the
//! desk runs in this process, on the stories' Matrix and mail server.

#[expect(dead_code, reason = "the stories ask which commands are there")]
#[path = "../../tests/it/stories/scale/operations.rs"]
mod operations;
#[path = "../../tests/it/stories/scale/record.rs"]
mod record;
#[expect(dead_code, unused_imports, reason = "the stories' world, of which this needs a part")]
#[path = "../../tests/it/stories/world/mod.rs"]
mod world;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use anyhow::ensure;
use operations::{Kind, OPERATIONS, Operation};
use tracing::field::{Field, Visit};
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::{Layer, Registry};
use world::World;

/// Tickets, if `TICKETLOOM_SCALE` does not say another number.
const TICKETS: u32 = 200_000;
/// How often each thing is done.
const SAMPLES: usize = 20;

/// Makes the record, does everything on it, and prints the table. Fails if something takes too long.
pub(crate) async fn measure() -> anyhow::Result<()> {
    let meter = Meter::default();
    tracing::subscriber::set_global_default(Registry::default().with(meter.clone()))?;
    let w = grown().await?;
    let slow = table(&w, &meter).await;
    w.leave().await.drop_it().await;
    ensure!(slow == 0, "{slow} take too long");
    Ok(())
}

/// Does everything and prints the table; returns how much of it takes too long.
async fn table(w: &World, meter: &Meter) -> usize {
    let mut subjects = operations::subjects(w, OPERATIONS.len() * (SAMPLES + 1)).await;
    // Once before it counts: the caches were filled by making the record. The last ones are the shortest.
    let first = subjects.split_off(subjects.len() - OPERATIONS.len());
    for (operation, mut subject) in OPERATIONS.iter().zip(first) {
        operations::prepare(w, operation, &mut subject).await;
        operations::perform(w, operation, &mut subject).await;
        operations::calm(w).await;
    }
    println!("{:<58} {:>4} {:>15} {:>14}", "", "", "all, ms", "one, ms");
    println!("{:<58} {:>4} {:>7} {:>7} {:>8} {:>5}", "PostgreSQL works for", "in", "p50", "p95", "p95", "limit");
    let mut slow = 0;
    for (n, operation) in OPERATIONS.iter().enumerate() {
        let mut samples = Vec::new();
        // Each operation has its share of the longest tickets, which come first.
        for subject in subjects.iter_mut().skip(n).step_by(OPERATIONS.len()) {
            operations::prepare(w, operation, subject).await;
            meter.take();
            operations::perform(w, operation, subject).await;
            samples.push(meter.take());
            operations::calm(w).await;
        }
        slow += usize::from(!print(operation, &samples));
    }
    slow
}

/// A desk on a grown record, whose connections say how long everything took.
async fn grown() -> anyhow::Result<World> {
    let tickets = std::env::var("TICKETLOOM_SCALE").ok().map_or(Ok(TICKETS), |tickets| tickets.parse())?;
    let (began, w) = (Instant::now(), World::new().await);
    record::grow(&w, tickets).await;
    let size = w.rows("select pg_size_pretty(pg_database_size(current_database()))").await.concat();
    let count = |table: &'static str| w.count(table);
    println!(
        "a record of {} tickets, {} articles, {} jobs, {} quarantine entries: {size}, made in {} s",
        count("select count(*) from ticket").await,
        count("select count(*) from article").await,
        count("select count(*) from job").await,
        count("select count(*) from quarantine").await,
        began.elapsed().as_secs()
    );
    // Durations go to whoever asked, and not into the server's log.
    for setting in ["log_min_duration_statement = 0", "client_min_messages = log", "log_min_messages = panic"] {
        w.sql(&format!("alter database {} set {setting}", w.database.name)).await;
    }
    let w = World::on(w.leave().await, None).await;
    // What is asked by hand counts for nobody.
    w.sql("set log_min_duration_statement = -1").await;
    Ok(w)
}

/// A line of the table; whether each statement is fast enough. How long all of them take together is told beside it.
fn print(operation: &Operation, samples: &[Vec<Timed>]) -> bool {
    let mut sums: Vec<f64> = samples.iter().map(|sample| sample.iter().map(|timed| timed.ms).sum()).collect();
    let (p50, p95) = quantiles(&mut sums);
    let count = samples.iter().map(Vec::len).sum::<usize>() / samples.len().max(1);
    let (limit, (slowest, statement)) = (limit(operation.kind), slowest(samples));
    let verdict = if limit.is_some_and(|limit| slowest > limit) { "TOO SLOW" } else { "ok" };
    let (name, limit) = (operation.name(), limit.map_or("-".to_owned(), |limit| format!("{limit:.0}")));
    println!("{name:<58} {count:>4} {p50:>7.1} {p95:>7.1} {slowest:>8.2} {limit:>5}  {verdict:<8}  {statement}");
    verdict == "ok"
}

/// How many milliseconds PostgreSQL may work on one statement of it.
fn limit(kind: Kind) -> Option<f64> {
    match kind {
        Kind::Way => Some(10.0),
        Kind::List => Some(50.0),
        Kind::Count => None,
    }
}

/// The statement that is slowest at its 95th percentile, and that.
fn slowest(samples: &[Vec<Timed>]) -> (f64, String) {
    let mut times: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for timed in samples.iter().flatten() {
        times.entry(&timed.statement).or_default().push(timed.ms);
    }
    let p95 = times.into_iter().map(|(statement, mut times)| (quantiles(&mut times).1, statement));
    let (ms, statement) = p95.max_by(|a, b| a.0.total_cmp(&b.0)).unwrap_or_default();
    let words: Vec<&str> = statement.split_whitespace().collect();
    (ms, words.join(" ").chars().take(100).collect())
}

/// Median and 95th percentile.
fn quantiles(times: &mut [f64]) -> (f64, f64) {
    times.sort_by(f64::total_cmp);
    let at = |share: usize| times[(times.len() * share / 100).min(times.len() - 1)];
    (at(50), at(95))
}

/// A statement and how long PostgreSQL worked on it.
#[derive(Debug)]
struct Timed {
    statement: String,
    ms: f64,
    /// Whether it was executed, not only parsed or planned so far.
    is_executed: bool,
}

/// Gathers what PostgreSQL says of durations, with `log_min_duration_statement`: parsing and planning a statement is part of
/// it. Commits are left out: how long a disk takes to sync is measured elsewhere.
#[derive(Clone, Default)]
struct Meter(Arc<Mutex<Vec<Timed>>>);

impl Meter {
    /// What was gathered since it was last taken.
    fn take(&self) -> Vec<Timed> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }
}

impl<S: tracing::Subscriber> Layer<S> for Meter {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == "sqlx::postgres::notice" {
            event.record(&mut Reading(self));
        }
    }
}

/// Reads one message: `duration: 0.123 ms  execute sqlx_s_7: select …`.
struct Reading<'m>(&'m Meter);

impl Visit for Reading<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }

    fn record_str(&mut self, _: &Field, message: &str) {
        let Some((ms, what)) = message.strip_prefix("duration: ").and_then(|rest| rest.split_once(" ms  ")) else {
            return;
        };
        let (phase, statement) = what.split_once(": ").unwrap_or_default();
        let (Ok(ms), false) = (ms.parse::<f64>(), statement.eq_ignore_ascii_case("commit")) else { return };
        let mut gathered = self.0.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        // Parse, bind and execute are told one after the other; bind plans.
        match gathered.last_mut() {
            Some(last) if last.statement == statement && !last.is_executed => last.ms += ms,
            _ => gathered.push(Timed { statement: statement.to_owned(), ms, is_executed: false }),
        }
        if let Some(last) = gathered.last_mut() {
            last.is_executed = phase.starts_with("execute") || phase == "statement";
        }
    }
}
