//! What must be so afterwards, whatever was done: looked for in the record, in the rooms, and at the next mail server, against
//! what the ledger says was asked for.

mod letters;
mod mails;
mod record;
mod report;
mod rooms;
mod tickets;

use std::collections::HashSet;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use self::record::Record;
pub(super) use self::report::Report;
use super::chance::Canary;
use super::ledger::Route;
use super::{Soak, drain};

/// What is still to be done: kinds of jobs, but for boards and timers of another day, mails and letters.
const PENDING: &str =
    "select concat_ws(' ', kind, attempts, last_error) from job
     where (attempts > 0 or run_at < now() + interval '1 day') and kind not in ('QueueBoard', 'HomeBoard', 'QuarantineDay')
     union all select concat_ws(' ', 'mail', mail_id) from mail_in where fate = 'waiting'
     union all select concat_ws(' ', 'letter', letter_id, state) from letter where state in ('held', 'queued', 'sending')";

/// All that stands in the rooms, by room, in the order of the server.
type Rooms = Vec<(String, Vec<serde_json::Value>)>;

/// Waits until all is done, and looks at what became of it.
pub(super) async fn check(soak: &Soak, stranger: &str) -> Report {
    let mut report = Report::default();
    drained(soak, &mut report).await;
    let house = &soak.desk.house;
    house.alice.catch_up().await;
    let mut rooms = Rooms::new();
    for queue in &house.queues {
        rooms.push((queue.room.clone(), house.alice.past_events(&queue.room).await));
    }
    let record = Record::read(&house.record).await;
    mails::check(soak, &record, &mut report);
    letters::check(soak, &record, &mut report);
    rooms::check(soak, &record, &rooms, &mut report);
    tickets::check(&record, &mut report);
    tickets::check_commands(soak, &record, &rooms, &mut report);
    nothing_is_silent(soak, &mut report).await;
    hygiene(soak, &rooms, stranger, &mut report);
    figures(soak, &record, &mut report);
    report
}

/// I14: everything is done soon after nothing is broken any more.
async fn drained(soak: &Soak, report: &mut Report) {
    let (begun, mut seen) = (Instant::now(), Arrived::default());
    loop {
        let mut pending: Vec<String> =
            sqlx::query_scalar(PENDING).fetch_all(&soak.desk.house.record).await.expect("the record answers");
        pending.extend(seen.missing(soak).await);
        let is_late = begun.elapsed() > drain();
        if pending.is_empty() || is_late {
            let some: Vec<&String> = pending.iter().take(5).collect();
            report.case("I14", pending.is_empty(), || format!("{} things are not done: {some:?}", pending.len()));
            return report.figure("drained after", format!("{} s", begun.elapsed().as_secs()));
        }
        sleep(Duration::from_millis(500)).await;
    }
}

/// The mails that are in the record, as far as was looked.
#[derive(Default)]
struct Arrived {
    last: i64,
    canaries: HashSet<Canary>,
}

impl Arrived {
    /// What a mail server has on its way to the desk.
    async fn missing(&mut self, soak: &Soak) -> Option<String> {
        let rows: Vec<(i64, Vec<u8>)> =
            sqlx::query_as("select mail_id, raw from mail_in where mail_id > $1 order by mail_id")
                .bind(self.last)
                .fetch_all(&soak.desk.house.record)
                .await
                .expect("the record answers");
        for (id, raw) in rows {
            self.last = id;
            self.canaries.extend(Canary::all_in(&String::from_utf8_lossy(&raw)));
        }
        let mails = soak.ledger.mails_in();
        let is_on_its_way = |mail: &&super::ledger::MailIn| {
            mail.route != Route::Lmtp && mail.is_accepted && !self.canaries.contains(&mail.canary)
        };
        let missing = mails.iter().filter(is_on_its_way).count();
        (missing > 0).then(|| format!("{missing} mails on their way"))
    }
}

/// I15: whatever ends, ends as something that somebody sees.
async fn nothing_is_silent(soak: &Soak, report: &mut Report) {
    let dead: Vec<String> = sqlx::query_scalar("select concat_ws(' ', kind, attempts, error) from dead_job")
        .fetch_all(&soak.desk.house.record)
        .await
        .expect("the record answers");
    report.case("I15", dead.is_empty(), || format!("{} jobs were given up: {dead:?}", dead.len()));
}

/// I16: no secrets where they do not belong, no transaction left open, no panic; and what was noted on the way.
fn hygiene(soak: &Soak, rooms: &Rooms, stranger: &str, report: &mut Report) {
    let house = &soak.desk.house;
    let log = house.log();
    let secrets = [house.bot_password.as_str(), house.url().password().expect("a password")];
    for secret in secrets {
        report.case("I16", !log.contains(secret), || "a secret stands in the log".to_owned());
        let is_in_mail = soak.sink.got().iter().any(|mail| mail.text.contains(secret));
        report.case("I16", !is_in_mail, || "a secret stands in a mail".to_owned());
        let is_in_room = rooms.iter().flat_map(|(_, events)| events).any(|event| event.to_string().contains(secret));
        report.case("I16", !is_in_room, || "a secret stands in a room".to_owned());
    }
    for word in ["25P02", "panicked at", stranger] {
        let line = log.lines().find(|line| line.contains(word));
        report.case("I16", line.is_none(), || format!("the log says {word}: {}", line.unwrap_or_default()));
    }
    report.cases("I16", soak.ledger.looks());
    for (invariant, what) in soak.ledger.troubles() {
        report.case(invariant, false, || what);
    }
}

fn figures(soak: &Soak, record: &Record, report: &mut Report) {
    let mails = soak.ledger.mails_in();
    let accepted = mails.iter().filter(|mail| mail.is_accepted).count();
    report.figure("mails in", format!("{} of which {accepted} were accepted", mails.len()));
    report.figure("tickets", record.tickets.len().to_string());
    report.figure("said in threads", soak.ledger.all_said().len().to_string());
    report.figure("mails out", record.letters.len().to_string());
    let unsure: i32 = record.letters.iter().map(|letter| letter.uncertain).sum();
    report.figure("attempts with nobody knowing", unsure.to_string());
    let mut kinds = std::collections::BTreeMap::<&str, u32>::new();
    for fault in soak.ledger.faults() {
        *kinds.entry(fault.kind).or_default() += 1;
    }
    report.figure("faults", format!("{kinds:?}"));
    report.figure("most memory, MiB", format!("{:?}", soak.desk.memory()));
}
