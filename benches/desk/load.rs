//! What customers and agents do to the desk.

use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

use super::stage::{Stage, text};

/// So many mails by so many LMTP connections, each from a customer of its own.
pub(crate) async fn burst(stage: &Stage, mails: usize, connections: usize) -> anyhow::Result<()> {
    let mut tasks = tokio::task::JoinSet::new();
    for connection in 0..connections {
        let (port, address) = (stage.lmtp, stage.address.clone());
        tasks.spawn(async move {
            let mut session = Lmtp::connect(port).await?;
            for index in (connection..mails).step_by(connections) {
                session.deliver(&address, &format!("burst{index}"), "It smokes").await?;
            }
            anyhow::Ok(())
        });
    }
    while let Some(task) = tasks.join_next().await {
        task??;
    }
    Ok(())
}

/// Mails that came at fixed moments.
pub(crate) struct Steady {
    /// How long each took to its 250, from its moment.
    pub(crate) times: Vec<Duration>,
    /// How long all of them took.
    pub(crate) took: Duration,
}

/// So many mails a second for so many seconds, whether those before were taken or not.
pub(crate) async fn steady(
    stage: &Stage,
    to: &str,
    (a_second, seconds): (u32, u32),
    connections: usize,
) -> anyhow::Result<Steady> {
    let begin = Instant::now();
    let bring = |connection: usize| async move {
        let mut session = Lmtp::connect(stage.lmtp).await?;
        let mut times = Vec::new();
        for n in (0..a_second * seconds).skip(connection).step_by(connections) {
            let at = begin + Duration::from_secs(1) * n / a_second;
            tokio::time::sleep_until(at.into()).await;
            session.deliver(to, &format!("steady{n}"), "It smokes").await?;
            times.push(at.elapsed());
        }
        anyhow::Ok(times)
    };
    let times = futures_util::future::try_join_all((0..connections).map(bring)).await?;
    Ok(Steady { times: times.into_iter().flatten().collect(), took: begin.elapsed() })
}

/// So many mails of an archive, again and again with other ids, by so many LMTP connections.
pub(crate) async fn archive(stage: &Stage, mails: &[Vec<u8>], count: usize, connections: usize) -> anyhow::Result<()> {
    let bring = |connection: usize| async move {
        let mut session = Lmtp::connect(stage.lmtp).await?;
        for index in (connection..count).step_by(connections) {
            let id = uuid::Uuid::new_v4().simple();
            let head = format!("Message-ID: <{id}@bench.test>\r\n");
            let raw = [head.as_bytes(), &mails[index % mails.len()]].concat();
            session.deliver_raw(&stage.address, &format!("archive{connection}"), &raw).await?;
        }
        anyhow::Ok(())
    };
    futures_util::future::try_join_all((0..connections).map(bring)).await?;
    Ok(())
}

/// From the 250 to the card in somebody's sync.
pub(crate) async fn mail_to_event(stage: &Stage, count: usize) -> anyhow::Result<Vec<Duration>> {
    let mut watcher = Watcher::begin(stage, &stage.other.token).await?;
    let mut session = Lmtp::connect(stage.lmtp).await?;
    let mut times = Vec::new();
    for index in 0..count {
        let word = format!("single {index} {}", uuid::Uuid::new_v4().simple());
        let deliver = async {
            session.deliver(&stage.address, &format!("single{index}"), &word).await?;
            anyhow::Ok(Instant::now())
        };
        let (began, seen) = tokio::join!(deliver, watcher.until(&word));
        times.push(seen?.saturating_duration_since(began?));
        stage.until_no_jobs().await?;
    }
    Ok(times)
}

/// From the start of a command's PUT to the bot's reaction in somebody's sync.
pub(crate) async fn command_to_reaction(stage: &Stage, count: usize) -> anyhow::Result<Vec<Duration>> {
    let room = stage.room().await?;
    let card: String =
        sqlx::query_scalar("select event_id from projection where purpose = 'card' order by subject_id desc limit 1")
            .fetch_one(&stage.pool)
            .await?;
    let mut watcher = Watcher::begin(stage, &stage.other.token).await?;
    let mut times = Vec::new();
    for index in 0..count {
        let path = format!("/_matrix/client/v3/rooms/{room}/send/m.room.message/{}", uuid::Uuid::new_v4());
        let content = json!({ "msgtype": "m.text", "body": format!("!note {index}"), "m.mentions": {},
            "m.relates_to": { "rel_type": "m.thread", "event_id": card } });
        let began = Instant::now();
        let sent = stage.call(Method::PUT, &path, &stage.agent.token, &content).await?;
        let event = text(&sent, "/event_id").to_owned();
        let seen = watcher.until_event(|found| {
            found["type"] == "m.reaction" && found["content"]["m.relates_to"]["event_id"] == event.as_str()
        });
        times.push(seen.await?.duration_since(began));
        stage.until_no_jobs().await?;
    }
    Ok(times)
}

