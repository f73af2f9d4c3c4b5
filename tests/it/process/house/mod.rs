//! A desk of a test's own: the compiled program with its own database, bot, agents, queues and ports on the
//! servers that all share.

mod agent;
mod cluster;
mod customer;
mod independent;
mod provider;
mod proxy;
mod reader;
mod world;

use std::fmt::Write as _;
use std::fs::File;
use std::io::Write as _;
use std::net::SocketAddr;
use std::os::fd::AsRawFd;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Mutex, OnceLock};

use serde_json::Value;
use sqlx::{Connection, PgConnection, PgPool};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::{RwLockReadGuard, RwLockWriteGuard};

pub(crate) use agent::{Agent, Card, Transcript, make_user};
pub(crate) use cluster::Cluster;
pub(crate) use customer::{Customer, deliver, fetch, fetch_from, open_mailbox};
pub(crate) use independent::Independent;
pub(crate) use provider::Provider;
pub(crate) use proxy::{Mode, Proxy};
pub(crate) use reader::Reader;
pub(crate) use world::{servers, unique, until, world};

/// The signal of `kill -9`.
const KILLED: i32 = 9;

/// What a house is to be like.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// How many queues with LMTP it has.
    pub(crate) queues: usize,
    /// Whether it has one with IMAP, too.
    pub(crate) imap: bool,
    /// Whether its PostgreSQL is its own.
    pub(crate) own_postgres: bool,
    /// Whether its mail loses on the way what says that a machine wrote it.
    pub(crate) stripped: bool,
    /// How long an answer is held.
    pub(crate) answer_delay: &'static str,
    /// How much it logs, and how.
    pub(crate) log: &'static str,
    /// What else stands in its configuration.
    pub(crate) more: &'static str,
    /// Whether it has customers' pages, and what else stands in `[web]`.
    pub(crate) web: Option<&'static str>,
    /// The port of a mail server of the test's own that takes what it sends, in place of Postfix.
    pub(crate) smtp: Option<u16>,
}

impl Default for Plan {
    fn default() -> Self {
        let log = "format = \"text\"\nlevel = \"warn,ticketloom=debug\"";
        Self {
            queues: 1,
            imap: false,
            own_postgres: false,
            stripped: false,
            answer_delay: "200ms",
            log,
            more: "",
            web: None,
            smtp: None,
        }
    }
}

/// A queue of a house.
#[derive(Clone, Debug)]
pub(crate) struct Queue {
    pub(crate) name: String,
    pub(crate) address: String,
    /// Empty until the house has been opened.
    pub(crate) room: String,
}

