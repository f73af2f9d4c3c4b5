//! What programs do by the API is what agents do in chat.

use std::collections::BTreeSet;
use std::time::Duration;

use axum::body::Body;
use axum::http::Method;
use serde_json::{Value, json};
use ticketloom::api;
use ticketloom::desk::seams::Delivery;

use super::world::{ALICE, BOB, CAROL, Eml, HOLD, ROOT, World, user};

const ALL: &str = "read,note,write,mail";

#[tokio::test]
async fn a_note_stands_in_the_thread_as_its_agents() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let program = w.program(ALICE, ALL, &[]).await;
    let path = format!("/tickets/{}", case.number);
    let note = program.post(&format!("{path}/notes"), json!({ "text": "Carol is a *difficult* one" })).await.json(201);
    assert_eq!(
        (&note["kind"], &note["sender"], &note["visibility"]),
        (&json!("note"), &json!("agent"), &json!("internal"))
    );
    assert_eq!((&note["agent"], &note["ticket"]), (&json!(ALICE), &json!(case.number)));
    w.settle().await;
    let (_, post) = w.newest_post(&case);
    assert!(post.text.starts_with("📝 Note by @alice:desk.test") && post.text.contains("difficult"), "{post:?}");
    assert_eq!(w.card(&case), "new · nobody's", "a note takes no lock");
    w.say(BOB, &case, "!history").await;
    let articles = program.get(&format!("{path}/articles")).await.json(200);
    let kinds: Vec<_> =
        articles["articles"].as_array().expect("articles").iter().map(|one| one["kind"].clone()).collect();
    assert_eq!(kinds, ["mail", "automatic", "note"]);
    assert_eq!(articles["articles"][0]["from"], json!(CAROL));
    for mail in w.outbox() {
        assert!(!mail.source.contains("difficult"), "{}", mail.source);
    }
    w.finish().await;
}

#[tokio::test]
async fn an_answer_is_held_mailed_and_takes_the_ticket() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let program = w.program(ALICE, ALL, &[]).await;
    let path = format!("/tickets/{}", case.number);
    let answer = json!({ "text": "Unplug it.", "state": "closed" });
    let answer = program.post(&format!("{path}/answers"), answer).await.json(201);
    assert_eq!((&answer["to"], &answer["state"]), (&json!([CAROL]), &json!("closed successful")));
    assert_eq!((&answer["visibility"], &answer["held_seconds"]), (&json!("customer"), &json!(HOLD.as_secs())));
    w.settle().await;
    assert_eq!(w.outbox().len(), 1, "it is held");
    assert!(w.newest_post(&case).1.text.starts_with("✉️ Answer by @alice:desk.test"));
    w.pass(HOLD).await;
    let mail = w.newest_mail();
    assert!(mail.to == CAROL && mail.source.contains("Unplug it."), "{}", mail.source);
    let ticket = program.get(&path).await.json(200);
    assert_eq!((&ticket["state"], &ticket["informed"]), (&json!("closed successful"), &json!(true)));
    // What the customer answers comes into the same ticket.
    let reply = w.reply_to(&mail, "Thank you, but it still smokes.").await;
    assert_eq!(w.case_of(reply).await.id, case.id);
    w.finish().await;
}

#[tokio::test]
async fn an_answer_that_is_held_is_taken_back_in_chat() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let program = w.program(ALICE, ALL, &[]).await;
    let path = format!("/tickets/{}/answers", case.number);
    for way in ["!undo", "❌"] {
        program.post(&path, json!({ "text": "Unplug it.", "state": "closed" })).await.json(201);
        w.settle().await;
        assert_eq!(w.card(&case), "closed successful, customer told");
        let (event, _) = w.newest_post(&case);
        if way == "❌" {
            w.react(BOB, &case.room, &event, way).await;
        } else {
            w.say(ALICE, &case, way).await.done();
        }
        assert_eq!(w.card(&case), "new · 🔒 @alice:desk.test", "{way}: and so is the closing");
        assert_eq!(w.marks(&case.room, &event), "❌", "{way}");
    }
    w.pass(HOLD).await;
    assert_eq!(w.outbox().len(), 1, "the acknowledgement alone");
    w.finish().await;
}

