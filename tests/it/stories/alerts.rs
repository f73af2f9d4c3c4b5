//! What Alertmanager and Grafana send becomes tickets.

use std::num::NonZeroU32;
use std::time::Duration;

use axum::body::Body;
use axum::http::Method;
use serde_json::{Value, json};
use ticketloom::admin::{Command, TokenCommand};

use super::world::{ALICE, CAROL, Case, Eml, HOLD, Program, Returned, World};

const FIRING: &str = include_str!("../alerts/alertmanager-firing.json");
const RESOLVED: &str = include_str!("../alerts/alertmanager-resolved.json");
const GRAFANA: &str = include_str!("../alerts/grafana-firing.json");
const GRAFANA_RESOLVED: &str = include_str!("../alerts/grafana-resolved.json");

/// Monitoring with a token for alerts.
struct Monitoring {
    program: Program,
    path: String,
}

impl Monitoring {
    async fn of(w: &World, queue: &str) -> Self {
        let said = w.administer(Command::Token(TokenCommand::Alerts { queue: queue.to_owned() })).await;
        let said = said.expect("a token");
        let path = said.lines().next().and_then(|line| line.strip_prefix("/api/v1")).expect("a path").to_owned();
        Self { program: w.program_with("", NonZeroU32::new(1_000).expect("some")), path }
    }

    async fn send(&self, body: &str) -> Returned {
        self.program.send(&Method::POST, &self.path, Body::from(body.to_owned())).await
    }

    /// What became of it, and the ticket's number.
    async fn tell(&self, body: &str) -> (String, String) {
        let answer = self.send(body).await.json(200);
        let word = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
        (word("became"), word("ticket"))
    }

    async fn became(&self, body: &str) -> String {
        self.tell(body).await.0
    }
}

/// The first sample with only its first alert firing.
fn one_left() -> String {
    let mut sent: Value = serde_json::from_str(FIRING).expect("JSON");
    sent["alerts"][1]["status"] = json!("resolved");
    sent.to_string()
}

/// The first sample, as another group.
fn group(name: &str) -> String {
    let mut sent: Value = serde_json::from_str(FIRING).expect("JSON");
    sent["groupKey"] = json!(format!("{{}}:{{alertname=\"{name}\"}}"));
    sent["groupLabels"]["alertname"] = json!(name);
    sent.to_string()
}

async fn case_of(w: &World, number: &str) -> Case {
    w.settle().await;
    w.case(&w.rows(&format!("select ticket_id::text from ticket where number = '{number}'")).await.concat()).await
}

async fn articles(w: &World) -> i64 {
    w.count("select count(*) from article where kind = 'alert'").await
}

#[tokio::test]
async fn a_group_is_a_ticket_that_says_what_fires_and_mails_nobody() {
    let w = World::new().await;
    let monitoring = Monitoring::of(&w, "support").await;
    let (became, number) = monitoring.tell(FIRING).await;
    assert_eq!(became, "opened");
    let case = case_of(&w, &number).await;
    let card = w.card_post(&case).text;
    for said in [
        "DiskWillFill: A disk will be full soon",
        "Alertmanager · no customer",
        "🔥 2 firing",
        "instance=db2.example.org:9100",
    ] {
        assert!(card.contains(said), "{said}: {card}");
    }
    assert!(!card.contains(".invalid"), "{card}");
    assert!(w.outbox().is_empty());
    let program = w.program(ALICE, "read", &[]).await;
    let articles = program.get(&format!("/tickets/{number}/articles")).await.json(200);
    let first = &articles["articles"][0];
    assert_eq!(
        (&first["kind"], &first["sender"], &first["visibility"]),
        (&json!("alert"), &json!("system"), &json!("internal"))
    );
    // There is nobody to write to, until an agent says whom it is for.
    w.say(ALICE, &case, "!answer We know").await.refused("has no customer");
    w.pass(HOLD).await;
    assert!(w.outbox().is_empty());
    w.say(ALICE, &case, &format!("!customer {CAROL}")).await.done();
    w.say(ALICE, &case, "!answer We know").await;
    w.pass(HOLD).await;
    assert_eq!(w.newest_mail().to, CAROL);
    assert!(!w.newest_mail().source.contains("db1.example.org"), "what monitoring says stays inside");
    w.finish().await;
}