/// Other tests' houses: shared with them, or without them.
#[expect(dead_code, reason = "held, not read")]
enum Turn {
    Shared(RwLockReadGuard<'static, ()>),
    Alone(RwLockWriteGuard<'static, ()>),
    /// Beside another house, in its turn.
    Beside,
}

/// A desk, and what it stands on.
pub(crate) struct House {
    pub(crate) plan: Plan,
    pub(crate) queues: Vec<Queue>,
    pub(crate) alice: Agent,
    pub(crate) bob: Agent,
    pub(crate) bot: String,
    pub(crate) bot_password: String,
    /// The record, for looking into it.
    pub(crate) record: PgPool,
    /// What leads to PostgreSQL and Synapse.
    pub(crate) postgres: Proxy,
    pub(crate) synapse: Proxy,
    pub(crate) lmtp: u16,
    pub(crate) http: u16,
    /// Where its customers' pages are.
    pub(crate) web: u16,
    dir: Option<TempDir>,
    database: String,
    urls: world::Database,
    cluster: Option<Cluster>,
    child: Mutex<Option<Child>>,
    _turn: Turn,
}

impl House {
    /// An open house with a queue and two agents in its room.
    pub(crate) async fn open() -> Self {
        Self::opened(Plan::default()).await
    }

    /// An open house.
    pub(crate) async fn opened(plan: Plan) -> Self {
        let house = Self::built(plan, false).await;
        house.furnished().await
    }

    /// An open house, while no other test has one: for what changes a server for everybody.
    pub(crate) async fn opened_alone(plan: Plan) -> Self {
        let house = Self::built(plan, true).await;
        house.furnished().await
    }

    /// A second house of the same test. (It must not wait for a turn: somebody who waits to be alone
    /// may stand between the two.)
    pub(crate) async fn opened_beside(_: &Self, plan: Plan) -> Self {
        let house = Self::build(plan, Turn::Beside).await;
        house.furnished().await
    }

    /// A house that has never been opened: migrated, with queues and agents.
    pub(crate) async fn built(plan: Plan, alone: bool) -> Self {
        let turn = if alone { Turn::Alone(world::TURN.write().await) } else { Turn::Shared(world::TURN.read().await) };
        Self::build(plan, turn).await
    }

    async fn build(plan: Plan, turn: Turn) -> Self {
        let tag = unique();
        let database = format!("process_{tag}");
        let cluster = plan.own_postgres.then(Cluster::start);
        let urls = cluster.as_ref().map_or_else(|| world().database.clone(), Cluster::urls);
        let record = make_database(&urls, &database).await;
        let (bot_name, bot_password) = (format!("desk-{tag}"), unique());
        let agents = [format!("alice-{tag}"), format!("bob-{tag}")];
        let (bot, alice, bob) = tokio::join!(
            agent::make_user(&bot_name, Some(&bot_password)),
            Agent::new(&agents[0]),
            Agent::new(&agents[1])
        );
        let postgres = Proxy::to(address_of(&urls.url)).await;
        let synapse = Proxy::to(address_of(&world().homeserver.url)).await;
        let ((lmtp, http), (web, _)) = (free_ports().await, free_ports().await);
        let mut queues: Vec<Queue> = (0..plan.queues)
            .map(|number| {
                let name = format!("q{number}-{tag}");
                let way = if plan.stripped { 's' } else { 'p' };
                Queue { address: format!("{name}@{way}{lmtp}.test"), name, room: String::new() }
            })
            .collect();
        if plan.imap {
            let name = format!("box-{tag}");
            queues.push(Queue { address: format!("{name}@box.test"), name, room: String::new() });
        }
        let dir = Some(tempfile::Builder::new().prefix("ticketloom-").tempdir().expect("a directory"));
        let house = Self {
            plan,
            queues,
            alice,
            bob,
            bot,
            bot_password,
            record,
            postgres,
            synapse,
            lmtp,
            http,
            web,
            dir,
            database,
            urls,
            cluster,
            child: Mutex::new(None),
            _turn: turn,
        };
        std::fs::write(house.config(), house.configuration(house.lmtp, house.http, "state")).expect("a file");
        std::fs::set_permissions(house.config(), std::fs::Permissions::from_mode(0o600)).expect("permissions");
        house.must(&["migrate"]).await;
        for queue in &house.queues {
            let intake = if queue.address.ends_with("@box.test") { "imap" } else { "lmtp" };
            house.must(&["queue", "add", &queue.name, &queue.address, "--intake", intake]).await;
        }
        for agent in [&house.alice, &house.bob] {
            house.must(&["agent", "add", &agent.user]).await;
        }
        house
    }

    pub(crate) async fn furnished(mut self) -> Self {
        self.start(&[]);
        self.answers().await;
        let rooms = until("every queue has its room", 60, async || {
            let rooms: Vec<Option<String>> = sqlx::query_scalar(
                "select (select room_id from room where room.queue_id = queue.queue_id) from queue order by queue_id",
            )
            .fetch_all(&self.record)
            .await
            .expect("the record answers");
            rooms.into_iter().collect::<Option<Vec<String>>>()
        })
        .await;
        for (queue, room) in self.queues.iter_mut().zip(rooms) {
            self.alice.join(&room).await;
            self.bob.join(&room).await;
            queue.room = room;
        }
        self.idle().await;
        self
    }

    /// Where a file of this house is.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.dir.as_ref().expect("a directory").path().join(name)
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.file("ticketloom.toml")
    }

    /// The whole log so far.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.file("log")).unwrap_or_default()
    }

