//! Nothing lost, nothing twice, nobody in, while everything breaks: two instances of a desk at work, customers, agents, strangers
//! and programs, faults by a seed, and a checker that knows from a ledger of its own what was asked for.
//!
//! `dev/soak` runs it for as long as one likes; `docs/reliability.md` says what it shows.

mod agents;
mod chance;
mod checker;
mod customers;
mod desk;
mod faults;
mod hygiene;
mod ledger;
mod room;
mod sink;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::task::AbortOnDropHandle;

use self::agents::{Programs, Worker};
use self::chance::Chance;
use self::checker::Report;
use self::customers::Customer;
use self::desk::Desk;
use self::ledger::Ledger;
use self::room::Rooms;
use self::sink::Sink;
use crate::process::house::{Agent, House, Plan, Proxy, unique};

/// How long it is tormented within the whole suite.
const BRIEFLY: u64 = 90;
/// By this seed, unless another is named.
const SEED: u64 = 1;
/// How many customers begin to write.
const CUSTOMERS_A_MINUTE: u64 = 80;
/// So many seconds after nothing is broken any more everything is done (I14).
const DRAIN: u64 = 300;
/// What else stands in its configuration: an hour has more new tickets than a desk acknowledges by itself.
const DESK: &str = "automatic_an_hour = 10000";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_and_nothing_happens_twice_whatever_breaks() {
    let seconds = number("SOAK_SECONDS").unwrap_or(BRIEFLY);
    let seed = number("SOAK_SEED").unwrap_or(SEED);
    println!("seed {seed}, {seconds} s");
    let report = run(seed, seconds).await;
    println!("{report}");
    if let Ok(path) = std::env::var("SOAK_REPORT") {
        std::fs::write(path, report.to_string()).expect("a file");
    }
    assert_eq!(report.violations(), 0, "seed {seed}; the ledger is {}", ledger_of(seed).display());
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{variable}: a number, not {text}")))
}

/// How long it may take until everything is done.
fn drain() -> Duration {
    Duration::from_secs(number("SOAK_DRAIN").unwrap_or(DRAIN))
}

fn ledger_of(seed: u64) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("soak-{seed}.jsonl"))
}

/// All that takes part.
struct Soak {
    seconds: u64,
    desk: Arc<Desk>,
    sink: Sink,
    /// What leads to the sink.
    smtp: Proxy,
    ledger: Arc<Ledger>,
    rooms: Rooms,
    /// When the faults end, and nobody begins anything new.
    end: Instant,
}

impl Soak {
    fn is_over(&self) -> bool {
        Instant::now() >= self.end
    }

    /// Whether even what was begun is given up.
    fn is_given_up(&self) -> bool {
        Instant::now() >= self.end + drain()
    }
}

async fn run(seed: u64, seconds: u64) -> Report {
    let mut chance = Chance::new(seed);
    let ledger = Arc::new(Ledger::open(&ledger_of(seed)));
    ledger.note("seed", json!(seed));
    let sink = Sink::open(Arc::clone(&ledger)).await;
    let smtp = Proxy::to(([127, 0, 0, 1], sink.port).into()).await;
    let plan = Plan {
        imap: true,
        web: Some(""),
        smtp: Some(smtp.port),
        more: DESK,
        log: "format = \"text\"\nlevel = \"warn,ticketloom=info\"",
        ..Plan::default()
    };
    let house = House::opened(plan).await;
    let (stranger, tokens) = furnish(&house).await;
    let rooms = Rooms::new(house.queues.iter().map(|queue| queue.room.clone()));
    let desk = Desk::start(house, Arc::clone(&ledger)).await;
    let end = Instant::now() + Duration::from_secs(seconds);
    let soak = Arc::new(Soak { seconds, desk, sink, smtp, ledger, rooms, end });
    let looking = look_after(&soak);

    let faults = tokio::spawn(faults::strike(Arc::clone(&soak), chance.fork()));
    let programs = Programs { tokens, chance: chance.fork() };
    let mut actors = JoinSet::new();
    actors.spawn(programs.live(Arc::clone(&soak)));
    for agent in [&soak.desk.house.alice, &soak.desk.house.bob] {
        actors.spawn(Worker::new(agent, true, chance.fork()).live(Arc::clone(&soak)));
    }
    actors.spawn(Worker::new(&stranger, false, chance.fork()).live(Arc::clone(&soak)));
    let begun = Instant::now();
    let mut moments: Vec<u64> =
        (0..seconds * CUSTOMERS_A_MINUTE / 60).map(|_| chance.within(0, seconds * 1_000)).collect();
    moments.sort_unstable();
    for (number, moment) in moments.into_iter().enumerate() {
        sleep_until(begun + Duration::from_millis(moment)).await;
        actors.spawn(Customer::new(number, chance.fork()).live(Arc::clone(&soak)));
    }
    sleep_until(soak.end).await;
    faults.await.expect("the faults are carried out");
    faults::end(&soak).await;
    println!("the faults are over");
    while let Some(done) = actors.join_next().await {
        done.expect("nobody panics");
    }
    let report = checker::check(&soak, &stranger.user).await;
    if report.violations() > 0 {
        std::fs::write(ledger_of(seed).with_extension("log"), soak.desk.house.log()).expect("a file");
    }
    drop(looking);
    report
}

/// A stranger who may say something in the rooms, and a token for each agent.
async fn furnish(house: &House) -> (Agent, Vec<String>) {
    let stranger = Agent::new(&format!("stranger-{}", unique())).await;
    for queue in &house.queues {
        house.must(&["queue", "set", &queue.name, "--posting", "members"]).await;
    }
    house.idle().await;
    for queue in &house.queues {
        house.bot().invite(&queue.room, &stranger.user).await;
        stranger.join(&queue.room).await;
    }
    let mut tokens = Vec::new();
    for agent in [&house.alice, &house.bob] {
        let said = house.must(&["token", "add", &agent.user, "--scopes", "read,note,write"]).await;
        tokens.push(said.lines().next().expect("a token").to_owned());
    }
    (stranger, tokens)
}

/// Restarts instances, listens in the rooms, and looks at what must be so at all times.
fn look_after(soak: &Arc<Soak>) -> Vec<AbortOnDropHandle<()>> {
    let (watching, listening, looking) = (Arc::clone(soak), Arc::clone(soak), Arc::clone(soak));
    let watch = async move {
        loop {
            watching.desk.look_after();
            sleep(Duration::from_millis(100)).await;
        }
    };
    let listen = async move {
        loop {
            // A homeserver that dies meanwhile ends what is listened to, not the listening.
            let once = Arc::clone(&listening);
            let _ = tokio::spawn(async move { once.rooms.listen(&once.desk.house.alice).await }).await;
            sleep(room::OFTEN).await;
        }
    };
    let look = async move { hygiene::watch(&looking).await };
    vec![
        AbortOnDropHandle::new(tokio::spawn(watch)),
        AbortOnDropHandle::new(tokio::spawn(listen)),
        AbortOnDropHandle::new(tokio::spawn(look)),
    ]
}
