//! Two instances of one desk, each with its own way to PostgreSQL, restarted when they end, as by systemd.

use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, ExitStatus};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::ledger::{Ledger, Row};
use crate::process::house::{House, Proxy, free_ports, page};

/// How many there are.
pub(super) const INSTANCES: usize = 2;
/// How long one that froze at a named point stays so: longer than a lease (30 s).
const LONGER_THAN_A_LEASE: Duration = Duration::from_secs(45);
/// So long one that is to die at a named point has to come there.
const ON_ITS_WAY: Duration = Duration::from_secs(10);
/// So soon it is started again.
const RESTART: Duration = Duration::from_millis(500);

/// One instance.
struct Instance {
    config: PathBuf,
    child: Option<Child>,
    /// Whether it was killed from without.
    is_killed: bool,
    /// Whether it was asked to stop.
    is_stopping: bool,
    /// What its next start has in its environment.
    armed: Option<(&'static str, String)>,
    /// It is on its way to a named point: nothing else is done to it until then.
    spared: Instant,
    started: DateTime<Utc>,
    ended: Instant,
    /// Until when it is frozen, and where that is noted.
    frozen: Option<(Instant, Row)>,
    /// Of its process, in KiB: the most so far.
    memory: u64,
}

/// All instances, behind what leads mail to them.
pub(super) struct Desk {
    pub(super) house: House,
    /// Each one's way to PostgreSQL.
    pub(super) postgres: Vec<Proxy>,
    /// Where each one's API is.
    pub(super) api: Vec<String>,
    http: Vec<u16>,
    instances: Mutex<Vec<Instance>>,
    cuts: watch::Sender<u64>,
    ledger: Arc<Ledger>,
}

impl Desk {
    /// In place of the house's own process.
    pub(super) async fn start(house: House, ledger: Arc<Ledger>) -> Arc<Self> {
        house.stop().await;
        let (mut instances, mut ports) = (Vec::new(), Vec::new());
        let (mut postgres, mut api, mut all_http) = (Vec::new(), Vec::new(), Vec::new());
        for number in 0..INSTANCES {
            let ((lmtp, http), (web, _)) = (free_ports().await, free_ports().await);
            let proxy = Proxy::to(([127, 0, 0, 1], house.postgres.port).into()).await;
            let state = if number == 0 { "state".to_owned() } else { format!("state-{number}") };
            let text = house.configuration(lmtp, http, &state);
            let text = text.replace(&format!(":{}/", house.postgres.port), &format!(":{}/", proxy.port));
            let listens = |port: u16| format!("listen = \"127.0.0.1:{port}\"");
            let text = text.replace(&listens(house.web), &listens(web));
            let config = house.file(&format!("instance-{number}.toml"));
            std::fs::write(&config, text).expect("a file");
            instances.push(Instance::new(config));
            ports.push(lmtp);
            postgres.push(proxy);
            api.push(format!("http://127.0.0.1:{web}/api/v1"));
            all_http.push(http);
        }
        let (cuts, seen) = watch::channel(0);
        let listener = TcpListener::bind(("127.0.0.1", house.lmtp)).await.expect("its port");
        tokio::spawn(lead(listener, ports, seen));
        let instances = Mutex::new(instances);
        Arc::new(Self { house, postgres, api, http: all_http, instances, cuts, ledger })
    }

    fn instances(&self) -> MutexGuard<'_, Vec<Instance>> {
        self.instances.lock().expect("no panic meanwhile")
    }

    /// Looks after all of them once: starts what has ended, lets go on what was frozen long enough.
    pub(super) fn look_after(&self) {
        for number in 0..INSTANCES {
            let mut instances = self.instances();
            let instance = &mut instances[number];
            if let Some(status) = instance.end() {
                let had_nothing = self.ledger.is_cut_off_since(instance.started);
                if instance.is_unexpected(status) && !(status.code() == Some(1) && had_nothing) {
                    self.ledger.trouble("I16", format!("instance {number} ended by itself: {status}"));
                }
                let kind = if instance.is_killed { "end" } else { "died by itself or stopped" };
                instance.is_killed = false;
                let row = self.ledger.fault(kind, json!([number, status.to_string()]));
                self.ledger.fault_is_over(row);
                instance.is_stopping = false;
            }
            if instance.child.is_none() && instance.ended.elapsed() > RESTART {
                let armed = instance.armed.take();
                if armed.is_some() {
                    instance.spared = Instant::now() + ON_ITS_WAY;
                }
                let environment: Vec<(&str, &str)> = armed.iter().map(|(key, value)| (*key, value.as_str())).collect();
                instance.started = Utc::now();
                instance.child = Some(self.house.launch(&instance.config, &environment));
                self.ledger.note("started", json!([number, environment]));
            }
            instance.measure();
            if instance.frozen.is_none() && instance.is_frozen() {
                let row = self.ledger.fault("freeze", json!([number, "at its point"]));
                instance.spared = Instant::now() + LONGER_THAN_A_LEASE + Duration::from_secs(3);
                instance.frozen = Some((Instant::now() + LONGER_THAN_A_LEASE, row));
            }
            if instance.frozen.is_some_and(|(until, _)| Instant::now() > until) {
                self.thaw(instance);
            }
        }
    }

    fn thaw(&self, instance: &mut Instance) {
        if let Some((_, row)) = instance.frozen.take() {
            instance.signal(Signal::CONT);
            self.ledger.fault_is_over(row);
        }
    }