    /// A configuration for this house, on those ports and with that directory for its state.
    pub(crate) fn configuration(&self, lmtp: u16, http: u16, state: &str) -> String {
        let (world, plan) = (world(), &self.plan);
        let state = self.file(state).display().to_string();
        let mut database = self.urls.url.clone();
        database.set_path(&self.database);
        database.set_port(Some(self.postgres.port)).expect("a URL with a port");
        let mut text = format!(
            "[desk]\nname = \"Test Desk\"\nstate_dir = {state:?}\nanswer_delay = \"{}\"\n{}\n\
             [database]\nurl = \"{database}\"\n\
             [matrix]\nhomeserver = \"http://127.0.0.1:{}\"\nuser = \"{}\"\npassword = \"{}\"\n\
             [lmtp]\nlisten = \"127.0.0.1:{lmtp}\"\nmax_size = \"2MiB\"\n\
             [smtp]\n{}retry_unknown = \"2s\"\n\
             [http]\nlisten = \"127.0.0.1:{http}\"\n\
             [log]\n{}\n",
            plan.answer_delay,
            plan.more,
            self.synapse.port,
            self.bot,
            self.bot_password,
            self.submission(),
            plan.log,
        );
        if let Some(more) = plan.web {
            let at = format!("127.0.0.1:{}", self.web);
            let _ = write!(text, "[web]\nlisten = \"{at}\"\nurl = \"http://{at}\"\n{more}\n");
        }
        if let Some(queue) = self.queues.iter().find(|queue| queue.address.ends_with("@box.test")) {
            let _ = write!(
                text,
                "[[imap]]\nqueue = \"{}\"\nhost = \"{}\"\nport = {}\ntls = \"none\"\nuser = \"{}\"\npassword = \"{}\"\n\
                 max_size = \"256KiB\"\n",
                queue.name, world.imap.host, world.imap.port, queue.address, world.imap.customer_password
            );
        }
        text
    }

    /// How its mail goes out.
    fn submission(&self) -> String {
        if let Some(port) = self.plan.smtp {
            return format!("host = \"127.0.0.1\"\nport = {port}\ntls = \"none\"\n");
        }
        let at = &world().submission;
        format!(
            "host = \"{}\"\nport = {}\ntls = \"starttls\"\nuser = \"{}\"\npassword = \"{}\"\nca_file = \"{}\"\n",
            at.host, at.port, at.user, at.password, at.ca_file
        )
    }

    // --- running ---------------------------------------------------------------------------------

    /// Opens the desk.
    pub(crate) fn start(&self, environment: &[(&str, &str)]) {
        let mut child = self.child.lock().expect("no panic meanwhile");
        assert!(child.is_none(), "the desk runs already");
        *child = Some(self.launch(&self.config(), environment));
    }

    /// A process of this desk with that configuration.
    pub(crate) fn launch(&self, config: &std::path::Path, environment: &[(&str, &str)]) -> Child {
        let log = File::options().create(true).append(true).open(self.file("log")).expect("a file");
        let mut command = Command::new(program());
        command.arg("--config").arg(config).arg("run").envs(environment.iter().copied());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn().expect("the program starts")
    }

    /// Waits until it says that it is healthy.
    pub(crate) async fn answers(&self) {
        until("/health answers", 30, async || {
            assert!(self.ended().is_none(), "the desk ended at its start");
            self.page("/health").await.filter(|(status, _)| *status == 200)
        })
        .await;
    }

    /// A page of it: status and body; nothing if it does not answer.
    pub(crate) async fn page(&self, path: &str) -> Option<(u16, String)> {
        page(self.http, path).await
    }

    /// How many files and connections it has open.
    pub(crate) fn open_files(&self) -> usize {
        let child = self.child.lock().expect("no panic meanwhile");
        let id = child.as_ref().expect("the desk runs").id();
        std::fs::read_dir(format!("/proc/{id}/fd")).expect("a process of ours").count()
    }

    /// How it ended, if it has.
    pub(crate) fn ended(&self) -> Option<ExitStatus> {
        let mut child = self.child.lock().expect("no panic meanwhile");
        child.as_mut().and_then(|child| child.try_wait().expect("a child of ours"))
    }

    /// Its end, waited for.
    pub(crate) async fn wait_for_exit(&self, seconds: u64) -> ExitStatus {
        let status = until("the desk ends", seconds, async || self.ended()).await;
        *self.child.lock().expect("no panic meanwhile") = None;
        status
    }

