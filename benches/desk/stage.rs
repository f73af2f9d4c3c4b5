//! A desk of the bench's own on the running servers: database, bot, agent, queue, and the program.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use serde_json::{Value, json};
use sqlx::postgres::PgPool;

/// How long anything may take before it counts as broken.
const PATIENCE: Duration = Duration::from_mins(5);

pub(crate) struct Stage {
    pub(crate) world: Value,
    pub(crate) homeserver: String,
    pub(crate) database_url: String,
    pub(crate) pool: PgPool,
    pub(crate) http: reqwest::Client,
    pub(crate) lmtp: u16,
    pub(crate) pages: u16,
    pub(crate) web: u16,
    pub(crate) address: String,
    pub(crate) agent: Account,
    pub(crate) other: Account,
    name: String,
    password: String,
    dir: tempfile::TempDir,
    program: Option<Child>,
    running_with: String,
}

/// Somebody at the homeserver.
pub(crate) struct Account {
    pub(crate) user: String,
    pub(crate) token: String,
}

impl Stage {
    /// On a database of its own.
    pub(crate) async fn set(world: &str) -> anyhow::Result<Self> {
        let servers: Value = serde_json::from_slice(&std::fs::read(world)?)?;
        let name = format!("bench{}", std::process::id());
        let admin = PgPool::connect(text(&servers, "/database/admin_url")).await?;
        sqlx::query(sqlx::AssertSqlSafe(format!("create database {name} owner ticketloom"))).execute(&admin).await?;
        let base = text(&servers, "/database/url");
        let mut stage =
            Self::on(world, &format!("{}/{name}", base.rsplit_once('/').context("a database URL")?.0)).await?;
        stage.agent = stage.log_in(&format!("{}-agent", stage.name)).await?;
        stage.other = stage.log_in(&format!("{}-other", stage.name)).await?;
        stage.prepare()?;
        Ok(stage)
    }

    /// On a record that is there already.
    pub(crate) async fn on(world: &str, database_url: &str) -> anyhow::Result<Self> {
        let world: Value = serde_json::from_slice(&std::fs::read(world)?)?;
        let name = format!("bench{}", std::process::id());
        let pool = PgPool::connect(database_url).await?;
        let homeserver = text(&world, "/homeserver/url").to_owned();
        let (lmtp, pages, web) = (free_port()?, free_port()?, free_port()?);
        let stage = Self {
            address: format!("{name}@p{lmtp}.test"),
            agent: Account { user: String::new(), token: String::new() },
            other: Account { user: String::new(), token: String::new() },
            password: uuid::Uuid::new_v4().simple().to_string(),
            dir: tempfile::tempdir()?,
            program: None,
            running_with: String::new(),
            database_url: database_url.to_owned(),
            http: reqwest::Client::new(),
            world,
            homeserver,
            pool,
            lmtp,
            pages,
            web,
            name,
        };
        stage.register(&stage.name).await?;
        Ok(stage)
    }

    fn prepare(&self) -> anyhow::Result<()> {
        self.write_config(&self.homeserver)?;
        self.run(&["migrate"])?;
        self.run(&["queue", "add", &self.name, &self.address, "--posting", "members"])?;
        // Two thousand acknowledgements through Postfix and Dovecot on the same cores would be measured instead.
        self.run(&["queue", "set", &self.name, "--acknowledge", "false"])?;
        self.run(&["agent", "add", &self.agent.user])?;
        self.run(&["agent", "add", &self.other.user, "--role", "observer"])?;
        Ok(())
    }