#[tokio::test]
async fn what_becomes_of_an_answer_stands_at_the_message_that_shows_it() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let program = w.program(ALICE, ALL, &[]).await;
    let path = format!("/tickets/{}/answers", case.number);
    program.post(&path, json!({ "text": "Unplug it." })).await.json(201);
    w.settle().await;
    let (event, _) = w.newest_post(&case);
    w.pass(HOLD).await;
    assert_eq!(w.marks(&case.room, &event), "✉️");
    // And one that does not arrive opens what it closed, and calls who wrote it.
    w.mailer.will(Delivery::Refused { why: "550 no such user".to_owned() });
    program.post(&path, json!({ "text": "Is it well?", "state": "closed" })).await.json(201);
    w.settle().await;
    let (event, _) = w.newest_post(&case);
    w.pass(HOLD).await;
    assert_eq!(w.marks(&case.room, &event), "❌");
    assert_eq!(w.card(&case), "open · nobody's");
    let (_, post) = w.newest_post(&case);
    assert!(post.text.contains("550 no such user") && post.mentions == [user(ALICE)], "{post:?}");
    w.finish().await;
}

#[tokio::test]
async fn an_answer_that_nobody_could_see_yet_is_undone_all_the_same() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let program = w.program(ALICE, ALL, &[]).await;
    let path = format!("/tickets/{}/answers", case.number);
    // Matrix is away: nothing is shown, and the mail is refused.
    w.mailer.will(Delivery::Refused { why: "550 no such user".to_owned() });
    program.post(&path, json!({ "text": "Is it well?", "state": "closed" })).await.json(201);
    w.wait(HOLD).await;
    w.run_mail().await;
    w.settle().await;
    assert_eq!(w.card(&case), "open · nobody's", "it is open again");
    assert!(w.thread(&case).iter().any(|(_, post)| post.text.contains("550 no such user")));
    w.finish().await;
}

#[tokio::test]
async fn somebody_elses_lock_refuses_it_with_the_owner() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.say(BOB, &case, "!lock").await.done();
    let program = w.program(ALICE, ALL, &[]).await;
    let path = format!("/tickets/{}", case.number);
    for refused in [
        program.post(&format!("{path}/answers"), json!({ "text": "Hello" })).await,
        program.post(&format!("{path}/lock"), json!({})).await,
        program.post(&format!("{path}/unlock"), json!({})).await,
        program.patch(&path, json!({ "subject": "Another", "state": "closed" })).await,
    ] {
        let problem = refused.refused(409, "ticket");
        assert_eq!(problem["detail"], json!(format!("{BOB} has locked this ticket.")));
    }
    assert_eq!(program.get(&path).await.json(200)["subject"], json!("It smokes"), "all or nothing");
    assert_eq!(w.rows("select text from article where kind = 'answer'").await, Vec::<String>::new());
    let admin = w.program(ROOT, ALL, &[]).await;
    assert_eq!(admin.post(&format!("{path}/unlock"), json!({})).await.json(200)["locked"], json!(false));
    w.settle().await;
    w.finish().await;
}