    /// `kill -9`.
    pub(crate) async fn kill(&self) {
        if let Some(child) = self.child.lock().expect("no panic meanwhile").as_mut() {
            child.kill().expect("a child of ours");
        }
        assert_eq!(self.wait_for_exit(10).await.signal(), Some(KILLED));
    }

    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        self.child.lock().expect("no panic meanwhile").as_ref().expect("the desk runs").id()
    }

    /// Asks it to stop.
    pub(crate) fn terminate(&self) {
        let id = self.pid();
        let id = rustix::process::Pid::from_raw(i32::try_from(id).expect("a process id")).expect("not 0");
        rustix::process::kill_process(id, rustix::process::Signal::TERM).expect("a child of ours");
    }

    /// Asks it to stop, and waits until it has, well.
    pub(crate) async fn stop(&self) {
        self.terminate();
        let status = self.wait_for_exit(30).await;
        assert!(status.success(), "a stop ends with {status}");
    }

    /// If it was killed: opens it again. Whether it was.
    pub(crate) fn revive(&self) -> bool {
        let Some(status) = self.ended() else { return false };
        assert_eq!(status.signal(), Some(KILLED), "the desk ended with {status}");
        *self.child.lock().expect("no panic meanwhile") = None;
        self.start(&[]);
        true
    }

    /// Waits until nothing is left to do, and nothing was given up, and Alice has heard all of it.
    pub(crate) async fn idle(&self) {
        until("no job is left", 240, async || (self.jobs().await.is_empty()).then_some(())).await;
        self.alice.catch_up().await;
    }

    /// What is still to be done, but for boards and timers of another day: kind and last error.
    pub(crate) async fn jobs(&self) -> Vec<String> {
        sqlx::query_scalar(
            "select concat_ws(' ', kind, attempts, last_error) from job
             where (attempts > 0 or run_at < now() + interval '1 day') and kind not in ('QueueBoard', 'HomeBoard', 'QuarantineDay')
             union all select concat_ws(' ', kind, 'dead', attempts, error) from dead_job",
        )
        .fetch_all(&self.record)
        .await
        .expect("the record answers")
    }

    /// Lanes with their leases and jobs, mails that were not read, and what PostgreSQL's connections do: for whoever wants to
    /// know why something stands still.
    pub(crate) async fn standing(&self) -> Vec<String> {
        sqlx::query_scalar(
            "select concat_ws(' ', 'lane', name, lease, due - now(), kind, attempts, last_error) from lane left join job using (lane_id)
             union all select concat_ws(' ', 'mail', mail_id, now() - received_at, envelope_from) from mail_in where fate = 'waiting'
             union all select concat_ws(' ', pid, application_name, state, wait_event, now() - xact_start, left(query, 90))
                       from pg_stat_activity where datname = current_database() and state <> 'idle'",
        )
        .fetch_all(&self.record)
        .await
        .expect("the record answers")
    }

    /// A number from the record.
    pub(crate) async fn count(&self, what: &str) -> i64 {
        let query = sqlx::AssertSqlSafe(format!("select count(*) from {what}"));
        sqlx::query_scalar(query).fetch_one(&self.record).await.expect("the record answers")
    }

    /// What its database is called.
    pub(crate) fn database(&self) -> &str {
        &self.database
    }

    /// Its PostgreSQL's own database, as its superuser.
    pub(crate) fn admin_url(&self) -> &url::Url {
        &self.urls.admin_url
    }

    /// Its way to PostgreSQL, with the password.
    pub(crate) fn url(&self) -> &url::Url {
        &self.urls.url
    }

    /// The record as PostgreSQL writes it down, in small letters.
    pub(crate) fn dump(&self) -> String {
        let mut url = self.urls.admin_url.clone();
        url.set_path(&self.database);
        let done = std::process::Command::new("pg_dump").arg(url.as_str()).output().expect("pg_dump");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8_lossy(&done.stdout).to_lowercase()
    }

    // --- the other subcommands -------------------------------------------------------------------

    /// What a subcommand says and returns.
    pub(crate) async fn run(&self, arguments: &[&str], input: &[u8]) -> Output {
        run(&self.config(), arguments, input).await
    }

    /// What a subcommand prints; it must succeed.
    pub(crate) async fn must(&self, arguments: &[&str]) -> String {
        let done = self.run(arguments, b"").await;
        let words = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "ticketloom {}: {}\n{words}", arguments.join(" "), done.status);
        String::from_utf8(done.stdout).expect("text")
    }

    // --- what tests ask most -----------------------------------------------------------------------

    /// This house's own PostgreSQL.
    pub(crate) fn cluster(&self) -> &Cluster {
        self.cluster.as_ref().expect("a plan with one")
    }

    /// The first queue's room.
    pub(crate) fn room(&self) -> &str {
        &self.queues[0].room
    }

    /// The first queue's address.
    pub(crate) fn address(&self) -> &str {
        &self.queues[0].address
    }

    /// The bot itself, by the session that the desk keeps.
    pub(crate) fn bot(&self) -> Agent {
        let session = std::fs::read(self.file("state/session.json")).expect("a session");
        let session: Value = serde_json::from_slice(&session).expect("JSON");
        Agent::with_token(&self.bot, text(&session["access_token"]))
    }

    /// A new ticket: who wrote it, and its card.
    pub(crate) async fn ticket(&self) -> (Customer, Card) {
        let (customer, subject) = (Customer::new(), format!("Broken {}", unique()));
        customer.write(self.address(), &subject, "It does not work.").await;
        let card = self.alice.card(self.room(), &subject).await;
        (customer, card)
    }
}