#[tokio::test]
async fn what_is_sent_again_is_one_effect() {
    let w = World::new().await;
    let monitoring = Monitoring::of(&w, "support").await;
    let number = monitoring.tell(FIRING).await.1;
    for _ in 0..5 {
        assert_eq!(monitoring.tell(FIRING).await, ("repeated".to_owned(), number.clone()));
    }
    assert_eq!((articles(&w).await, w.count("select count(*) from ticket").await), (1, 1));
    assert_eq!(monitoring.became(&one_left()).await, "told");
    assert_eq!(monitoring.became(&one_left()).await, "repeated");
    let case = case_of(&w, &number).await;
    let (_, post) = w.newest_post(&case);
    assert!(post.text.contains("1 firing, 1 resolved") && post.text.contains("✅ DiskWillFill"), "{post:?}");
    assert!(w.card_post(&case).text.contains("🔥 1 firing"));
    assert_eq!(monitoring.became(FIRING).await, "told", "it fires again");
    assert_eq!(articles(&w).await, 3);
    w.settle().await;
    w.finish().await;
}

#[tokio::test]
async fn many_at_once_are_one_ticket() {
    let w = World::new().await;
    let monitoring = Monitoring::of(&w, "support").await;
    let (a, b, c) = tokio::join!(monitoring.tell(FIRING), monitoring.tell(FIRING), monitoring.tell(FIRING));
    let mut became = [a.0, b.0, c.0];
    became.sort_unstable();
    assert_eq!(became, ["opened", "repeated", "repeated"]);
    assert_eq!((articles(&w).await, w.count("select count(*) from ticket").await), (1, 1));
    w.settle().await;
    w.finish().await;
}

#[tokio::test]
async fn what_is_over_is_noted_or_closes_it_as_the_queue_wants() {
    let w = World::new().await;
    let monitoring = Monitoring::of(&w, "support").await;
    for (closes, became, card) in [(false, "told", "new · nobody's"), (true, "closed", "closed successful")] {
        w.sql(&format!("update queue set alerts_close = {closes}")).await;
        let number = monitoring.tell(&group(became)).await.1;
        let over = group(became).replace("\"firing\"", "\"resolved\"");
        assert_eq!(monitoring.tell(&over).await, (became.to_owned(), number.clone()));
        assert_eq!(monitoring.became(&over).await, "repeated");
        let case = case_of(&w, &number).await;
        assert_eq!(w.card(&case), card);
        assert!(w.card_post(&case).text.contains("nothing fires any more"));
    }
    assert_eq!(monitoring.became(RESOLVED).await, "nothing", "nobody had heard of it");
    assert!(w.outbox().is_empty());
    w.finish().await;
}

#[tokio::test]
async fn what_fires_in_a_closed_ticket_reopens_it_or_begins_another_one() {
    let w = World::new().await;
    let monitoring = Monitoring::of(&w, "support").await;
    let number = monitoring.tell(FIRING).await.1;
    let case = case_of(&w, &number).await;
    w.say(ALICE, &case, "!close It is known").await.done();
    assert_eq!(monitoring.became(FIRING).await, "repeated", "what was under way when it was closed opens nothing");
    assert_eq!(w.card(&case), "closed successful");
    w.pass(Duration::from_hours(4)).await;
    assert_eq!(monitoring.became(FIRING).await, "reopened");
    w.settle().await;
    assert_eq!(w.card(&case), "open · nobody's");
    assert!(w.newest_post(&case).1.text.contains("db1.example.org"), "{:?}", w.newest_post(&case));
    w.sql("update queue set closed_follow_up = 'new'").await;
    w.say(ALICE, &case, "!close").await.done();
    w.pass(Duration::from_hours(4)).await;
    let (became, other) = monitoring.tell(FIRING).await;
    assert!(became == "opened" && other != number, "{became}");
    let other = case_of(&w, &other).await;
    assert_eq!((w.card(&case), w.card(&other)), ("closed successful".to_owned(), "new · nobody's".to_owned()));
    assert!(w.newest_post(&case).1.text.contains(&other.number));
    assert_eq!(monitoring.became(FIRING).await, "repeated");
    w.finish().await;
}

