//! Very many timers that are due at one moment.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ticketloom::dispatch::Reading;
use ticketloom::mail::reader::Reader;
use ticketloom::store::jobs::Class;
use ticketloom::worker;
use tokio_util::sync::CancellationToken;

use super::verdict;
use super::world::{READERS, World};

/// How long so many may take.
const LIMIT: (f64, f64) = (100_000.0, 120.0);
/// The moment until which they wait.
const MOMENT: &str = "2026-11-23 08:30:00+00";

/// Has that many tickets wait for the same moment, which is there, and says how long it takes until all of them were called
/// for. Whether that was soon enough.
pub(super) async fn print(w: &World, timers: u32) -> bool {
    w.sql(&format!(
        "create temporary table waits as
             select ticket_id, 'pending:' || ticket_id || ':' || extract(epoch from timestamptz '{MOMENT}')::bigint as lane
             from ticket where state like 'closed%' order by ticket_id limit {timers};
         update ticket set state = 'pending reminder', pending_until = '{MOMENT}', closed_at = null, informed = null
             from waits where ticket.ticket_id = waits.ticket_id;
         insert into lane (name, class, rank, due) select lane, 'command', 1, now() from waits;
         insert into job (lane_id, kind, payload, run_at)
             select lane_id, 'PendingTime', jsonb_build_object('ticket', ticket_id, 'until', timestamptz '{MOMENT}'), now()
             from waits join lane on name = lane;
         analyze ticket, lane, job"
    ))
    .await;
    let left = || {
        w.count("select count(*) from lane where class = 'command' and rank = 1 and due < now() + interval '1 hour'")
    };
    let waiting = left().await;
    let (cancel, began) = (CancellationToken::new(), Instant::now());
    let work = Arc::new(Reading { desk: w.desk.clone(), reader: Reader::in_process() });
    let queue = Arc::new(w.store.clone());
    let crew = tokio::spawn(worker::run(queue.clone(), Class::Command, READERS, work, cancel.clone()));
    let timetable = tokio::spawn(worker::keep_timetable(queue, cancel.clone()));
    let limit = f64::from(timers) * LIMIT.1 / LIMIT.0;
    while left().await > 0 && began.elapsed().as_secs_f64() < 2.0 * limit {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let took = began.elapsed().as_secs_f64();
    cancel.cancel();
    let _ = tokio::join!(crew, timetable);
    let told = w.count("select count(*) from job where kind = 'Notice' and run_at > now() - interval '1 hour'").await;
    let is_met = took <= limit && left().await == 0;
    println!("{waiting} timers due at one moment: {took:.0} s, limit {limit:.0} s, {told} told  {}", verdict(is_met));
    is_met
}