#[tokio::test]
async fn a_ticket_is_made_with_a_note_or_with_a_mail() {
    let w = World::new().await;
    let program = w.program(ALICE, ALL, &[]).await;
    let new = json!({ "queue": "support", "customer": "zoe@customer.test", "subject": " The\n pump  leaks ", "priority": 5,
                      "tags": ["Pump", "#leak"], "note": { "text": "She called." } });
    let answered = program.post("/tickets", new).await;
    let made = answered.json(201);
    let number = made["ticket"]["number"].as_str().expect("a number").to_owned();
    assert_eq!(answered.header("location"), format!("/api/v1/tickets/{number}"));
    assert_eq!(answered.header("etag"), program.get(&format!("/tickets/{number}")).await.header("etag"));
    assert_eq!(made["ticket"]["subject"], json!("The pump leaks"));
    assert_eq!((&made["ticket"]["state"], &made["ticket"]["owner"]), (&json!("new"), &json!(null)));
    assert_eq!((&made["ticket"]["priority"], &made["ticket"]["tags"]), (&json!(5), &json!(["leak", "pump"])));
    w.settle().await;
    assert!(w.outbox().is_empty(), "a note mails nobody");
    let case = w.only_case().await;
    assert!(w.thread(&case).iter().any(|(_, post)| post.text.contains("She called.")), "{}", w.transcript(&case.room));
    let new = json!({ "queue": "billing", "customer": "zoe@customer.test", "subject": "Your bill", "answer": { "text": "Here it is." } });
    let made = program.post("/tickets", new).await.json(201);
    assert_eq!((&made["ticket"]["state"], &made["ticket"]["owner"]), (&json!("open"), &json!(ALICE)));
    w.settle().await;
    w.pass(HOLD).await;
    assert!(w.newest_mail().source.contains("Here it is."));
    for (wrong, code) in [
        (json!({ "queue": "support", "customer": "zoe@customer.test", "subject": "x" }), "wrong"),
        (json!({ "queue": "support", "customer": "nobody", "subject": "x", "note": { "text": "x" } }), "wrong"),
        (
            json!({ "queue": "support", "customer": "zoe@customer.test", "subject": " ", "note": { "text": "x" } }),
            "wrong",
        ),
        (
            json!({ "queue": "nowhere", "customer": "zoe@customer.test", "subject": "x", "note": { "text": "x" } }),
            "queue",
        ),
        (
            json!({ "queue": "support", "customer": "billing@desk.test", "subject": "x", "note": { "text": "x" } }),
            "own_address",
        ),
        (
            json!({ "queue": "support", "customer": "zoe@customer.test", "subject": "x", "note": { "text": "x" }, "priority": 6 }),
            "wrong",
        ),
    ] {
        program.post("/tickets", wrong).await.refused(422, code);
    }
    assert_eq!(w.count("select count(*) from ticket").await, 2);
    w.finish().await;
}

#[tokio::test]
async fn each_member_of_a_change_is_done_and_what_is_so_stays_so() {
    let w = World::new().await;
    let (case, other) = (w.ticket("It smokes").await, w.ticket("It still smokes").await);
    let program = w.program(ALICE, ALL, &[]).await;
    let path = format!("/tickets/{}", case.number);
    for (change, member, becomes) in [
        (json!({ "priority": 5 }), "priority", json!(5)),
        (json!({ "tags": ["vip", "Printer"] }), "tags", json!(["printer", "vip"])),
        (json!({ "tags": ["vip"] }), "tags", json!(["vip"])),
        (json!({ "subject": "Smoke" }), "subject", json!("Smoke")),
        (json!({ "link": other.number }), "priority", json!(5)),
        (json!({ "owner": BOB }), "owner", json!(BOB)),
        (json!({ "owner": "me" }), "owner", json!(ALICE)),
        (json!({ "state": "open" }), "state", json!("open")),
        (
            json!({ "state": "pending rem", "pending_until": "2026-12-01T09:00:00Z" }),
            "pending_until",
            json!("2026-12-01T09:00:00Z"),
        ),
        (json!({ "state": "closed" }), "state", json!("closed successful")),
        (json!({ "owner": null }), "owner", json!(null)),
        (json!({ "state": "open" }), "state", json!("open")),
        (json!({ "owner": null }), "locked", json!(false)),
        (json!({ "queue": "billing", "priority": 3 }), "queue", json!("billing")),
    ] {
        for times in ["once", "twice"] {
            let ticket = program.patch(&path, change.clone()).await.json(200);
            assert_eq!(ticket[member], becomes, "{times}: {change}");
        }
        w.settle().await;
    }
    let said = w.rows("select kind from ticket_event where ticket_id = 1 order by ticket_event_id").await;
    let once = |kind: &str| said.iter().filter(|said| *said == kind).count();
    assert_eq!((once("priority_changed"), once("linked"), once("queue_changed")), (2, 1, 1), "{said:?}");
    let moved = w.where_it_is(&case).await;
    assert_eq!(w.card(&moved), "open · nobody's");
    for (wrong, status) in [
        (json!({ "priority": 0 }), 422),
        (json!({ "tags": ["a b"] }), 422),
        (json!({ "state": "merged" }), 422),
        (json!({ "state": "nonsense" }), 422),
        (json!({ "state": "pending reminder" }), 422),
        (json!({ "state": "pending reminder", "pending_until": "2020-01-01T00:00:00Z" }), 422),
        (json!({ "pending_until": "2027-01-01T00:00:00Z" }), 422),
        (json!({ "owner": "@nobody:desk.test" }), 422),
        (json!({ "link": case.number }), 422),
        (json!({ "link": "20200101100000019999" }), 404),
        (json!({ "lock": true }), 422),
        (json!({ "subject": "a\u{0}b" }), 422),
        (json!([]), 422),
    ] {
        assert_eq!(program.patch(&path, wrong.clone()).await.status, status, "{wrong}");
    }
    w.pass(Duration::from_hours(24 * 9)).await;
    w.finish().await;
}