#[tokio::test]
async fn grafana_s_are_taken_too_and_are_no_others() {
    let w = World::new().await;
    let monitoring = Monitoring::of(&w, "billing").await;
    let (became, number) = monitoring.tell(GRAFANA).await;
    assert_eq!(became, "opened");
    let case = case_of(&w, &number).await;
    assert_eq!(case.room, w.room("billing"));
    let card = w.card_post(&case).text;
    assert!(
        card.contains("High memory usage: web1 is running out of memory") && card.contains("Grafana · no customer"),
        "{card}"
    );
    w.sql("update queue set alerts_close = true").await;
    assert_eq!(monitoring.tell(GRAFANA_RESOLVED).await, ("closed".to_owned(), number));
    w.settle().await;
    assert_eq!(w.card(&case), "closed successful");
    w.finish().await;
}

#[tokio::test]
async fn only_a_good_token_brings_any() {
    let w = World::new().await;
    let monitoring = Monitoring::of(&w, "support").await;
    monitoring.tell(FIRING).await;
    let forged = Monitoring { path: format!("{}a", monitoring.path), program: w.program_with("", NonZeroU32::MIN) };
    forged.send(FIRING).await.refused(404, "token");
    // It is for nothing else, and no program's token is for that.
    let token = monitoring.path.rsplit('/').next().expect("a token").to_owned();
    w.program_with(&token, NonZeroU32::MAX).get("/tickets").await.refused(401, "token");
    let program = w.program(ALICE, "read,note,write,mail", &[]).await;
    let other = Monitoring { path: format!("/hooks/alert/{}", program.token), program };
    other.send(FIRING).await.refused(404, "token");
    let list = w.administer(Command::Token(TokenCommand::List { json: false })).await.expect("a list");
    assert!(list.starts_with("1 alerts into support, last used 2026-11-23 09:00 UTC\n"), "{list}");
    assert!(!list.contains(token.rsplit('_').next().expect("a secret")));
    assert_eq!(
        w.count("select count(*) from api_token where encode(digest, 'escape') like '%' || scopes::text || 'tl_%'")
            .await,
        0
    );
    // What takes its place goes on in the same ticket.
    w.administer(Command::Token(TokenCommand::Revoke { id: 1 })).await.expect("revoked");
    monitoring.send(FIRING).await.refused(404, "token");
    let next = Monitoring::of(&w, "support").await;
    assert_eq!(next.became(FIRING).await, "repeated");
    assert_eq!(next.became(&one_left()).await, "told");
    assert_eq!(w.count("select count(*) from ticket").await, 1);
    w.sql("update queue set archived = true").await;
    next.send(FIRING).await.refused(409, "archived");
    w.settle().await;
    w.finish().await;
}

#[tokio::test]
async fn what_is_too_much_is_to_be_sent_again() {
    let w = World::new().await;
    let monitoring = Monitoring::of(&w, "support").await;
    let slow = Monitoring { path: monitoring.path.clone(), program: w.program_with("", NonZeroU32::MIN) };
    slow.tell(FIRING).await;
    slow.tell(FIRING).await;
    let refused = slow.send(FIRING).await;
    refused.refused(503, "rate");
    assert!(refused.header("retry-after").parse::<u64>().is_ok_and(|wait| wait > 0));
    w.settle().await;
    w.finish().await;
}

#[tokio::test]
async fn a_storm_of_groups_is_no_flood_of_tickets() {
    let w = World::new().await;
    let monitoring = Monitoring::of(&w, "support").await;
    w.sql("update queue set alerts_close = true").await;
    let most = i64::from(super::world::BURST);
    let mut last = String::new();
    for n in 0..most {
        let (became, number) = monitoring.tell(&group(&format!("g{n}"))).await;
        assert_eq!(became, "opened");
        last = number;
    }
    for n in most..most + 3 {
        assert_eq!(monitoring.tell(&group(&format!("g{n}"))).await, ("told".to_owned(), last.clone()));
    }
    assert_eq!(w.count("select count(*) from ticket").await, most);
    // It is closed when none of them fires.
    for (n, became) in [(most - 1, "told"), (most, "told"), (most + 1, "told"), (most + 2, "closed")] {
        let over = group(&format!("g{n}")).replace("\"firing\"", "\"resolved\"");
        assert_eq!(monitoring.tell(&over).await, (became.to_owned(), last.clone()), "{n}");
    }
    w.settle().await;
    w.finish().await;
}

