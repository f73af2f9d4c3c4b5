//! Tokens: what a program may do in an agent's name, and what not.

use std::num::NonZeroU32;

use axum::body::Body;
use axum::http::Method;
use serde_json::{Value, json};
use ticketloom::admin::{AgentCommand, Command, TokenCommand};
use ticketloom::domain::id::UserId;

use super::world::{ALICE, BOB, CAROL, Case, Eml, HOLD, Program, ROOT, Returned, STRANGER, WALTER, World, user};

const ALL: &str = "read,note,write,mail";

/// What a program may want of a ticket: method, path, body, and the scopes that it takes.
fn wishes(case: &Case) -> Vec<(Method, String, Value, &'static str)> {
    let ticket = format!("/tickets/{}", case.number);
    let new = |first: Value| {
        let mut new = json!({ "queue": "support", "customer": "zoe@customer.test", "subject": "New" });
        new.as_object_mut().expect("an object").extend(first.as_object().expect("an object").clone());
        new
    };
    vec![
        (Method::GET, "/tickets".to_owned(), json!(null), "read"),
        (Method::GET, ticket.clone(), json!(null), "read"),
        (Method::GET, format!("{ticket}/articles"), json!(null), "read"),
        (Method::GET, "/articles/1/files/1".to_owned(), json!(null), "read"),
        (Method::GET, "/events".to_owned(), json!(null), "read"),
        (Method::POST, format!("{ticket}/notes"), json!({ "text": "A note" }), "note"),
        (Method::POST, format!("{ticket}/lock"), json!({}), "write"),
        (Method::POST, format!("{ticket}/unlock"), json!({}), "write"),
        (Method::PATCH, ticket.clone(), json!({ "priority": 4 }), "write"),
        (Method::POST, "/tickets".to_owned(), new(json!({ "note": { "text": "A note" } })), "write"),
        (Method::POST, format!("{ticket}/answers"), json!({ "text": "Hello" }), "mail"),
        (Method::POST, "/tickets".to_owned(), new(json!({ "answer": { "text": "Hello" } })), "write,mail"),
    ]
}

async fn wish(program: &Program, (method, path, body, _): &(Method, String, Value, &str)) -> Returned {
    let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
    program.send(method, path, body).await
}

async fn with_a_file(w: &World) -> Case {
    let mail = Eml::new(CAROL, "It smokes", "Look.").files(&[("smoke.txt", "text/plain", "much")]);
    w.case_of(w.deliver(&mail).await).await
}

#[tokio::test]
async fn each_scope_is_for_its_own() {
    let w = World::new().await;
    let case = with_a_file(&w).await;
    for scopes in ["read", "note", "write", "mail", "write,mail", ALL] {
        let program = w.program(ALICE, scopes, &[]).await;
        for wanted in wishes(&case) {
            let may = wanted.3.split(',').all(|scope| scopes.split(',').any(|has| has == scope));
            let answered = wish(&program, &wanted).await;
            if may {
                assert!(answered.status < 300, "{scopes}: {wanted:?} {}", answered.status);
            } else {
                answered.refused(403, "scope");
            }
        }
    }
    w.settle().await;
    w.pass(HOLD).await;
    w.finish().await;
}

#[tokio::test]
async fn nothing_leaves_the_house_without_the_scope_mail() {
    let w = World::new().await;
    let case = with_a_file(&w).await;
    let mails = w.outbox().len();
    let program = w.program(ROOT, "read,note,write", &[]).await;
    for wanted in wishes(&case) {
        wish(&program, &wanted).await;
    }
    program.patch(&format!("/tickets/{}", case.number), json!({ "state": "closed" })).await.json(200);
    w.settle().await;
    w.pass(HOLD).await;
    assert_eq!(w.outbox().len(), mails, "not one");
    assert_eq!(w.count("select count(*) from letter where not automatic").await, 0);
    w.finish().await;
}