/// Somebody's sync.
pub(crate) struct Watcher<'a> {
    stage: &'a Stage,
    token: &'a str,
    since: String,
}

impl<'a> Watcher<'a> {
    pub(crate) async fn begin(stage: &'a Stage, token: &'a str) -> anyhow::Result<Self> {
        let first = stage.call(Method::GET, "/_matrix/client/v3/sync?timeout=0", token, &Value::Null).await?;
        Ok(Self { stage, token, since: text(&first, "/next_batch").to_owned() })
    }

    /// When a message with that text was there.
    pub(crate) async fn until(&mut self, word: &str) -> anyhow::Result<Instant> {
        self.until_event(|event| event["content"]["body"].as_str().is_some_and(|body| body.contains(word))).await
    }

    /// When such an event was there.
    pub(crate) async fn until_event(&mut self, fits: impl Fn(&Value) -> bool) -> anyhow::Result<Instant> {
        let end = Instant::now() + Duration::from_secs(30);
        while Instant::now() < end {
            let path = format!("/_matrix/client/v3/sync?timeout=10000&since={}", self.since);
            let answer = self.stage.call(Method::GET, &path, self.token, &Value::Null).await?;
            let at = Instant::now();
            text(&answer, "/next_batch").clone_into(&mut self.since);
            let rooms = answer["rooms"]["join"].as_object().into_iter().flat_map(serde_json::Map::values);
            let mut events = rooms.flat_map(|room| room["timeline"]["events"].as_array().into_iter().flatten());
            if events.any(&fits) {
                return Ok(at);
            }
        }
        bail!("an event did not arrive")
    }
}

struct Lmtp {
    lines: tokio::io::Lines<BufReader<OwnedReadHalf>>,
    out: OwnedWriteHalf,
}

impl Lmtp {
    async fn connect(port: u16) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.set_nodelay(true)?;
        let (read, out) = stream.into_split();
        let mut session = Self { lines: BufReader::new(read).lines(), out };
        session.expect("220").await?;
        session.out.write_all(b"LHLO bench.test\r\n").await?;
        session.expect("250").await?;
        Ok(session)
    }

    async fn deliver(&mut self, to: &str, from: &str, subject: &str) -> anyhow::Result<()> {
        let mail = format!(
            "From: Bench <{from}@customer.test>\r\nTo: {to}\r\nSubject: {subject}\r\nMessage-ID: <{}@customer.test>\r\n\
             Date: Mon, 23 Nov 2026 10:00:00 +0000\r\n\r\n{}",
            uuid::Uuid::new_v4().simple(),
            "It smokes, and it smells of burnt toast.\r\n".repeat(10),
        );
        self.deliver_raw(to, from, mail.as_bytes()).await
    }

    /// As a mail server does it, with PIPELINING (RFC 2920).
    async fn deliver_raw(&mut self, to: &str, from: &str, raw: &[u8]) -> anyhow::Result<()> {
        let head = format!("MAIL FROM:<{from}@customer.test>\r\nRCPT TO:<{to}>\r\nDATA\r\n");
        self.out.write_all(head.as_bytes()).await?;
        for code in ["250", "250", "354"] {
            self.expect(code).await?;
        }
        let mut text = Vec::with_capacity(raw.len() + 100);
        for line in raw.split_inclusive(|byte| *byte == b'\n') {
            if line.starts_with(b".") {
                text.push(b'.');
            }
            text.extend_from_slice(
                line.strip_suffix(b"\n").map_or(line, |line| line.strip_suffix(b"\r").unwrap_or(line)),
            );
            text.extend_from_slice(b"\r\n");
        }
        text.extend_from_slice(b".\r\n");
        self.out.write_all(&text).await?;
        self.expect("250").await
    }

    async fn expect(&mut self, code: &str) -> anyhow::Result<()> {
        loop {
            let line = self.lines.next_line().await?.context("the desk hung up")?;
            if !line.starts_with(code) {
                bail!("the desk said {line}");
            }
            if line.as_bytes().get(3) != Some(&b'-') {
                return Ok(());
            }
        }
    }
}
