//! How soon a desk is ready.

use super::verdict;
use crate::stage::Stage;

/// How many seconds it may take.
const LIMIT: f64 = 5.0;
/// How often it is started: the first time it makes its device.
const STARTS: usize = 3;

/// Starts the program on a record, several times, and says how long it took until `/ready` said yes. Whether that was soon
/// enough.
pub(super) async fn print(servers: &str, database_url: &str) -> anyhow::Result<bool> {
    let mut stage = Stage::on(servers, database_url).await?;
    let mut times = Vec::new();
    for _ in 0..STARTS {
        times.push(stage.ready().await?.as_secs_f64());
    }
    let is_met = times.iter().all(|time| *time <= LIMIT);
    let times: Vec<String> = times.iter().map(|time| format!("{time:.2} s")).collect();
    println!("from its start until /ready says yes: {}, limit {LIMIT:.0} s  {}", times.join(", "), verdict(is_met));
    Ok(is_met)
}