#[tokio::test]
async fn nobody_changes_what_somebody_else_has_changed() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let program = w.program(ALICE, ALL, &[]).await;
    let path = format!("/tickets/{}", case.number);
    let seen = program.get(&path).await.header("etag").to_owned();
    assert!(seen.starts_with('"') && seen.ends_with('"'), "{seen}");
    assert_eq!(program.with("if-none-match", &seen).get(&path).await.status, 304);
    w.say(BOB, &case, "!priority 5").await.done();
    assert_eq!(program.with("if-none-match", &seen).get(&path).await.status, 200);
    let mine = program.with("if-match", &seen);
    mine.patch(&path, json!({ "priority": 1 })).await.refused(412, "changed");
    assert_eq!(w.count("select priority from ticket").await, 5);
    let now = program.get(&path).await.header("etag").to_owned();
    let changed = program.with("if-match", &format!("\"other\", {now}")).patch(&path, json!({ "priority": 1 })).await;
    assert_eq!(changed.json(200)["priority"], json!(1));
    assert_eq!(changed.header("etag"), program.get(&path).await.header("etag"), "the one that it has now");
    assert_eq!(program.with("if-match", "*").patch(&path, json!({ "priority": 2 })).await.status, 200);
    w.settle().await;
    w.finish().await;
}

#[tokio::test]
async fn promised_times_are_those_of_the_change() {
    let w = World::new().await;
    w.sql("update queue set first_within = 60").await;
    let case = w.ticket("It smokes").await;
    let program = w.program(ALICE, ALL, &[]).await;
    let path = format!("/tickets/{}", case.number);
    assert_ne!(program.get(&path).await.json(200)["due"]["first"], json!(null));
    let closed = program.patch(&path, json!({ "state": "closed" })).await;
    assert_eq!(closed.json(200)["due"]["first"], json!(null), "nothing is due of a closed one");
    assert_eq!(closed.header("etag"), program.get(&path).await.header("etag"));
    for _ in 0..2 {
        w.pass(Duration::from_hours(2)).await;
    }
    w.finish().await;
}