    /// Starts the desk with a homeserver, unless it runs with that one.
    pub(crate) async fn start(&mut self, homeserver: &str) -> anyhow::Result<()> {
        if self.running_with == homeserver {
            return Ok(());
        }
        self.stop();
        self.write_config(homeserver)?;
        let log = std::fs::File::create(self.dir.path().join("log"))?;
        let child = self.command(&["run"]).stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).spawn()?;
        self.program = Some(child);
        self.running_with = homeserver.to_owned();
        let url = format!("http://127.0.0.1:{}/health", self.pages);
        self.until("the desk answers", || async { Ok(self.http.get(&url).send().await.is_ok()) }).await
    }

    /// Starts the desk anew; how long it takes until it says that it is ready.
    pub(crate) async fn ready(&mut self) -> anyhow::Result<Duration> {
        self.stop();
        let (began, homeserver) = (Instant::now(), self.homeserver.clone());
        self.start(&homeserver).await?;
        let url = format!("http://127.0.0.1:{}/ready", self.pages);
        let is_ready =
            || async { Ok(self.http.get(&url).send().await.is_ok_and(|answer| answer.status().is_success())) };
        self.until("the desk is ready", is_ready).await?;
        Ok(began.elapsed())
    }

    /// The queue's room, once the desk has made it and both accounts are in it.
    pub(crate) async fn room(&self) -> anyhow::Result<String> {
        let room = || async {
            Ok(sqlx::query_scalar::<_, String>("select room_id from room where purpose = 'queue'")
                .fetch_optional(&self.pool)
                .await?
                .is_some())
        };
        self.until("the room is made", room).await?;
        let room: String =
            sqlx::query_scalar("select room_id from room where purpose = 'queue'").fetch_one(&self.pool).await?;
        for account in [&self.agent, &self.other] {
            let url = format!("/_matrix/client/v3/join/{room}");
            let join =
                || async { Ok(self.call(reqwest::Method::POST, &url, &account.token, &json!({})).await.is_ok()) };
            self.until("the room is joined", join).await?;
        }
        Ok(room)
    }

    pub(crate) async fn call(
        &self,
        method: reqwest::Method,
        path: &str,
        token: &str,
        body: &Value,
    ) -> anyhow::Result<Value> {
        let request = self.http.request(method.clone(), format!("{}{path}", self.homeserver)).bearer_auth(token);
        let request = if method == reqwest::Method::GET { request } else { request.json(body) };
        let answer = request.send().await?;
        let status = answer.status();
        let body: Value = answer.json().await?;
        if !status.is_success() {
            bail!("{path}: {status} {body}");
        }
        Ok(body)
    }

    pub(crate) async fn until_tickets(&self, count: i64) -> anyhow::Result<()> {
        let enough = || async {
            Ok(sqlx::query_scalar::<_, i64>("select count(*) from ticket").fetch_one(&self.pool).await? >= count)
        };
        self.until("all mails are tickets", enough).await
    }

    pub(crate) async fn until_read(&self) -> anyhow::Result<()> {
        let query = "select count(*) from mail_in where fate = 'waiting'";
        let all = || async { Ok(sqlx::query_scalar::<_, i64>(query).fetch_one(&self.pool).await? == 0) };
        self.until("all mails are read", all).await
    }

    pub(crate) async fn until_no_jobs(&self) -> anyhow::Result<()> {
        let none =
            || async { Ok(sqlx::query_scalar::<_, i64>("select count(*) from job").fetch_one(&self.pool).await? == 0) };
        self.until("all is done", none).await
    }

    /// Cards a second between the `from`-th and the `to`-th one.
    pub(crate) async fn drain(&self, from: i64, to: i64) -> anyhow::Result<f64> {
        let cards = || async {
            anyhow::Ok(
                sqlx::query_scalar::<_, i64>("select count(*) from projection where purpose = 'card'")
                    .fetch_one(&self.pool)
                    .await?,
            )
        };
        let cards = &cards;
        let at_least = |count: i64| async move { anyhow::Ok(cards().await? >= count) };
        self.until("the mirror runs", || at_least(from)).await?;
        let (began, first) = (Instant::now(), cards().await?);
        self.until("the mirror goes on", || at_least(to)).await?;
        let done = cards().await? - first;
        Ok(super::real(usize::try_from(done)?) / began.elapsed().as_secs_f64())
    }

    pub(crate) async fn wal_syncs(&self) -> anyhow::Result<f64> {
        // The counters of other backends arrive with a little delay; half a second covers it.
        tokio::time::sleep(Duration::from_millis(1_200)).await;
        Ok(sqlx::query_scalar("select wal_sync::float8 from pg_stat_wal").fetch_one(&self.pool).await?)
    }

    /// How many bytes the database has, and how many of WAL were written so far.
    pub(crate) async fn written(&self) -> anyhow::Result<(f64, f64)> {
        let query = "select pg_database_size(current_database())::float8, (pg_current_wal_lsn() - '0/0')::float8";
        Ok(sqlx::query_as(query).fetch_one(&self.pool).await?)
    }

    /// What the desk and PostgreSQL's processes for this database have used so far.
    pub(crate) fn cpu(&self) -> Cpu {
        let pids = std::fs::read_dir("/proc").into_iter().flatten().flatten();
        let pids = pids.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        let title = |pid: u32| std::fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let is_ours = |pid: &u32| {
            let title = title(*pid);
            title.starts_with("postgres:") && title.split(' ').any(|word| word == self.name)
        };
        let desk = self.program.as_ref().map_or(0.0, |child| cpu_of(child.id()));
        Cpu { desk, postgres: pids.filter(is_ours).map(cpu_of).sum() }
    }

    /// Resident memory of the desk in MB.
    pub(crate) fn rss(&self) -> u64 {
        rss_of(self.program.as_ref().map_or(0, Child::id))
    }

    pub(crate) async fn clear(mut self) -> anyhow::Result<()> {
        self.stop();
        self.pool.close().await;
        let admin = PgPool::connect(text(&self.world, "/database/admin_url")).await?;
        let drop = format!("drop database {} with (force)", self.name);
        sqlx::query(sqlx::AssertSqlSafe(drop)).execute(&admin).await?;
        Ok(())
    }

    pub(crate) async fn until<F, P>(&self, what: &str, probe: P) -> anyhow::Result<()>
    where
        P: Fn() -> F,
        F: Future<Output = anyhow::Result<bool>>,
    {
        let end = Instant::now() + PATIENCE;
        while !probe().await? {
            if Instant::now() > end {
                let log = std::fs::read_to_string(self.dir.path().join("log")).unwrap_or_default();
                let tail: Vec<&str> = log.lines().rev().take(20).collect();
                bail!("not within {PATIENCE:?}: {what}\n{}", tail.join("\n"));
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    async fn register(&self, local: &str) -> anyhow::Result<String> {
        let user = format!("@{local}:{}", text(&self.world, "/homeserver/server_name"));
        let path = format!("/_synapse/admin/v2/users/{user}");
        let body = json!({ "password": self.password });
        self.call(reqwest::Method::PUT, &path, text(&self.world, "/homeserver/admin_token"), &body).await?;
        Ok(user)
    }

    async fn log_in(&self, local: &str) -> anyhow::Result<Account> {
        let user = self.register(local).await?;
        let body = json!({ "type": "m.login.password", "password": self.password,
            "identifier": { "type": "m.id.user", "user": user } });
        let answer = self.call(reqwest::Method::POST, "/_matrix/client/v3/login", "", &body).await?;
        Ok(Account { user, token: text(&answer, "/access_token").to_owned() })
    }

    fn write_config(&self, homeserver: &str) -> anyhow::Result<()> {
        let submission = &self.world["submission"];
        let config = format!(
            "[desk]\nname = \"Bench\"\nburst = 65535\nstate_dir = \"{}\"\n[database]\nurl = {:?}\n[matrix]\nhomeserver = {homeserver:?}\n\
             user = \"@{}:{}\"\npassword = {:?}\n[lmtp]\nlisten = \"127.0.0.1:{}\"\n[smtp]\nhost = {}\nport = {}\n\
             tls = \"starttls\"\nuser = {}\npassword = {}\nca_file = {}\n[http]\nlisten = \"127.0.0.1:{}\"\n\
             [web]\nlisten = \"127.0.0.1:{}\"\nurl = \"http://127.0.0.1:{}\"\nproxies = \"127.0.0.1\"\napi_rate = 100000\n\
             [log]\nformat = \"text\"\nlevel = \"warn\"\n",
            self.dir.path().join("state").display(),
            self.database_url,
            self.name,
            text(&self.world, "/homeserver/server_name"),
            self.password,
            self.lmtp,
            submission["host"],
            submission["port"],
            submission["user"],
            submission["password"],
            submission["ca_file"],
            self.pages,
            self.web,
            self.web,
        );
        Ok(std::fs::write(self.config(), config)?)
    }

    fn config(&self) -> PathBuf {
        self.dir.path().join("ticketloom.toml")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ticketloom"));
        command.arg("--config").arg(self.config()).args(arguments).env_remove("TICKETLOOM_SCALE");
        command
    }

    /// Does something on the command line; what it says.
    pub(crate) fn run(&self, arguments: &[&str]) -> anyhow::Result<String> {
        let done = self.command(arguments).output()?;
        if !done.status.success() {
            bail!("{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
        }
        Ok(String::from_utf8_lossy(&done.stdout).into_owned())
    }

    fn stop(&mut self) {
        if let Some(mut child) = self.program.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
        self.running_with.clear();
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Seconds of CPU.
#[derive(Clone, Copy)]
pub(crate) struct Cpu {
    pub(crate) desk: f64,
    pub(crate) postgres: f64,
}

/// What a process has used so far, in seconds; Linux counts hundredths for programs.
fn cpu_of(pid: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // Behind the name, which may have blanks: utime and stime are the 12th and 13th.
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
    let ticks = |at: usize| fields.get(at).and_then(|ticks| ticks.parse::<f64>().ok()).unwrap_or_default();
    (ticks(11) + ticks(12)) / 100.0
}

/// Resident memory of a process in MB.
pub(crate) fn rss_of(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or_default() / 1024
}

/// A string in the middle of some JSON; empty if it is not there.
pub(crate) fn text<'a>(json: &'a Value, pointer: &str) -> &'a str {
    json.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