    /// `kill -9`.
    pub(super) fn kill(&self, number: usize) {
        let mut instances = self.instances();
        let row = self.ledger.fault("kill", json!(number));
        instances[number].is_killed = true;
        instances[number].signal(Signal::KILL);
        if let Some((_, frozen)) = instances[number].frozen.take() {
            self.ledger.fault_is_over(frozen);
        }
        self.ledger.fault_is_over(row);
    }

    /// Asks it to stop.
    pub(super) fn terminate(&self, number: usize) {
        let mut instances = self.instances();
        if instances[number].frozen.is_some() {
            return;
        }
        let row = self.ledger.fault("terminate", json!(number));
        instances[number].is_stopping = true;
        instances[number].signal(Signal::TERM);
        self.ledger.fault_is_over(row);
    }

    /// `kill -STOP`, for so long.
    pub(super) fn freeze(&self, number: usize, time: Duration) {
        let mut instances = self.instances();
        if instances[number].frozen.is_none() && instances[number].child.is_some() {
            let row = self.ledger.fault("freeze", json!([number, time.as_secs()]));
            instances[number].frozen = Some((Instant::now() + time, row));
            instances[number].signal(Signal::STOP);
        }
    }

    /// That one, or another if that is spared now; none if all are.
    pub(super) fn victim(&self, number: usize) -> Option<usize> {
        let instances = self.instances();
        let is_free = |number: usize| instances[number].spared < Instant::now() || instances[number].child.is_none();
        (0..INSTANCES).map(|next| (number + next) % INSTANCES).find(|other| is_free(*other))
    }

    /// Its next start has that in its environment.
    pub(super) fn arm(&self, number: usize, variable: &'static str, value: String) {
        self.instances()[number].armed = Some((variable, value));
    }

    /// All LMTP connections break off.
    pub(super) fn cut_lmtp(&self) {
        self.cuts.send_modify(|cuts| *cuts += 1);
    }

    /// Nothing is armed or frozen any more.
    pub(super) fn heal(&self) {
        for instance in self.instances().iter_mut() {
            self.thaw(instance);
            instance.armed = None;
        }
    }

    /// Whether one is frozen now.
    pub(super) fn has_frozen(&self) -> bool {
        self.instances().iter().any(|instance| instance.frozen.is_some())
    }

    /// The most memory that each has had, in MiB.
    pub(super) fn memory(&self) -> Vec<u64> {
        self.instances().iter().map(|instance| instance.memory / 1024).collect()
    }

    /// What an instance says of itself; nothing if it does not answer.
    pub(super) async fn side(&self, number: usize) -> Option<&'static str> {
        let asked = tokio::time::timeout(Duration::from_secs(1), page(self.http[number], "/ready"));
        let (_, body) = asked.await.ok()??;
        ["active", "standby"].into_iter().find(|side| body.contains(&format!("\"matrix_side\":\"{side}\"")))
    }

    /// Who has the Matrix side.
    pub(super) async fn leader(&self) -> Option<usize> {
        for number in 0..INSTANCES {
            if self.side(number).await == Some("active") {
                return Some(number);
            }
        }
        None
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        for child in self.instances().iter_mut().filter_map(|instance| instance.child.as_mut()) {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Instance {
    fn new(config: PathBuf) -> Self {
        let ended = Instant::now().checked_sub(RESTART * 2).expect("the machine runs longer than that");
        Self {
            config,
            child: None,
            is_killed: false,
            is_stopping: false,
            armed: None,
            spared: ended,
            started: Utc::now(),
            ended,
            frozen: None,
            memory: 0,
        }
    }

    /// How it has ended, once.
    fn end(&mut self) -> Option<ExitStatus> {
        let status = self.child.as_mut()?.try_wait().expect("a child of ours")?;
        (self.child, self.ended) = (None, Instant::now());
        Some(status)
    }

    /// Neither killed nor stopped as it was asked to (by the signal itself, if it had not begun yet).
    fn is_unexpected(&self, status: ExitStatus) -> bool {
        let is_stopped = self.is_stopping && (status.success() || status.signal() == Some(15));
        !(status.signal() == Some(9) || is_stopped)
    }

    fn pid(&self) -> Option<Pid> {
        Pid::from_raw(i32::try_from(self.child.as_ref()?.id()).expect("a process id"))
    }

    fn signal(&self, signal: Signal) {
        if let Some(pid) = self.pid() {
            kill_process(pid, signal).expect("a child of ours");
        }
    }

    fn is_frozen(&self) -> bool {
        let Some(pid) = self.pid() else { return false };
        let status = std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).unwrap_or_default();
        status.rsplit_once(") ").is_some_and(|(_, fields)| fields.starts_with('T'))
    }

    fn measure(&mut self) {
        let Some(pid) = self.pid() else { return };
        let status = std::fs::read_to_string(format!("/proc/{}/status", pid.as_raw_nonzero())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let now = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
        self.memory = self.memory.max(now.unwrap_or(0));
    }
}

/// Leads each connection to an instance that takes it, in turn.
async fn lead(listener: TcpListener, ports: Vec<u16>, cuts: watch::Receiver<u64>) {
    let mut turn = 0;
    while let Ok((mut client, _)) = listener.accept().await {
        turn += 1;
        let (ports, mut cuts) = (ports.clone(), cuts.clone());
        cuts.mark_unchanged();
        tokio::spawn(async move {
            for next in 0..ports.len() {
                let Ok(mut server) = TcpStream::connect(("127.0.0.1", ports[(turn + next) % ports.len()])).await else {
                    continue;
                };
                tokio::select! {
                    _ = tokio::io::copy_bidirectional(&mut client, &mut server) => {}
                    _ = cuts.changed() => {}
                }
                return;
            }
        });
    }
}
