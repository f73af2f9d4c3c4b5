//! How long everything takes that a desk does once its record has grown: 200,000 tickets, more than a million articles, a
//! million jobs of the future. Of single statements only PostgreSQL's own time is looked at, so that says the same in debug
//! mode; the desk runs in this process, on the stories' Matrix and mail server.

mod doors;
mod meter;
#[path = "../../../tests/it/stories/scale/operations.rs"]
mod operations;
#[path = "../../../tests/it/stories/scale/record.rs"]
mod record;
mod start;
mod table;
mod timers;
#[expect(dead_code, unused_imports, reason = "the stories' world, of which this needs a part")]
#[path = "../../../tests/it/stories/world/mod.rs"]
mod world;

use std::time::Instant;

use anyhow::ensure;
use tracing_subscriber::Registry;
use tracing_subscriber::layer::SubscriberExt;

use meter::Meter;
use world::World;

/// Tickets, if `TICKETLOOM_SCALE` does not say another number.
const TICKETS: u32 = 200_000;

/// Makes the record, does everything on it, and prints the tables. Fails if something takes too long or does not work.
pub(crate) async fn measure(servers: &str) -> anyhow::Result<()> {
    let meter = Meter::default();
    tracing::subscriber::set_global_default(Registry::default().with(meter.clone()))?;
    let tickets = tickets()?;
    let w = grown(tickets).await;
    let mut wrong = table::print(&w, &meter).await;
    w.sql(&format!("alter database {} reset all", w.database.name)).await;
    let w = World::on(w.leave().await, None).await;
    wrong += usize::from(!timers::print(&w, tickets / 2).await);
    let database = w.leave().await;
    wrong += usize::from(!start::print(servers, &database.url).await?);
    wrong += doors::print(servers, &database.url).await?;
    database.drop_it().await;
    ensure!(wrong == 0, "{wrong} take too long or do not work");
    Ok(())
}

/// Makes the record, and asks only the doors by HTTP.
pub(crate) async fn doors(servers: &str) -> anyhow::Result<()> {
    let w = grown(tickets()?).await;
    w.sql(&format!("alter database {} reset all", w.database.name)).await;
    let database = w.leave().await;
    let wrong = doors::print(servers, &database.url).await?;
    database.drop_it().await;
    ensure!(wrong == 0, "{wrong} take too long or do not work");
    Ok(())
}

fn tickets() -> anyhow::Result<u32> {
    Ok(std::env::var("TICKETLOOM_SCALE").ok().map_or(Ok(TICKETS), |tickets| tickets.parse())?)
}

/// A desk on a grown record, whose connections say how long everything took.
async fn grown(tickets: u32) -> World {
    let (began, w) = (Instant::now(), World::new().await);
    record::grow(&w, tickets).await;
    let size = w.rows("select pg_size_pretty(pg_database_size(current_database()))").await.concat();
    let count = |table: &'static str| w.count(table);
    println!(
        "a record of {} tickets, {} articles, {} jobs, {} quarantine entries, {} words: {size}, made in {} s",
        count("select count(*) from ticket").await,
        count("select count(*) from article").await,
        count("select count(*) from job").await,
        count("select count(*) from quarantine").await,
        count("select count(*) from search_word").await,
        began.elapsed().as_secs()
    );
    // Durations go to whoever asked, and not into the server's log.
    for setting in ["log_min_duration_statement = 0", "client_min_messages = log", "log_min_messages = panic"] {
        w.sql(&format!("alter database {} set {setting}", w.database.name)).await;
    }
    let w = World::on(w.leave().await, None).await;
    // What is asked by hand counts for nobody.
    w.sql("set log_min_duration_statement = -1").await;
    w
}

/// A word about a figure and its limit.
fn verdict(is_met: bool) -> &'static str {
    if is_met { "ok" } else { "TOO SLOW" }
}
