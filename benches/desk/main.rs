//! How fast the desk is, as ratios against what the same machine's PostgreSQL and Synapse can do at all,
//! measured in the same run. `dev/bench` starts the servers and prints the table.
//!
//! These machines are noisy: only the ratios mean something.
#![recursion_limit = "256"] // matrix-sdk's futures nest deeper than the default of 128

mod corpora;
#[path = "../../tests/it/process/flood.rs"]
mod flood;
mod limit;
mod load;
mod scale;
mod stage;

use std::time::{Duration, Instant};

use anyhow::Context;
use flood::Flood;
use stage::Stage;

/// Connections that bring mails at the same time, raw commits' connections, and how many mails they bring.
const BURSTS: [(usize, usize); 3] = [(1, 300), (16, 1_500), (64, 3_000)];
/// Connections that bring the corpora.
const CONNECTIONS: usize = 8;
/// Requests at a time within a room: what the desk's Matrix side does.
const AT_A_TIME: usize = 16;
/// Single mails and commands, one after the other.
const SINGLES: usize = 40;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    // `cargo test --all-targets` runs benches, too; without servers there is nothing to measure.
    let Ok(world) = std::env::var("TICKETLOOM_TEST_WORLD") else {
        println!("dev/bench starts the servers that this needs");
        return Ok(());
    };
    let named: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let wanted = |part: &str| named.is_empty() || named.iter().any(|name| name == part);
    // By name only: they take minutes and gigabytes.
    if named.iter().any(|name| name == "doors") {
        scale::doors(&world).await?;
        if named.len() == 1 {
            return Ok(());
        }
    }
    if named.iter().any(|name| name == "scale") {
        scale::measure(&world).await?;
        if named.len() == 1 {
            return Ok(());
        }
    }
    let mut stage = Stage::set(&world).await.context("setting the stage")?;
    if wanted("intake") || wanted("mirror") {
        intake(&mut stage).await.context("intake")?;
    }
    if wanted("mirror") {
        mirror(&mut stage).await.context("mirror")?;
    }
    if wanted("latency") {
        latency(&mut stage).await.context("latency")?;
    }
    if wanted("floods") {
        floods(&mut stage).await.context("floods")?;
    }
    if (wanted("parse") || wanted("corpora"))
        && let Some(mails) = corpora::mails()
    {
        if wanted("parse") {
            corpora::read(&mails);
        }
        if wanted("corpora") {
            // Last, since what it brings is not waited for on the Matrix side.
            corpora::take(&mut stage, &mails).await.context("corpora")?;
        }
    }
    stage.clear().await
}

/// LMTP to 250, and 250 to ticket, with the Matrix side away.
async fn intake(stage: &mut Stage) -> anyhow::Result<()> {
    stage.start("http://127.0.0.1:9").await?;
    println!("{:<58} {:>10} MB", "RSS when started, Matrix side away", stage.rss());
    let mut tickets = 0;
    for (connections, mails) in BURSTS {
        tickets += mails;
        burst(stage, connections, mails, tickets).await.with_context(|| format!("{connections} connections"))?;
    }
    Ok(())
}

async fn burst(stage: &Stage, connections: usize, mails: usize, tickets: usize) -> anyhow::Result<()> {
    let (transactions, inserts) = limit::commits(&stage.database_url, connections, Duration::from_secs(3)).await?;
    let (syncs, cpu) = (stage.wal_syncs().await?, stage.cpu());
    let began = Instant::now();
    load::burst(stage, mails, connections).await?;
    let taken = began.elapsed();
    stage.until_tickets(i64::try_from(tickets)?).await?;
    let read = began.elapsed();
    let (syncs, after) = (stage.wal_syncs().await? - syncs, stage.cpu());
    let rate = per_second(mails, taken);
    println!("{connections} LMTP connections, {mails} mails");
    line("  raw commits, one insert, as many connections", inserts, "/s");
    line("  raw commits, begin; insert; commit", transactions, "/s");
    line("  LMTP to 250", rate, "/s");
    ratio("    of raw one insert", rate / inserts, if connections == 64 { ">= 0.8" } else { "" });
    ratio("    of raw begin; insert; commit", rate / transactions, ">= 0.3");
    line("  LMTP to ticket in PostgreSQL", per_second(mails, read), "/s   (>= 200)");
    line("  fsyncs a mail, to the ticket, no acknowledgement", syncs / real(mails), "   (<= 3)");
    line("  CPU a mail, to the ticket, the desk", (after.desk - cpu.desk) / real(mails) * 1e3, "ms");
    line("  CPU a mail, to the ticket, PostgreSQL for it", (after.postgres - cpu.postgres) / real(mails) * 1e3, "ms");
    Ok(())
}

