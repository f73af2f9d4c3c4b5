//! The servers that all tests share, and waiting for what they do.

use std::sync::OnceLock;
use std::time::Duration;

use serde::Deserialize;
use tokio::sync::RwLock;

/// What `dev/servers … up` wrote down.
#[derive(Debug, Deserialize)]
pub(crate) struct World {
    pub(crate) dir: String,
    pub(crate) root: String,
    pub(crate) homeserver: Homeserver,
    pub(crate) database: Database,
    pub(crate) smtp: Place,
    pub(crate) submission: Submission,
    pub(crate) imap: Imap,
    pub(crate) customer_domain: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Homeserver {
    pub(crate) url: url::Url,
    pub(crate) server_name: String,
    pub(crate) admin_token: String,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Database {
    pub(crate) url: url::Url,
    pub(crate) admin_url: url::Url,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Place {
    pub(crate) host: String,
    pub(crate) port: u16,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Submission {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) user: String,
    pub(crate) password: String,
    pub(crate) ca_file: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Imap {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) customer_password: String,
}

/// The servers.
pub(crate) fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| {
        let file = std::env::var("TICKETLOOM_TEST_WORLD")
            .expect("TICKETLOOM_TEST_WORLD names the servers.json of the servers to test with; dev/test sets it");
        let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file}: {error}"));
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}"))
    })
}

/// Held for reading by every house, and for writing by the few tests that change a server for everybody.
pub(super) static TURN: RwLock<()> = RwLock::const_new(());

/// Looks ten times a second until there is something. A server that does not answer at all ends it, too.
pub(crate) async fn until<T>(what: &str, seconds: u64, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let looking = async {
        let mut next = tokio::time::interval(Duration::from_millis(100));
        loop {
            next.tick().await;
            if let Some(found) = look().await {
                return found;
            }
        }
    };
    let found = tokio::time::timeout(Duration::from_secs(seconds), looking).await;
    found.unwrap_or_else(|_| panic!("not within {seconds} s: {what}"))
}

/// A word that nothing else in this world has.
pub(crate) fn unique() -> String {
    uuid::Uuid::new_v4().simple().to_string()[..10].to_owned()
}

/// Does something to the servers of a world, by `dev/servers`.
pub(crate) fn servers(dir: &str, verb: &[&str]) -> Result<(), String> {
    let program = std::path::Path::new(&world().root).join("dev/servers");
    let done = std::process::Command::new(program).arg("--world").arg(dir).args(verb).output();
    let done = done.map_err(|error| error.to_string())?;
    if done.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&done.stderr).into_owned()) }
}