#[tokio::test]
async fn without_a_good_token_there_is_nothing() {
    let w = World::new().await;
    let case = with_a_file(&w).await;
    let good = w.program(ALICE, ALL, &[]).await;
    let often = NonZeroU32::MAX;
    let mut other = good.token.clone();
    let last = if other.ends_with('a') { "b" } else { "a" };
    other.replace_range(other.len() - 1.., last);
    let secret = good.token.rsplit('_').next().expect("a secret");
    let bobs = w.program(BOB, ALL, &[]).await.token;
    let bobs_id = bobs.split('_').nth(1).expect("an id").to_owned();
    for token in ["", "tl_", "x", &other, "tl_1_", "tl_999_abc", &format!("tl_{bobs_id}_{secret}")] {
        let program = w.program_with(token, often);
        for wanted in wishes(&case) {
            let answered = wish(&program, &wanted).await;
            answered.refused(401, "token");
            assert!(answered.header("www-authenticate").starts_with("Bearer"));
        }
    }
    assert_eq!(w.count("select count(*) from article where kind <> 'mail' and kind <> 'automatic'").await, 0);
    w.finish().await;
}

#[tokio::test]
async fn revoked_is_revoked_and_removed_is_removed() {
    let w = World::new().await;
    let case = with_a_file(&w).await;
    let (revoked, removed) = (w.program(ALICE, ALL, &[]).await, w.program(BOB, ALL, &[]).await);
    let path = format!("/tickets/{}", case.number);
    assert_eq!((revoked.get(&path).await.status, removed.get(&path).await.status), (200, 200));
    w.administer(Command::Token(TokenCommand::Revoke { id: 1 })).await.expect("revoked");
    w.administer(Command::Agent(AgentCommand::Remove { user: user(BOB) })).await.expect("removed");
    revoked.get(&path).await.refused(401, "token");
    removed.get(&path).await.refused(401, "token");
    let again = w.administer(Command::Token(TokenCommand::Revoke { id: 1 })).await;
    assert!(again.expect_err("it is").contains("no token 1"));
    w.settle().await;
    w.finish().await;
}

#[tokio::test]
async fn an_observer_reads_and_does_nothing() {
    let w = World::new().await;
    let case = with_a_file(&w).await;
    let changes = w.count("select count(*) from ticket_event").await;
    let program = w.program(WALTER, ALL, &[]).await;
    for wanted in wishes(&case) {
        let answered = wish(&program, &wanted).await;
        if wanted.3 == "read" {
            assert_eq!(answered.status, 200, "{wanted:?}");
        } else {
            answered.refused(403, "not_allowed");
        }
    }
    assert_eq!(w.count("select count(*) from ticket_event").await, changes);
    w.finish().await;
}

#[tokio::test]
async fn another_queues_ticket_is_not_there() {
    let w = World::new().await;
    let case = with_a_file(&w).await;
    let bills = w.deliver(&Eml::new(CAROL, "A bill", "How much?").to("billing@desk.test")).await;
    let bill = w.case_of(bills).await;
    w.desk.tell_events().await.expect("numbers");
    let changes = w.count("select count(*) from ticket_event").await;
    w.administer(Command::Agent(AgentCommand::Add {
        user: user(BOB),
        role: ticketloom::domain::queue::Role::Agent,
        queues: vec!["billing".to_owned()],
        mail: None,
    }))
    .await
    .expect("confined");
    // By the token's queues, and by its agent's.
    for program in [w.program(ALICE, ALL, &["billing"]).await, w.program(BOB, ALL, &[]).await] {
        for wanted in wishes(&case) {
            let answered = wish(&program, &wanted).await;
            match (wanted.0.as_str(), wanted.1.as_str()) {
                ("GET", "/tickets") => {
                    let list = answered.json(200);
                    assert_eq!(list["tickets"].as_array().map(Vec::len), Some(1), "{list}");
                    assert_eq!(list["tickets"][0]["number"], json!(bill.number));
                }
                ("GET", "/events") => {
                    let list = answered.json(200);
                    let events = list["events"].as_array().expect("events");
                    assert!(events.iter().all(|event| event["ticket"]["number"] == json!(bill.number)), "{list}");
                    assert!(!events.is_empty());
                }
                ("POST", "/tickets") => drop(answered.refused(422, "queue")),
                _ => assert_eq!(answered.status, 404, "{wanted:?}"),
            }
        }
        let own = format!("/tickets/{}", bill.number);
        program.patch(&own, json!({ "queue": "support" })).await.refused(422, "queue");
        program.patch(&own, json!({ "link": case.number })).await.refused(404, "no_ticket");
        program.get("/tickets?queue=support").await.refused(422, "queue");
        let found = program.get("/tickets?q=smokes").await.json(200);
        assert_eq!(found["tickets"], json!([]), "what is found is not theirs");
    }
    assert_eq!(w.count("select count(*) from ticket_event").await, changes);
    let nowhere = TokenCommand::Add {
        agent: user(BOB),
        scopes: vec![ticketloom::domain::api_token::Scope::Read],
        queues: vec!["support".to_owned()],
    };
    let said = w.administer(Command::Token(nowhere)).await.expect_err("Bob works elsewhere");
    assert!(said.contains("works in none"), "{said}");
    w.settle().await;
    w.finish().await;
}

