//! `PgBouncer` between the desk and PostgreSQL: by sessions it works, by transactions it is refused with the reason.

use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;
use tokio::net::TcpStream;

use super::house::{House, Plan, free_ports, until, world};

/// A `PgBouncer` before the test's PostgreSQL.
struct Pooler {
    child: Child,
    port: u16,
    _dir: TempDir,
}

impl Pooler {
    async fn start(mode: &str) -> Self {
        let dir = tempfile::Builder::new().prefix("pooler-").tempdir().expect("a directory");
        let (port, _) = free_ports().await;
        let url = &world().database.url;
        let users = dir.path().join("users");
        let users_text = format!("\"{}\" \"{}\"\n", url.username(), url.password().expect("a password"));
        std::fs::write(&users, users_text).expect("a file");
        // What an operator has to set, and nothing else.
        let text = format!(
            "[databases]\n* = host={} port={}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n\
             unix_socket_dir =\nauth_type = scram-sha-256\nauth_file = {}\npool_mode = {mode}\ndefault_pool_size = 40\n",
            url.host_str().expect("a host"),
            url.port().expect("a port"),
            users.display(),
        );
        let config = dir.path().join("pgbouncer.ini");
        std::fs::write(&config, text).expect("a file");
        std::fs::set_permissions(dir.path(), PermissionsExt::from_mode(0o755)).expect("permissions");
        // It refuses to be root.
        let mut command = if rustix::process::geteuid().is_root() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=65534", "--regid=65534", "--clear-groups", "/usr/sbin/pgbouncer"]);
            command
        } else {
            Command::new("/usr/sbin/pgbouncer")
        };
        let child = command.arg("-q").arg(&config).stdin(Stdio::null()).stderr(Stdio::null()).spawn();
        let pooler = Self { child: child.expect("pgbouncer is installed"), port, _dir: dir };
        until("PgBouncer listens", 20, async || TcpStream::connect(("127.0.0.1", port)).await.ok()).await;
        pooler
    }

    /// Has a house that does not run yet reach PostgreSQL through it.
    fn stands_before(&self, house: &House) {
        let text = std::fs::read_to_string(house.config()).expect("a file");
        let text = text.replace(&format!(":{}/", house.postgres.port), &format!(":{}/", self.port));
        std::fs::write(house.config(), text).expect("a file");
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn behind_pgbouncer_by_sessions_the_desk_works() {
    let house = House::built(Plan::default(), false).await;
    let pooler = Pooler::start("session").await;
    pooler.stands_before(&house);
    let house = house.furnished().await;
    let (customer, card) = house.ticket().await;
    let answer = house.alice.say_in(house.room(), &card.root, "!answer It works again.").await;
    house.alice.marked(house.room(), &answer, "✉️").await;
    assert!(customer.answer().await.subject.contains(&card.number));
    let connected = "pg_stat_activity where datname = current_database() and application_name like 'ticketloom%'";
    assert!(house.count(connected).await > 2, "the desk is connected");
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn behind_pgbouncer_that_lends_sessions_it_refuses_to_start_and_says_why() {
    let all = [["run"].as_slice(), &["check"], &["migrate"], &["queue", "list"]];
    refuses("transaction", &all).await;
    refuses("statement", &all[..1]).await;
}

async fn refuses(mode: &str, subcommands: &[&[&str]]) {
    let house = House::built(Plan::default(), false).await;
    let pooler = Pooler::start(mode).await;
    pooler.stands_before(&house);
    for arguments in subcommands {
        let done = house.run(arguments, b"").await;
        let said = String::from_utf8_lossy(&[done.stdout, done.stderr].concat()).into_owned();
        assert!(!done.status.success(), "{arguments:?}: {said}");
        assert!(said.contains("`pool_mode = session`"), "{arguments:?}: {said}");
    }
    let left = "pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())";
    assert_eq!(house.count(left).await, 0, "it left no lock in anybody's session");
}
