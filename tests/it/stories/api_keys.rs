//! A request that is repeated is done once.

use std::time::Duration;

use axum::body::Body;
use axum::http::Method;
use serde_json::json;
use ticketloom::domain::id::ApiTokenId;

use super::world::{ALICE, BOB, World};

const ALL: &str = "read,note,write,mail";

#[tokio::test]
async fn the_same_again_is_the_same_answer_and_nothing_else() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let program = w.program(ALICE, ALL, &[]).await;
    let path = format!("/tickets/{}", case.number);
    let new = json!({ "queue": "support", "customer": "zoe@customer.test", "subject": "x", "note": { "text": "x" } });
    for (n, (path, body)) in [
        (format!("{path}/notes"), json!({ "text": "Once" })),
        (format!("{path}/answers"), json!({ "text": "Once" })),
        ("/tickets".to_owned(), new),
        (format!("{path}/unlock"), json!({})),
    ]
    .into_iter()
    .enumerate()
    {
        let keyed = program.with("idempotency-key", &format!("key-{n}"));
        let (first, second) = (keyed.post(&path, body.clone()).await, keyed.post(&path, body.clone()).await);
        assert_eq!((first.status, &first.bytes), (second.status, &second.bytes), "{path}");
        assert!(first.status < 300, "{path}: {}", first.status);
        for name in ["location", "etag", "content-type"] {
            assert_eq!(first.header(name), second.header(name), "{path}: {name}");
        }
    }
    let kinds = w.rows("select kind from article where sender = 'agent' order by article_id").await;
    assert_eq!(kinds, ["note", "answer", "note"]);
    w.settle().await;
    w.pass(super::world::HOLD).await;
    assert_eq!(w.outbox().len(), 2, "the acknowledgement and one answer");
    w.finish().await;
}

#[tokio::test]
async fn a_refusal_is_an_answer_too() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let keyed = w.program(ALICE, ALL, &[]).await.with("idempotency-key", "one");
    let path = format!("/tickets/{}/unlock", case.number);
    let first = keyed.post(&path, json!({})).await;
    first.refused(409, "ticket");
    w.say(ALICE, &case, "!lock").await.done();
    let second = keyed.post(&path, json!({})).await;
    second.refused(409, "ticket");
    assert_eq!(first.bytes, second.bytes);
    assert_eq!(w.card(&case), "new · 🔒 @alice:desk.test");
    w.finish().await;
}

#[tokio::test]
async fn another_request_of_that_key_is_refused() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let program = w.program(ALICE, ALL, &[]).await;
    let keyed = program.with("idempotency-key", "one");
    let path = format!("/tickets/{}/notes", case.number);
    keyed.post(&path, json!({ "text": "One" })).await.json(201);
    keyed.post(&path, json!({ "text": "Two" })).await.refused(422, "key_used");
    keyed.post(&format!("/tickets/{}/lock", case.number), json!({ "text": "One" })).await.refused(422, "key_used");
    // Keys are a token's own, and last a day.
    let other = w.program(BOB, ALL, &[]).await.with("idempotency-key", "one");
    other.post(&path, json!({ "text": "Three" })).await.json(201);
    w.tick(Duration::from_hours(25));
    keyed.post(&path, json!({ "text": "Two" })).await.json(201);
    assert_eq!(w.rows("select text from article where kind = 'note' order by seq").await, ["One", "Three", "Two"]);
    assert_eq!(w.count("select count(*) from api_answer").await, 1, "what is older than a day is removed");
    w.settle().await;
    w.finish().await;
}

#[tokio::test]
async fn one_that_is_under_way_is_waited_for_by_nobody() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let program = w.program(ALICE, ALL, &[]).await;
    let keyed = program.with("idempotency-key", "one");
    let path = format!("/tickets/{}/notes", case.number);
    let mut first = w.store.begin().await.expect("a transaction");
    assert!(first.api_answers().reserve(ApiTokenId(1), "one").await.expect("an answer"));
    keyed.post(&path, json!({ "text": "One" })).await.refused(409, "in_progress");
    drop(first);
    keyed.post(&path, json!({ "text": "One" })).await.json(201);
    for key in ["", "a b", "ä", &"x".repeat(256)] {
        let keyed = program.with("idempotency-key", key);
        assert_eq!(keyed.post(&path, json!({ "text": "x" })).await.status, 400, "{key:?}");
    }
    w.settle().await;
    w.finish().await;
}

#[tokio::test]
async fn many_at_once_are_one() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let keyed = w.program(ALICE, ALL, &[]).await.with("idempotency-key", "one");
    let path = format!("/tickets/{}/notes", case.number);
    let body = json!({ "text": "Once" }).to_string();
    let asks = (0..20).map(|_| keyed.send(&Method::POST, &path, Body::from(body.clone())));
    for answered in futures_util::future::join_all(asks).await {
        assert!(matches!(answered.status, 201 | 409), "{}", answered.status);
    }
    assert_eq!(w.rows("select text from article where kind = 'note'").await, ["Once"]);
    w.settle().await;
    w.finish().await;
}