#[tokio::test]
async fn a_token_whose_queues_are_none_of_its_agents_any_more_is_good_for_nothing() {
    let w = World::new().await;
    with_a_file(&w).await;
    let program = w.program(BOB, ALL, &["support"]).await;
    assert_eq!(program.get("/tickets").await.json(200)["tickets"].as_array().map(Vec::len), Some(1));
    w.administer(Command::Agent(AgentCommand::Add {
        user: user(BOB),
        role: ticketloom::domain::queue::Role::Agent,
        queues: vec!["billing".to_owned()],
        mail: None,
    }))
    .await
    .expect("confined");
    program.get("/tickets").await.refused(401, "token");
    w.settle().await;
    w.finish().await;
}

#[tokio::test]
async fn nobody_keeps_a_secret() {
    let w = World::new().await;
    let program = w.program(ALICE, "read", &["support"]).await;
    let secret = program.token.rsplit('_').next().expect("a secret");
    assert!(secret.len() >= 50, "{secret}");
    let kept = w.rows("select row_to_json(api_token) || encode(digest, 'escape') from api_token").await;
    assert!(!kept[0].contains(secret), "{kept:?}");
    let listed = w.administer(Command::Token(TokenCommand::List { json: false })).await.expect("a list");
    assert_eq!(listed, format!("1 {ALICE} read in support, never used\n"));
    program.get("/tickets").await.json(200);
    w.tick(std::time::Duration::from_mins(59));
    program.get("/tickets").await.json(200);
    let listed = w.administer(Command::Token(TokenCommand::List { json: false })).await.expect("a list");
    assert_eq!(listed, format!("1 {ALICE} read in support, last used 2026-11-23 09:00 UTC\n"), "to the hour");
    let json = w.administer(Command::Token(TokenCommand::List { json: true })).await.expect("a list");
    assert!(!json.contains(secret) && json.contains("\"queues\": [\n      \"support\"\n    ]"), "{json}");
    let stranger = TokenCommand::Add { agent: UserId::parse(STRANGER).expect("an id"), scopes: vec![], queues: vec![] };
    assert!(w.administer(Command::Token(stranger)).await.expect_err("no agent").contains("is no agent"));
    w.finish().await;
}

#[tokio::test]
async fn who_asks_too_often_waits() {
    let w = World::new().await;
    let token = w.program(ALICE, "read", &[]).await.token;
    let program = w.program_with(&token, NonZeroU32::MIN);
    for _ in 0..2 {
        program.get("/tickets").await.json(200);
    }
    let answered = program.get("/tickets").await;
    answered.refused(429, "rate");
    let wait: u64 = answered.header("retry-after").parse().expect("seconds");
    assert!((1..=2).contains(&wait), "{wait}");
    let other = w.program(BOB, "read", &[]).await;
    other.get("/tickets").await.json(200);
    w.finish().await;
}

#[tokio::test]
async fn whoever_guesses_is_stopped_and_keeps_no_good_token_out() {
    let w = World::new().await;
    let program = w.program(ALICE, "read", &[]).await;
    program.get("/tickets").await.json(200);
    let mut guesses = 0;
    let stopped = loop {
        let guess = program.showing(&format!("tl_1_{guesses}")).get("/tickets").await;
        if guess.status != 401 {
            break guess;
        }
        guesses += 1;
        assert!(guesses < 1_000, "nobody stops it");
    };
    stopped.refused(429, "rate");
    assert!(stopped.header("retry-after").parse::<u64>().is_ok_and(|wait| wait > 0));
    // The good one was counted, too: nobody knew it before.
    assert!(guesses >= 59, "{guesses}");
    program.showing("").get("/openapi.json").await.json(200);
    program.get("/tickets").await.json(200);
    w.administer(Command::Token(TokenCommand::Revoke { id: 1 })).await.expect("revoked");
    program.get("/tickets").await.refused(401, "token");
    w.finish().await;
}