#[tokio::test]
async fn a_merged_tickets_number_leads_on() {
    let w = World::new().await;
    let (old, new) = (w.ticket("It smokes").await, w.ticket("It still smokes").await);
    w.say(ALICE, &old, "The first").await;
    w.say(ALICE, &old, &format!("!merge {}", new.number)).await.done();
    let program = w.program(ALICE, ALL, &[]).await;
    let (old_path, new_path) = (format!("/tickets/{}", old.number), format!("/tickets/{}", new.number));
    let (led, direct) = (program.get(&old_path).await, program.get(&new_path).await);
    assert_eq!(led.json(200)["number"], json!(new.number));
    assert_eq!((&led.json(200)["merged_into"], &direct.json(200)["merged_into"]), (&json!(new.number), &json!(null)));
    assert_eq!(led.header("etag"), direct.header("etag"), "one ticket, one version");
    program.post(&format!("{old_path}/notes"), json!({ "text": "The second" })).await.json(201);
    assert_eq!(program.patch(&old_path, json!({ "priority": 5 })).await.json(200)["number"], json!(new.number));
    let articles = program.get(&format!("{old_path}/articles")).await.json(200);
    let notes: Vec<_> =
        articles["articles"].as_array().expect("articles").iter().filter(|one| one["kind"] == "note").collect();
    assert_eq!(notes.len(), 2, "{articles}");
    assert_eq!((&notes[0]["ticket"], &notes[1]["ticket"]), (&json!(old.number), &json!(new.number)));
    let list = program.get("/tickets?state=merged").await.json(200);
    assert_eq!(list["tickets"][0]["merged_into"], json!(new.number));
    w.settle().await;
    w.finish().await;
}

#[tokio::test]
async fn files_held_mails_and_what_was_taken_back() {
    let w = World::new().await;
    let mail =
        Eml::new(CAROL, "It smokes", "Look.").files(&[("smöke 1.txt", "text/html", "PHNjcmlwdD5tdWNoPC9zY3JpcHQ+")]);
    let case = w.case_of(w.deliver(&mail).await).await;
    let program = w.program(ALICE, ALL, &[]).await;
    let path = format!("/tickets/{}/articles", case.number);
    let articles = program.get(&path).await.json(200);
    let file = articles["articles"][0]["files"][0].clone();
    assert_eq!((&file["position"], &file["type"]), (&json!(1), &json!("text/html")));
    let url = file["url"].as_str().expect("a place").strip_prefix("/api/v1").expect("ours");
    let bytes = program.get(url).await;
    assert_eq!((bytes.status, &bytes.bytes[..]), (200, &b"<script>much</script>"[..]));
    assert!(
        bytes.header("content-disposition").starts_with("attachment; filename*=UTF-8''sm%C3%B6ke"),
        "{:?}",
        bytes.headers
    );
    assert!(bytes.header("content-security-policy").starts_with("sandbox"));
    assert_eq!(bytes.header("x-content-type-options"), "nosniff");
    for nothing in
        ["/articles/1/files/2", "/articles/99/files/1", "/articles/x/files/1", "/articles/1/files/99999999999999999999"]
    {
        assert_eq!(program.get(nothing).await.status, 404, "{nothing}");
    }
    // A stranger's mail is held, and an agent sees it as that.
    let held = Eml::new("eve@elsewhere.test", &format!("Re: [Ticket#{}]", case.number), "Let me in.");
    w.deliver(&held).await;
    let note = w.say(ALICE, &case, "A slip").await;
    w.redact(ALICE, &note).await;
    let articles = program.get(&path).await.json(200);
    let shown: Vec<_> = articles["articles"]
        .as_array()
        .expect("articles")
        .iter()
        .map(|one| format!("{} {}", one["kind"].as_str().expect("a kind"), one["visibility"].as_str().expect("a word")))
        .collect();
    assert_eq!(shown, ["mail customer", "automatic customer", "mail held"], "what was taken back is not there");
    w.finish().await;
}

