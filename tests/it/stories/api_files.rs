//! Files that programs send along.

use axum::body::Body;
use axum::http::Method;
use serde_json::{Value, json};

use super::world::{ALICE, CAROL, HOLD, World};

const ALL: &str = "read,note,write,mail";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\nno more than that";

#[tokio::test]
async fn an_answer_is_mailed_with_its_files() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let program = w.program(ALICE, ALL, &[]).await;
    let path = format!("/tickets/{}/answers", case.number);
    let files: &[(&str, &str, &[u8])] = &[("plan.png", "image/png", PNG), ("../a b.txt", "text/plain", b"Unplug it")];
    let answer = program.post_form(&path, &json!({ "text": "See the plan." }), files).await.json(201);
    let names: Vec<&Value> = answer["files"].as_array().expect("files").iter().map(|file| &file["name"]).collect();
    assert_eq!(names, [&json!("plan.png"), &json!("a b.txt")]);
    let url =
        answer["files"][0]["url"].as_str().and_then(|url| url.strip_prefix("/api/v1")).expect("a place").to_owned();
    let file = program.get(&url).await;
    assert_eq!((file.status, &file.bytes[..], file.header("content-type")), (200, PNG, "image/png"));
    w.settle().await;
    let posted: Vec<String> = w.chat.uploads().into_iter().map(|(name, ..)| name).collect();
    assert_eq!(posted, ["plan.png", "a b.txt"], "they stand in the thread");
    w.pass(HOLD).await;
    let mail = w.newest_mail();
    assert_eq!(mail.to, CAROL);
    for part in ["filename=\"plan.png\"", &data_encoding::BASE64.encode(PNG), "VW5wbHVnIGl0"] {
        assert!(mail.source.contains(part), "{part}: {}", mail.source);
    }
    w.finish().await;
}

#[tokio::test]
async fn notes_and_new_tickets_have_files_too() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let program = w.program(ALICE, ALL, &[]).await;
    let files: &[(&str, &str, &[u8])] = &[("log.txt", "text/plain", b"E42")];
    let note = program.post_form(&format!("/tickets/{}/notes", case.number), &json!({ "text": "Look" }), files).await;
    assert_eq!(note.json(201)["files"][0]["size"], 3);
    for first in ["note", "answer"] {
        let new =
            json!({ "queue": "support", "customer": "zoe@customer.test", "subject": first, (first): { "text": "x" } });
        let made = program.post_form("/tickets", &new, files).await.json(201);
        assert_eq!(made["article"]["files"][0]["name"], "log.txt", "{first}");
    }
    w.settle().await;
    w.pass(HOLD).await;
    assert_eq!(w.chat.uploads().len(), 3);
    let with_file: Vec<String> =
        w.outbox().into_iter().filter(|mail| mail.source.contains("log.txt")).map(|mail| mail.to).collect();
    assert_eq!(with_file, ["zoe@customer.test"], "no file of a note leaves the house");
    w.finish().await;
}

#[tokio::test]
async fn a_form_that_is_repeated_is_done_once() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let program = w.program(ALICE, ALL, &[]).await.with("idempotency-key", "one");
    let path = format!("/tickets/{}/notes", case.number);
    let files: &[(&str, &str, &[u8])] = &[("log.txt", "text/plain", b"E42")];
    let first = program.post_form(&path, &json!({ "text": "Look" }), files).await;
    first.json(201);
    // Its parts are held apart otherwise, and yet it is the same.
    assert_eq!(program.post_form(&path, &json!({ "text": "Look" }), files).await.bytes, first.bytes);
    let other: &[(&str, &str, &[u8])] = &[("log.txt", "text/plain", b"E43")];
    program.post_form(&path, &json!({ "text": "Look" }), other).await.refused(422, "key_used");
    program.post(&path, json!({ "text": "Look" })).await.refused(422, "key_used");
    assert_eq!(w.count("select count(*) from article where kind = 'note'").await, 1);
    w.settle().await;
    w.finish().await;
}

#[tokio::test]
async fn what_is_too_much_or_no_form_is_refused_and_leaves_nothing() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let program = w.program(ALICE, ALL, &[]).await;
    let path = format!("/tickets/{}/notes", case.number);
    let text = json!({ "text": "Look" });
    let many: Vec<(&str, &str, &[u8])> = (0..21).map(|_| ("a.txt", "text/plain", &b"x"[..])).collect();
    program.post_form(&path, &text, &many).await.refused(413, "too_large");
    let large = vec![b'x'; 3 << 20];
    program.post_form(&path, &text, &[("a.bin", "application/x", &large)]).await.refused(413, "too_large");
    program.post_form(&path, &json!({ "text": " " }), &[]).await.refused(422, "wrong");
    let form = program.with("content-type", "multipart/form-data; boundary=b");
    let parts = "--b\r\nContent-Disposition: form-data; name=\"files\"; filename=\"a\"\r\n\r\nx\r\n--b--\r\n";
    for body in ["", "--b", "--b\r\n\r\nx", parts] {
        form.send(&Method::POST, &path, Body::from(body)).await.refused(400, "unreadable");
    }
    let boundless = program.with("content-type", "multipart/form-data");
    boundless.send(&Method::POST, &path, Body::from("x")).await.refused(400, "unreadable");
    let change = program.with("content-type", "multipart/form-data; boundary=b");
    change
        .send(&Method::PATCH, &format!("/tickets/{}", case.number), Body::from(parts))
        .await
        .refused(400, "unreadable");
    // Who has no token sends no files.
    w.program_with("", std::num::NonZeroU32::MAX).post_form(&path, &text, &many).await.refused(401, "token");
    assert_eq!(w.count("select count(*) from article where kind = 'note'").await, 0);
    w.finish().await;
}
