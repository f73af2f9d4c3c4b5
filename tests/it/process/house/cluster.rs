//! A PostgreSQL of one test's own, which may be killed: everybody else's stays.

use std::os::unix::fs::PermissionsExt;

use tempfile::TempDir;

use super::world::{Database, servers};

/// A world with nothing but PostgreSQL in it.
pub(crate) struct Cluster {
    dir: TempDir,
}

impl Cluster {
    /// Makes and starts one.
    pub(crate) fn start() -> Self {
        let dir = tempfile::Builder::new().prefix("pg-").tempdir().expect("a directory");
        // PostgreSQL runs as a user of its own.
        std::fs::set_permissions(dir.path(), PermissionsExt::from_mode(0o755)).expect("permissions");
        std::fs::write(dir.path().join("state.json"), "{}").expect("a file");
        let cluster = Self { dir };
        cluster.resume();
        cluster
    }

    /// As when the power fails.
    pub(crate) fn kill(&self) {
        self.servers(&["kill", "postgres"]);
    }

    pub(crate) fn resume(&self) {
        self.servers(&["start", "postgres"]);
    }

    /// How it is reached.
    pub(crate) fn urls(&self) -> Database {
        let state = std::fs::read(self.dir.path().join("state.json")).expect("a file");
        let state: serde_json::Value = serde_json::from_slice(&state).expect("JSON");
        let url = |role: &str| {
            let secret = state["secrets"][format!("database-{role}")].as_str().expect("a password").to_owned();
            let port = &state["ports"]["postgres"];
            format!("postgres://{role}:{secret}@127.0.0.1:{port}/postgres").parse().expect("a URL")
        };
        Database { url: url("ticketloom"), admin_url: url("postgres") }
    }

    fn servers(&self, verb: &[&str]) {
        servers(&self.dir.path().display().to_string(), verb).expect("its PostgreSQL obeys");
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let done = servers(&self.dir.path().display().to_string(), &["down", "--wipe"]);
        assert!(std::thread::panicking() || done.is_ok(), "its PostgreSQL is left over: {done:?}");
    }
}