impl Drop for House {
    fn drop(&mut self) {
        if let Ok(mut child) = self.child.lock()
            && let Some(child) = child.as_mut()
        {
            let _ = child.kill();
            let _ = child.wait();
        }
        if std::thread::panicking() {
            let log = self.log();
            let from = log.lines().count().saturating_sub(150);
            let end: Vec<&str> = log.lines().skip(from).collect();
            let _ = writeln!(std::io::stderr(), "the end of {}:\n{}", self.file("log").display(), end.join("\n"));
            if let Some(mut dir) = self.dir.take() {
                dir.disable_cleanup(true);
            }
        }
        if self.cluster.is_none() {
            drop_database(self.urls.admin_url.clone(), self.database.clone());
        }
    }
}

/// The program under test: what `SOAK_PROGRAM` names, else what was built with the tests. Held open and started by that, so that a build in the meantime changes nothing.
pub(crate) fn program() -> &'static std::path::Path {
    static PROGRAM: OnceLock<(File, PathBuf)> = OnceLock::new();
    let (_, path) = PROGRAM.get_or_init(|| {
        let named = std::env::var("SOAK_PROGRAM");
        let built = named.unwrap_or_else(|_| env!("CARGO_BIN_EXE_ticketloom").to_owned());
        let file = File::open(built).expect("the program is built");
        let path = format!("/proc/{}/fd/{}", std::process::id(), file.as_raw_fd());
        (file, path.into())
    });
    path
}

/// Runs a subcommand to its end.
pub(crate) async fn run(config: &std::path::Path, arguments: &[&str], input: &[u8]) -> Output {
    let mut command = Command::new(program());
    command.arg("--config").arg(config).args(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let input = input.to_vec();
    let run = move || {
        let mut child = command.spawn().expect("the program starts");
        // It may end without reading.
        let _ = child.stdin.take().expect("a pipe").write_all(&input);
        child.wait_with_output().expect("an end")
    };
    tokio::task::spawn_blocking(run).await.expect("no panic")
}

/// A page of a desk at that port.
pub(crate) async fn page(port: u16, path: &str) -> Option<(u16, String)> {
    let answer = reqwest::Client::new().get(format!("http://127.0.0.1:{port}{path}"));
    let answer = answer.timeout(std::time::Duration::from_secs(20)).send().await.ok()?;
    Some((answer.status().as_u16(), answer.text().await.ok()?))
}

/// Two ports that nobody uses.
pub(crate) async fn free_ports() -> (u16, u16) {
    let one = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let other = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = |listener: &TcpListener| listener.local_addr().expect("an address").port();
    (port(&one), port(&other))
}

fn address_of(url: &url::Url) -> SocketAddr {
    let host = url.host_str().expect("a host").parse().expect("an IP address");
    SocketAddr::new(host, url.port().expect("a port"))
}

async fn make_database(urls: &world::Database, name: &str) -> PgPool {
    let owner = urls.url.username();
    let mut connection = PgConnection::connect(urls.admin_url.as_str()).await.expect("PostgreSQL answers");
    let make = sqlx::AssertSqlSafe(format!("create database {name} owner {owner}"));
    sqlx::query(make).execute(&mut connection).await.expect("a database");
    let _ = connection.close().await;
    let mut url = urls.url.clone();
    url.set_path(name);
    sqlx::postgres::PgPoolOptions::new().max_connections(2).connect(url.as_str()).await.expect("PostgreSQL answers")
}

/// In a thread of its own, since the test's runtime may be ending.
fn drop_database(admin: url::Url, name: String) {
    let dropping = async move {
        let mut connection = PgConnection::connect(admin.as_str()).await?;
        let drop = sqlx::AssertSqlSafe(format!("drop database {name} with (force)"));
        sqlx::query(drop).execute(&mut connection).await.map(drop_result)
    };
    let thread = std::thread::spawn(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        // What is left over is only in the way of nobody.
        let _: Result<(), sqlx::Error> = runtime.block_on(dropping);
    });
    let _ = thread.join();
}

fn drop_result(_: sqlx::postgres::PgQueryResult) {}

/// A JSON value's text.
pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
