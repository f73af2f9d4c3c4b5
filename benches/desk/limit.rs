//! What the servers can do at all, without a desk.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use reqwest::Method;
use serde_json::json;
use sqlx::{Connection, PgConnection};

use super::load::Watcher;
use super::stage::Stage;

/// Commits a second on so many connections: begin; insert; commit, and one insert by itself.
pub(crate) async fn commits(url: &str, connections: usize, time: Duration) -> anyhow::Result<(f64, f64)> {
    let mut setup = PgConnection::connect(url).await?;
    sqlx::query("create table raw_commit (id bigint generated always as identity primary key, bytes bytea not null)")
        .execute(&mut setup)
        .await?;
    let transactions = commit_rate(url, connections, time, true).await?;
    let inserts = commit_rate(url, connections, time, false).await?;
    sqlx::query("drop table raw_commit").execute(&mut setup).await?;
    Ok((transactions, inserts))
}

async fn commit_rate(url: &str, connections: usize, time: Duration, in_transaction: bool) -> anyhow::Result<f64> {
    let done = Arc::new(AtomicUsize::new(0));
    let mut tasks = tokio::task::JoinSet::new();
    let end = Instant::now() + time;
    for _ in 0..connections {
        let (url, done) = (url.to_owned(), Arc::clone(&done));
        tasks.spawn(async move {
            let mut connection = PgConnection::connect(&url).await?;
            let bytes = vec![b'x'; 500];
            while Instant::now() < end {
                let insert = sqlx::query("insert into raw_commit (bytes) values ($1)").bind(&bytes);
                if in_transaction {
                    let mut tx = connection.begin().await?;
                    insert.execute(&mut *tx).await?;
                    tx.commit().await?;
                } else {
                    insert.execute(&mut connection).await?;
                }
                done.fetch_add(1, Ordering::Relaxed);
            }
            anyhow::Ok(())
        });
    }
    while let Some(task) = tasks.join_next().await {
        task??;
    }
    Ok(super::per_second(done.load(Ordering::Relaxed), time))
}

/// Raw PUTs a second into one room of the bench's own, so many at a time, of a card's size.
pub(crate) async fn puts(stage: &Stage, count: usize, at_a_time: usize) -> anyhow::Result<f64> {
    let room = stage.call(Method::POST, "/_matrix/client/v3/createRoom", &stage.agent.token, &json!({})).await?;
    let room = super::stage::text(&room, "/room_id").to_owned();
    let body = "x".repeat(500);
    let content = json!({ "msgtype": "m.text", "body": body, "format": "org.matrix.custom.html", "formatted_body": body, "m.mentions": {} });
    let send = |index: usize| {
        let path = format!("/_matrix/client/v3/rooms/{room}/send/m.room.message/bench{index}");
        let content = &content;
        async move { stage.call(Method::PUT, &path, &stage.agent.token, content).await }
    };
    let mut under_way = FuturesUnordered::new();
    let mut next = 0;
    let began = Instant::now();
    while next < count || !under_way.is_empty() {
        while next < count && under_way.len() < at_a_time {
            under_way.push(send(next));
            next += 1;
        }
        if let Some(sent) = under_way.next().await {
            sent?;
        }
    }
    Ok(super::per_second(count, began.elapsed()))
}

/// From the start of a raw PUT to its arrival in another client's sync.
pub(crate) async fn put_to_sync(stage: &Stage, count: usize) -> anyhow::Result<Vec<Duration>> {
    let room = stage.room().await?;
    let mut watcher = Watcher::begin(stage, &stage.other.token).await?;
    let mut times = Vec::new();
    for index in 0..count {
        let word = format!("floor {index}");
        let path = format!("/_matrix/client/v3/rooms/{room}/send/m.room.message/floor{index}");
        let content = json!({ "msgtype": "m.notice", "body": word, "m.mentions": {} });
        let began = Instant::now();
        let put = stage.call(Method::PUT, &path, &stage.agent.token, &content);
        let (answered, seen) = tokio::join!(put, watcher.until(&word));
        answered?;
        times.push(seen?.duration_since(began));
    }
    Ok(times)
}