#[tokio::test]
async fn what_an_alert_says_is_foreign_text() {
    let w = World::new().await;
    let monitoring = Monitoring::of(&w, "support").await;
    let mut sent: Value = serde_json::from_str(FIRING).expect("JSON");
    sent["commonAnnotations"] = json!({ "summary": "!close @room <b>x</b>\u{0}" });
    sent["alerts"][0]["annotations"] =
        json!({ "description": "!close\n@alice:desk.test <img src=x>\n[x](https://evil.test)" });
    sent["alerts"][0]["generatorURL"] = json!("javascript:alert(1)");
    let number = monitoring.tell(&sent.to_string()).await.1;
    let case = case_of(&w, &number).await;
    let card = w.card_post(&case);
    assert_eq!(w.card(&case), "new · nobody's");
    assert!(card.mentions.is_empty() && !card.text.contains("javascript:"), "{card:?}");
    // Who says that they write from there takes no part.
    let mail = Eml::new("alertmanager@alerts.invalid", &format!("Re: [Ticket#{number}] x"), "Let me in");
    let held = w.fate(w.deliver(&mail).await).await;
    let joined = format!(
        "select count(*) from article where kind = 'mail' and visibility = 'customer' and ticket_id = {}",
        case.id
    );
    assert_eq!(w.count(&joined).await, 0, "{held}");
    w.finish().await;
}

#[tokio::test]
async fn what_can_t_be_read_is_refused_with_what_is_wrong() {
    let w = World::new().await;
    let monitoring = Monitoring::of(&w, "support").await;
    let without = |name: &str| {
        let mut sent: Value = serde_json::from_str(FIRING).expect("JSON");
        sent.as_object_mut().expect("an object").remove(name);
        sent.to_string()
    };
    let with = |name: &str, value: Value| {
        let mut sent: Value = serde_json::from_str(FIRING).expect("JSON");
        sent[name] = value;
        sent.to_string()
    };
    for (body, status, code, says) in [
        ("firing".to_owned(), 400, "unreadable", "JSON"),
        (without("groupKey"), 422, "wrong", "groupKey"),
        (without("alerts"), 422, "wrong", "alerts"),
        (with("alerts", json!([])), 422, "wrong", "alerts"),
        (with("status", json!("ok")), 422, "wrong", "status"),
        (with("groupKey", json!(" ")), 422, "wrong", "groupKey"),
        (with("x", json!("x".repeat(1 << 20))), 413, "too_large", "bytes"),
    ] {
        let refused = monitoring.send(&body).await.refused(status, code);
        assert!(refused["detail"].as_str().is_some_and(|detail| detail.contains(says)), "{refused}");
    }
    assert_eq!(w.count("select count(*) from ticket").await, 0);
    w.finish().await;
}

#[tokio::test]
async fn nobody_waits_for_an_answer_but_it_is_to_be_solved_in_time() {
    let w = World::new().await;
    w.sql("update queue set first_within = 60, update_within = 60, solution_within = 240").await;
    let monitoring = Monitoring::of(&w, "support").await;
    let number = monitoring.tell(FIRING).await.1;
    let program = w.program(ALICE, "read", &[]).await;
    let due = program.get(&format!("/tickets/{number}")).await.json(200)["due"].clone();
    assert_eq!(due, json!({ "first": null, "update": null, "solution": "2026-11-23T13:00:00Z" }));
    let mail = w.case_of(w.mail(CAROL, "It smokes", "x").await).await;
    let due = program.get(&format!("/tickets/{}", mail.number)).await.json(200)["due"].clone();
    assert_eq!(due["first"], json!("2026-11-23T10:00:00Z"), "somebody waits here");
    w.leave().await.drop_it().await;
}