/// The backlog goes to Synapse, against raw PUTs of the same size at the same concurrency.
async fn mirror(stage: &mut Stage) -> anyhow::Result<()> {
    let before = limit::puts(stage, 400, AT_A_TIME).await?;
    stage.start(&stage.homeserver.clone()).await?;
    let rate = stage.drain(200, 1_200).await?;
    let after = limit::puts(stage, 400, AT_A_TIME).await?;
    let raw = f64::midpoint(before, after);
    line("raw PUTs, 16 at a time in one room", raw, "/s");
    line("new tickets mirrored, one event each", rate, "/s");
    ratio("  of raw PUTs", rate / raw, ">= 0.85");
    stage.until_no_jobs().await?;
    println!("{:<58} {:>10} MB", "RSS after 4,800 tickets", stage.rss());
    Ok(())
}

/// One thing at a time on an idle desk, against a raw PUT's way into another client's sync.
async fn latency(stage: &mut Stage) -> anyhow::Result<()> {
    stage.start(&stage.homeserver.clone()).await?;
    let mut floor = limit::put_to_sync(stage, SINGLES).await?;
    let mut mails = load::mail_to_event(stage, SINGLES).await?;
    let mut commands = load::command_to_reaction(stage, SINGLES).await?;
    let (low, high) = quantiles(&mut floor);
    println!("{:<58} p50 {low:>6.1} ms  p99 {high:>6.1} ms", "raw PUT to another client's sync (the floor)");
    for (what, times) in [("250 to visible event", &mut mails), ("command to reaction", &mut commands)] {
        let (p50, p99) = quantiles(times);
        println!(
            "{what:<58} p50 {p50:>6.1} ms  p99 {p99:>6.1} ms  = {:.2} and {:.2} of the floor",
            p50 / low,
            p99 / high
        );
    }
    println!("{:<58} {:>10} MB", "RSS idle", stage.rss());
    Ok(())
}

/// The same while strangers hold every connection that they can get.
async fn floods(stage: &mut Stage) -> anyhow::Result<()> {
    stage.start(&stage.homeserver.clone()).await?;
    stage.room().await?;
    for (what, port) in [("LMTP", stage.lmtp), ("HTTP", stage.pages)] {
        let flood = Flood::begin(port, b"");
        stage.until("the flood is there", || async { Ok(flood.is_there()) }).await?;
        let mut mails = load::mail_to_event(stage, SINGLES).await?;
        let mut commands = load::command_to_reaction(stage, SINGLES).await?;
        for (thing, times, aim) in [("250 to visible event", &mut mails, 5), ("command to reaction", &mut commands, 2)]
        {
            let (p50, p99) = quantiles(times);
            let what = format!("{thing}, 1,000 silent {what} connections");
            println!("{what:<58} p50 {p50:>6.1} ms  p99 {p99:>6.1} ms   (<= {aim} s)");
        }
    }
    Ok(())
}

fn line(what: &str, value: f64, unit: &str) {
    println!("{what:<58} {value:>10.1} {unit}");
}

fn ratio(what: &str, value: f64, aim: &str) {
    let aim = if aim.is_empty() { String::new() } else { format!("   ({aim})") };
    println!("{what:<58} {value:>10.2}{aim}");
}

fn per_second(count: usize, time: Duration) -> f64 {
    real(count) / time.as_secs_f64()
}

#[expect(clippy::cast_precision_loss, reason = "counts of thousands")]
fn real(count: usize) -> f64 {
    count as f64
}

/// Median and 99th percentile in milliseconds.
fn quantiles(times: &mut [Duration]) -> (f64, f64) {
    times.sort();
    let at = |share: usize| times[(times.len() * share / 100).min(times.len() - 1)].as_secs_f64() * 1_000.0;
    (at(50), at(99))
}