#[tokio::test]
async fn what_cannot_be_read_is_said_so() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let program = w.program(ALICE, ALL, &[]).await;
    let path = format!("/tickets/{}/notes", case.number);
    program.send(&Method::POST, &path, Body::from("{\"text\": ")).await.refused(400, "unreadable");
    program.send(&Method::POST, &path, Body::from("{}")).await.refused(422, "wrong");
    program.send(&Method::POST, &path, Body::from("{\"text\": \" \"}")).await.refused(422, "wrong");
    program.send(&Method::POST, &path, Body::from("{\"text\": \"x\", \"customer\": true}")).await.refused(422, "wrong");
    program.send(&Method::POST, &path, Body::from("[".repeat(100_000))).await.refused(400, "unreadable");
    program.post(&path, json!({ "text": "x".repeat(65_537) })).await.refused(422, "wrong");
    program.send(&Method::POST, &path, Body::from(vec![b' '; (1 << 20) + 1])).await.refused(413, "too_large");
    program.with("content-type", "text/plain").get("/tickets").await.json(200);
    program.get("/nothing").await.refused(404, "not_found");
    program.get("/tickets/12").await.refused(404, "not_found");
    program.get("/tickets/%ff").await.refused(404, "not_found");
    program.get("/tickets/20261123100000999").await.refused(404, "no_ticket");
    program.send(&Method::DELETE, "/tickets", Body::empty()).await.refused(405, "method");
    assert_eq!(w.count("select count(*) from article where kind = 'note'").await, 0);
    w.finish().await;
}

/// What contract and documentation promise.
const ROUTES: [&str; 13] = [
    "GET /articles/{id}/files/{position}",
    "GET /events",
    "GET /openapi.json",
    "GET /tickets",
    "GET /tickets/{number}",
    "GET /tickets/{number}/articles",
    "PATCH /tickets/{number}",
    "POST /hooks/alert/{token}",
    "POST /tickets",
    "POST /tickets/{number}/answers",
    "POST /tickets/{number}/lock",
    "POST /tickets/{number}/notes",
    "POST /tickets/{number}/unlock",
];

/// Whether it says what is answered without a good token.
fn is_guarded(path: &str, about: &Value) -> bool {
    let status = if path.starts_with("/hooks/") { "404" } else { "401" };
    about["responses"][status].is_object()
}

#[tokio::test]
async fn the_description_is_what_is_served() {
    let w = World::new().await;
    let document: Value = serde_json::from_str(&api::document()).expect("JSON");
    let mut described = BTreeSet::from(["GET /openapi.json".to_owned()]);
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for (method, about) in methods.as_object().expect("methods") {
            described.insert(format!("{} {path}", method.to_uppercase()));
            assert!(about["summary"].is_string() && is_guarded(path, about), "{method} {path}: {about}");
        }
    }
    assert_eq!(described, ROUTES.map(str::to_owned).into());
    let nobody = w.program_with("", std::num::NonZeroU32::MAX);
    let served = nobody.get("/openapi.json").await;
    assert_eq!(served.json(200), document);
    for route in ROUTES.iter().filter(|route| !route.ends_with("json")) {
        let (method, path) = route.split_once(' ').expect("two words");
        let method: Method = method.parse().expect("a method");
        let path = path.replace("{number}", "20261123100000018").replace("{id}", "1").replace("{position}", "1");
        let status = if path.starts_with("/hooks/") { 404 } else { 401 };
        assert_eq!(nobody.send(&method, &path, Body::from("{}")).await.status, status, "{route}");
        let other = nobody.send(&Method::TRACE, &path, Body::empty()).await;
        assert_eq!(other.status, 405, "{route} alone");
    }
    let schemas = document["components"]["schemas"].as_object().expect("schemas");
    for name in ["Ticket", "Tickets", "Article", "Articles", "Problem", "NewTicket", "NewNote", "NewAnswer", "Change"] {
        assert!(schemas.contains_key(name), "{name} is not among {:?}", schemas.keys().collect::<Vec<_>>());
    }
    let text = document.to_string();
    for reference in text.split("\"#/components/schemas/").skip(1) {
        let name = reference.split('"').next().expect("a name");
        assert!(schemas.contains_key(name), "{name} is not described");
    }
    w.finish().await;
}
