//! Each thing that a desk does, by itself.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::time::Instant;

use futures_util::FutureExt;

use super::meter::{Meter, Timed};
use super::operations::{self, Kind, OPERATIONS, Operation, Subject};
use super::verdict;
use super::world::World;

/// How often each thing is done.
const SAMPLES: usize = 20;
/// How many milliseconds a command may take, with all that it leads to.
const COMMAND: f64 = 50.0;
/// How many a search may take.
const SEARCH: f64 = 100.0;

/// An operation, done once.
struct Sample {
    statements: Vec<Timed>,
    /// From the first word to the last thing that followed from it, in milliseconds.
    own: f64,
}

/// Does everything and prints the table; returns how much of it takes too long or does not work.
pub(super) async fn print(w: &World, meter: &Meter) -> usize {
    let mut subjects = operations::subjects(w, OPERATIONS.len() * (SAMPLES + 1)).await;
    // Once before it counts: the caches were filled by making the record. The last ones are the shortest.
    let first = subjects.split_off(subjects.len() - OPERATIONS.len());
    for (operation, mut subject) in OPERATIONS.iter().zip(first) {
        let _ = sample(w, meter, operation, &mut subject).await;
    }
    println!("{:<58} {:>4} {:>15} {:>14} {:>14}", "", "", "all, ms", "own, ms", "one, ms");
    println!(
        "{:<58} {:>4} {:>7} {:>7} {:>8} {:>5} {:>8} {:>5}",
        "PostgreSQL works for", "in", "p50", "p95", "p95", "limit", "p95", "limit"
    );
    let mut wrong = 0;
    for (n, operation) in OPERATIONS.iter().enumerate() {
        let (mut samples, mut failures) = (Vec::new(), Vec::new());
        // Each operation has its share of the longest tickets, which come first.
        for subject in subjects.iter_mut().skip(n).step_by(OPERATIONS.len()) {
            match sample(w, meter, operation, subject).await {
                Ok(sample) => samples.push(sample),
                Err(why) => failures.push(why),
            }
        }
        if let Some(why) = failures.first() {
            println!("{:<58} FAILED {} of {SAMPLES} times: {why}", operation.name(), failures.len());
        }
        let is_fast = samples.is_empty() || line(operation, &samples);
        wrong += usize::from(!failures.is_empty() || !is_fast);
    }
    wrong
}

/// Does it once, and what is left over of it. What goes wrong then is said, and nobody else's fault.
async fn sample(w: &World, meter: &Meter, operation: &Operation, subject: &mut Subject) -> Result<Sample, String> {
    let doing = async {
        operations::prepare(w, operation, subject).await;
        meter.take();
        let began = Instant::now();
        operations::perform(w, operation, subject).await;
        Sample { own: began.elapsed().as_secs_f64() * 1e3, statements: meter.take() }
    };
    let done = AssertUnwindSafe(doing).catch_unwind().await;
    let calmed = AssertUnwindSafe(operations::calm(w)).catch_unwind().await;
    done.and_then(|sample| calmed.map(|()| sample)).map_err(|panic| {
        let words = panic.downcast_ref::<String>().map(String::as_str);
        let words = words.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without a word");
        words.lines().collect::<Vec<_>>().join(" ").chars().take(400).collect()
    })
}

/// A line of the table; whether all of it is fast enough.
fn line(operation: &Operation, samples: &[Sample]) -> bool {
    let sum = |sample: &Sample| sample.statements.iter().map(|timed| timed.ms).sum();
    let (p50, p95) = quantiles(&mut samples.iter().map(sum).collect::<Vec<f64>>());
    let (_, own) = quantiles(&mut samples.iter().map(|sample| sample.own).collect::<Vec<f64>>());
    let count = samples.iter().map(|sample| sample.statements.len()).sum::<usize>() / samples.len();
    let (slowest, statement) = slowest(samples);
    let (own_limit, limit) = (own_limit(operation), limit(operation.kind));
    // All by itself the desk is slow in debug mode, and PostgreSQL is not.
    let whole = if cfg!(debug_assertions) { p95 } else { own };
    let is_met = own_limit.is_none_or(|limit| whole <= limit) && limit.is_none_or(|limit| slowest <= limit);
    let text = |limit: Option<f64>| limit.map_or("-".to_owned(), |limit| format!("{limit:.0}"));
    println!(
        "{:<58} {count:>4} {p50:>7.1} {p95:>7.1} {own:>8.1} {:>5} {slowest:>8.2} {:>5}  {:<8}  {statement}",
        operation.name(),
        text(own_limit),
        text(limit),
        verdict(is_met)
    );
    is_met
}

/// How many milliseconds PostgreSQL may work on one statement of it.
fn limit(kind: Kind) -> Option<f64> {
    match kind {
        Kind::Look => Some(2.0),
        Kind::Way => Some(10.0),
        Kind::List => Some(50.0),
        Kind::Search => Some(SEARCH),
        Kind::Count => None,
    }
}

/// How many it may take as a whole.
fn own_limit(operation: &Operation) -> Option<f64> {
    if operation.kind == Kind::Search { Some(SEARCH) } else { operation.verb().map(|_| COMMAND) }
}

/// The statement that is slowest at its 95th percentile, and that.
fn slowest(samples: &[Sample]) -> (f64, String) {
    let mut times: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for timed in samples.iter().flat_map(|sample| &sample.statements) {
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
