//! Several instances of one desk, each with its own way to PostgreSQL, behind what leads mail to those that are well.

use std::path::PathBuf;
use std::process::Child;
use std::sync::{Arc, Mutex};

use rustix::process::{Pid, Signal, kill_process};
use tokio::net::{TcpListener, TcpStream};

use super::super::house::{House, Proxy, free_ports, page, until};

/// So long after its holder fell silent the lock is free, another instance notices, and has logged in: 12 s, 3 s, and what a
/// machine takes that has much to do.
pub(super) const HANDOVER: u64 = 42;

/// An instance.
pub(super) struct Instance {
    config: PathBuf,
    http: u16,
    child: Option<Child>,
    /// Its way to PostgreSQL.
    pub(super) postgres: Proxy,
    lmtp: u16,
}

/// All instances of a desk.
pub(super) struct Fleet {
    pub(super) instances: Vec<Instance>,
    /// The LMTP ports of those that are well.
    well: Arc<Mutex<Vec<u16>>>,
}

impl Fleet {
    /// So many instances in place of the house's own process; the first of them has the Matrix side.
    pub(super) async fn start(house: &House, count: usize, first: &[(&str, &str)]) -> Self {
        house.stop().await;
        let well = Arc::new(Mutex::new(Vec::new()));
        tokio::spawn(lead(TcpListener::bind(("127.0.0.1", house.lmtp)).await.expect("its port"), Arc::clone(&well)));
        let mut fleet = Self { instances: Vec::new(), well };
        for number in 0..count {
            let (lmtp, http) = free_ports().await;
            let postgres = Proxy::to(([127, 0, 0, 1], house.postgres.port).into()).await;
            let state = if number == 0 { "state".to_owned() } else { format!("state-{number}") };
            let text = house.configuration(lmtp, http, &state);
            let text = text.replace(&format!(":{}/", house.postgres.port), &format!(":{}/", postgres.port));
            let config = house.file(&format!("instance-{number}.toml"));
            std::fs::write(&config, text).expect("a file");
            fleet.instances.push(Instance { config, http, child: None, postgres, lmtp });
            fleet.launch(house, number, if number == 0 { first } else { &[] });
            let side = if number == 0 { "active" } else { "standby" };
            until(side, 60, async || (fleet.side(number).await? == side).then_some(())).await;
        }
        fleet
    }

    fn launch(&mut self, house: &House, number: usize, environment: &[(&str, &str)]) {
        let instance = &mut self.instances[number];
        instance.child = Some(house.launch(&instance.config, environment));
        self.well.lock().expect("no panic meanwhile").push(instance.lmtp);
    }

    /// What an instance says of itself; nothing if it does not answer.
    pub(super) async fn side(&self, number: usize) -> Option<&'static str> {
        let asked =
            tokio::time::timeout(std::time::Duration::from_secs(1), page(self.instances[number].http, "/ready"));
        let (_, body) = asked.await.ok()??;
        ["active", "standby"].into_iter().find(|side| body.contains(&format!("\"matrix_side\":\"{side}\"")))
    }

    /// Who has the Matrix side, if it is not `but`.
    pub(super) async fn leader_but(&self, but: Option<usize>) -> Option<usize> {
        for number in (0..self.instances.len()).filter(|number| Some(*number) != but) {
            if self.side(number).await == Some("active") {
                return Some(number);
            }
        }
        None
    }

    fn pid(&self, number: usize) -> Pid {
        let id = self.instances[number].child.as_ref().expect("it runs").id();
        Pid::from_raw(i32::try_from(id).expect("a process id")).expect("not 0")
    }

    /// Mail is led past it from now on, as whoever asks `/ready` would.
    pub(super) fn unwell(&self, number: usize) {
        let lmtp = self.instances[number].lmtp;
        self.well.lock().expect("no panic meanwhile").retain(|port| *port != lmtp);
    }

    /// `kill -9`.
    pub(super) fn kill(&mut self, number: usize) {
        self.unwell(number);
        let mut child = self.instances[number].child.take().expect("it runs");
        child.kill().expect("a child of ours");
        child.wait().expect("its end");
    }

    /// `kill -STOP`.
    pub(super) fn freeze(&self, number: usize) {
        self.unwell(number);
        kill_process(self.pid(number), Signal::STOP).expect("a child of ours");
    }

    /// Whether it is frozen now.
    pub(super) fn is_frozen(&self, number: usize) -> bool {
        let status = format!("/proc/{}/stat", self.pid(number).as_raw_nonzero());
        let status = std::fs::read_to_string(status).expect("a process of ours");
        status.rsplit_once(") ").is_some_and(|(_, fields)| fields.starts_with('T'))
    }

    /// `kill -CONT`.
    pub(super) fn thaw(&self, number: usize) {
        kill_process(self.pid(number), Signal::CONT).expect("a child of ours");
        self.well.lock().expect("no panic meanwhile").push(self.instances[number].lmtp);
    }

    /// Starts one that was killed.
    pub(super) async fn revive(&mut self, house: &House, number: usize) {
        self.launch(house, number, &[]);
        until("it is back", 60, async || self.side(number).await).await;
    }

    /// Waits until exactly one has the Matrix side, and all others say that they stand by.
    pub(super) async fn agrees(&self) {
        until("one leads, the others stand by", HANDOVER, async || {
            let mut leaders = 0;
            for number in 0..self.instances.len() {
                leaders += usize::from(self.side(number).await? == "active");
            }
            (leaders == 1).then_some(())
        })
        .await;
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        for child in self.instances.iter_mut().filter_map(|instance| instance.child.as_mut()) {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Leads each connection to one of those that are well, in turn.
async fn lead(listener: TcpListener, well: Arc<Mutex<Vec<u16>>>) {
    let mut turn = 0;
    while let Ok((mut client, _)) = listener.accept().await {
        let ports = well.lock().expect("no panic meanwhile").clone();
        turn += 1;
        let Some(port) = ports.get(turn % ports.len().max(1)).copied() else { continue };
        tokio::spawn(async move {
            if let Ok(mut server) = TcpStream::connect(("127.0.0.1", port)).await {
                let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
            }
        });
    }
}
