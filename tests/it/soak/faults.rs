//! What is done to the desk and to what it stands on, by the seed.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use sqlx::{Connection, PgConnection};
use tokio::time::{Instant, sleep, sleep_until};

use super::Soak;
use super::chance::Chance;
use super::desk::INSTANCES;
use super::sink::Mode as SinkMode;
use crate::process::house::{Mode, servers, until, world};

/// What one does to it.
#[derive(Clone, Debug, PartialEq)]
enum Deed {
    Kill,
    KillLeader,
    Terminate,
    Freeze,
    /// It dies at a named point.
    CrashAt(&'static str),
    /// It freezes there, for longer than a lease.
    FreezeAt(&'static str),
    /// PostgreSQL ends some of its sessions.
    Backends,
    Sink(SinkMode),
    /// Connections break off, and none is made for a moment.
    Cut(Way),
    /// They stay, and nothing passes.
    Silence(Way),
    /// A server that is nobody else's dies, and is started again.
    Server(&'static str),
}

/// Between whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Postgres,
    Synapse,
    Smtp,
    Lmtp,
}

/// Points that only who has the Matrix side passes begin so.
const LEADERS: [&str; 2] = ["chat.", "sync."];
/// Points on the ways that are taken here.
const POINTS: [&str; 20] = [
    "lmtp.before_commit",
    "imap.before_commit",
    "lmtp.after_commit",
    "lmtp.after_reply",
    "imap.after_commit",
    "imap.after_move",
    "sync.before_commit",
    "sync.after_commit",
    "mail.before_commit",
    "mail.after_commit",
    "command.before_commit",
    "command.after_commit",
    "chat.before_send",
    "chat.after_send",
    "chat.after_record",
    "smtp.before_mark",
    "smtp.after_mark",
    "smtp.after_dot",
    "smtp.before_record",
    "smtp.after_record",
];
/// At which a frozen one would do harm if its lease were not looked at.
const FREEZING: [&str; 3] = ["smtp.before_mark", "chat.before_send", "mail.before_commit"];

/// What is done in each round at least once, whatever the seed says. Without named points in the program (a release) those do
/// nothing, and the kills beside them strike wherever they strike.
fn round(chance: &mut Chance, is_first: bool, has_servers: bool) -> Vec<Deed> {
    let slow = Duration::from_millis(chance.within(500, 4_000));
    let mut deeds = vec![
        Deed::Kill,
        Deed::Kill,
        Deed::KillLeader,
        Deed::KillLeader,
        Deed::Terminate,
        Deed::Freeze,
        Deed::CrashAt(POINTS[0]),
        Deed::CrashAt(POINTS[1]),
        Deed::Backends,
        Deed::Backends,
        Deed::Sink(SinkMode::Later),
        Deed::Sink(SinkMode::Never),
        Deed::Sink(SinkMode::TakesSilently),
        Deed::Sink(SinkMode::TakesSilently),
        Deed::Sink(SinkMode::Loses),
        Deed::Sink(SinkMode::Slow(slow)),
        Deed::Cut(Way::Synapse),
        Deed::Cut(Way::Synapse),
        Deed::Cut(Way::Synapse),
        Deed::Cut(Way::Postgres),
        Deed::Cut(Way::Lmtp),
        Deed::Silence(if chance.one_in(2) { Way::Postgres } else { Way::Synapse }),
    ];
    deeds.extend((0..5).map(|_| Deed::CrashAt(chance.pick::<&str>(&POINTS[2..]))));
    if has_servers {
        deeds.extend(["postgres", "postgres", "synapse"].map(Deed::Server));
    }
    chance.shuffle(&mut deeds);
    // It would end what the frozen one has open.
    deeds.push(Deed::Cut(Way::Smtp));
    // It takes its time, so it begins early: others go on meanwhile.
    deeds.insert(0, Deed::FreezeAt(if is_first { FREEZING[0] } else { chance.pick::<&str>(&FREEZING) }));
    deeds
}

/// How long a round takes: so many deeds can still be told from each other.
const ROUND: Duration = Duration::from_secs(105);

/// How long it works in peace at first.
const CALM: Duration = Duration::from_secs(20);

/// Does all of it, evenly over the time.
pub(super) async fn strike(soak: Arc<Soak>, mut chance: Chance) {
    let rounds = (soak.seconds / ROUND.as_secs()).max(1);
    let has_servers = std::env::var_os("SOAK_SERVERS").is_some();
    let mut deeds = Vec::new();
    for number in 0..rounds {
        deeds.extend(round(&mut chance, number == 0, has_servers));
    }
    // At first nothing is broken, so that it is known what is so then.
    let calm = CALM.min(Duration::from_secs(soak.seconds) / 6);
    let step = Duration::from_secs(soak.seconds).saturating_sub(calm) / u32::try_from(deeds.len() + 1).expect("few");
    let begun = Instant::now() + calm;
    for (number, deed) in (0..).zip(deeds) {
        sleep_until(begun + step * number).await;
        if soak.is_over() {
            break;
        }
        println!("{:>5} s  {deed:?}", (begun.elapsed() + calm).as_secs());
        carry_out(&soak, &mut chance, deed).await;
    }
}

async fn carry_out(soak: &Soak, chance: &mut Chance, deed: Deed) {
    let desk = &soak.desk;
    let victim = desk.victim(chance.below(INSTANCES));
    let instance = victim.unwrap_or_default();
    match deed {
        // All are on their way to a named point, or frozen there.
        // Somebody has to take up what a frozen one has in hand.
        Deed::Freeze if desk.has_frozen() => {}
        Deed::Kill | Deed::Terminate | Deed::Freeze if victim.is_none() => {}
        Deed::Kill => desk.kill(instance),
        Deed::KillLeader => {
            if let Some(leader) = desk.victim(desk.leader().await.unwrap_or(instance)) {
                desk.kill(leader);
            }
        }
        Deed::Terminate => desk.terminate(instance),
        Deed::Freeze => desk.freeze(instance, Duration::from_secs(chance.within(2, 14))),
        Deed::CrashAt(point) => arm(soak, chance, "TICKETLOOM_CRASH", point).await,
        Deed::FreezeAt(point) => arm(soak, chance, "TICKETLOOM_FREEZE", point).await,
        Deed::Backends => end_sessions(soak, chance).await,
        Deed::Sink(mode) => {
            let row = soak.ledger.fault("sink", json!(format!("{mode:?}")));
            soak.sink.set(mode);
            sleep(Duration::from_millis(chance.within(1_500, 4_000))).await;
            soak.sink.set(SinkMode::Takes);
            soak.ledger.fault_is_over(row);
        }
        Deed::Cut(Way::Lmtp) => {
            let row = soak.ledger.fault("cut", json!("Lmtp"));
            for _ in 0..10 {
                desk.cut_lmtp();
                sleep(Duration::from_millis(chance.within(20, 200))).await;
            }
            soak.ledger.fault_is_over(row);
        }
        Deed::Cut(way) => disturb(soak, way, instance, Mode::Cut, chance.within(50, 1_500)).await,
        Deed::Server(name) => kill_server(soak, name, chance.within(500, 5_000)).await,
        Deed::Silence(way) => disturb(soak, way, instance, Mode::Silent, chance.within(2_000, 6_000)).await,
    }
}

/// One instance begins anew with a point armed; if only the leader passes that, it becomes it.
async fn arm(soak: &Soak, chance: &mut Chance, variable: &'static str, point: &'static str) {
    let desk = &soak.desk;
    let leader = desk.leader().await;
    let wished = leader.map_or_else(|| chance.below(INSTANCES), |leader| (leader + 1) % INSTANCES);
    let Some(victim) = desk.victim(wished) else { return };
    desk.arm(victim, variable, format!("{point}:{}", chance.within(1, 3)));
    desk.kill(victim);
    if point.starts_with("imap.") {
        // All read the same mailbox, and another one may have what this one dies with.
        let others = (0..INSTANCES).filter(|other| *other != victim && desk.victim(*other) == Some(*other));
        for other in others {
            desk.arm(other, variable, format!("{point}:1"));
            desk.kill(other);
        }
    }
    if LEADERS.iter().any(|beginning| point.starts_with(beginning))
        && let Some(leader) = leader.filter(|leader| *leader != victim)
    {
        let patience = Instant::now() + Duration::from_secs(8);
        sleep(Duration::from_secs(1)).await;
        while Instant::now() < patience && desk.side(victim).await.is_none() {
            sleep(Duration::from_millis(200)).await;
        }
        desk.kill(leader);
    }
}

async fn disturb(soak: &Soak, way: Way, instance: usize, mode: Mode, millis: u64) {
    let kind = if mode == Mode::Silent { "silence" } else { "cut" };
    let row = soak.ledger.fault(kind, json!([format!("{way:?}"), instance, millis]));
    let proxy = match way {
        Way::Postgres => &soak.desk.postgres[instance],
        Way::Synapse => &soak.desk.house.synapse,
        Way::Smtp | Way::Lmtp => &soak.smtp,
    };
    proxy.set(mode);
    sleep(Duration::from_millis(millis)).await;
    proxy.set(Mode::Open);
    soak.ledger.fault_is_over(row);
}

/// As when its machine loses its power, and begins again.
async fn kill_server(soak: &Soak, name: &'static str, millis: u64) {
    let row = soak.ledger.fault(name, json!(millis));
    let order = |verb: &'static str| async move {
        let done = tokio::task::spawn_blocking(move || servers(&world().dir, &[verb, name])).await;
        done.expect("no panic").unwrap_or_else(|why| panic!("dev/servers {verb} {name}: {why}"));
    };
    order("kill").await;
    sleep(Duration::from_millis(millis)).await;
    order("start").await;
    soak.ledger.fault_is_over(row);
}

/// PostgreSQL ends every other session of the desk, or all of them.
async fn end_sessions(soak: &Soak, chance: &mut Chance) {
    let row = soak.ledger.fault("backends", json!(null));
    let every = i32::try_from(chance.within(1, 3)).expect("small");
    let Ok(mut admin) = PgConnection::connect(soak.desk.house.admin_url().as_str()).await else { return };
    let ended = sqlx::query(
        "select pg_terminate_backend(pid) from pg_stat_activity
         where datname = $1 and application_name like 'ticketloom%' and pid % $2 = 0",
    )
    .bind(soak.desk.house.database())
    .bind(every)
    .execute(&mut admin)
    .await;
    let _ = admin.close().await;
    soak.ledger.note("sessions ended", json!(ended.map(|done| done.rows_affected()).unwrap_or_default()));
    soak.ledger.fault_is_over(row);
}

/// From now on nothing is done to it any more.
pub(super) async fn end(soak: &Soak) {
    soak.sink.set(SinkMode::Takes);
    for proxy in soak.desk.postgres.iter().chain([&soak.desk.house.synapse, &soak.smtp]) {
        proxy.set(Mode::Open);
    }
    soak.desk.heal();
    // Whoever is armed still begins anew without that.
    for number in 0..INSTANCES {
        soak.desk.kill(number);
    }
    until("both instances are back", 180, async || {
        for number in 0..INSTANCES {
            soak.desk.side(number).await?;
        }
        Some(())
    })
    .await;
}
