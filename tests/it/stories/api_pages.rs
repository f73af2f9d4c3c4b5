//! Lists of tickets for programs.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::world::{ALICE, BOB, CAROL, DAVE, Eml, Program, ROOT, World};

fn numbers(list: &Value) -> Vec<String> {
    let tickets = list["tickets"].as_array().expect("tickets");
    tickets.iter().map(|ticket| ticket["number"].as_str().expect("a number").to_owned()).collect()
}

async fn list(program: &Program, query: &str) -> Vec<String> {
    numbers(&program.get(&format!("/tickets{query}")).await.json(200))
}

#[tokio::test]
async fn nobody_is_missed_and_nobody_comes_twice_while_tickets_change() {
    let w = World::new().await;
    for n in 0..40 {
        let to = if n % 3 == 0 { "billing@desk.test" } else { "support@desk.test" };
        w.deliver(&Eml::new(&format!("c{n}@customer.test"), &format!("Case {n}"), "x").to(to)).await;
    }
    let program = w.program(ROOT, "read,write", &[]).await;
    let before: HashSet<String> = w.rows("select number from ticket").await.into_iter().collect();
    let (mut seen, mut path) = (Vec::new(), "/tickets?limit=7".to_owned());
    loop {
        let answered = program.get(&path).await;
        let page = answered.json(200);
        seen.extend(numbers(&page));
        let Some(next) = page["next"].as_str() else { break };
        let link = answered.header("link");
        assert!(link.contains(&format!("after={next}")) && link.ends_with("; rel=\"next\""), "{link}");
        path = link.trim_start_matches("</api/v1").split('>').next().expect("an address").to_owned();
        // Meanwhile the first and the last are closed and moved, and there is a new one.
        for number in [&seen[0], before.iter().find(|number| !seen.contains(number)).expect("one that is to come")] {
            let change = json!({ "queue": "billing", "priority": 1 + seen.len() % 5, "state": "closed" });
            program.patch(&format!("/tickets/{number}"), change).await.json(200);
        }
        let new = json!({ "queue": "support", "customer": CAROL, "subject": "New", "note": { "text": "x" } });
        program.post("/tickets", new).await.json(201);
    }
    let once: HashSet<String> = seen.iter().cloned().collect();
    assert_eq!(once.len(), seen.len(), "one came twice");
    assert_eq!(once, before, "all that were there when it began, and no other");
    w.settle().await;
    w.finish().await;
}

#[tokio::test]
async fn a_list_is_narrowed() {
    let w = World::new().await;
    let (first, second) = (w.ticket("It smokes").await, w.ticket("The pump leaks").await);
    let bill = w.case_of(w.deliver(&Eml::new(DAVE, "A bill", "How much?").to("billing@desk.test")).await).await;
    w.say(ALICE, &first, "!lock").await.done();
    w.say(BOB, &second, "!close").await.done();
    let program = w.program(ALICE, "read", &[]).await;
    let all = [&bill, &second, &first].map(|case| case.number.clone());
    assert_eq!(list(&program, "").await, all, "the youngest first");
    assert_eq!(list(&program, "?queue=&state=&owner=&customer=&q=&after=&limit=").await, all);
    for (query, found) in [
        ("?queue=billing", vec![&bill]),
        ("?state=new", vec![&bill, &first]),
        ("?state=closed", vec![&second]),
        ("?state=closed,new&queue=support", vec![&second, &first]),
        ("?owner=me", vec![&first]),
        ("?owner=@alice:desk.test&queue=billing", vec![]),
        ("?owner=none", vec![&bill, &second]),
        ("?owner=none&customer=carol@customer.test", vec![&second]),
        ("?customer=CAROL@customer.test", vec![&second, &first]),
        ("?customer=nobody@customer.test", vec![]),
        ("?q=pump", vec![&second]),
        ("?q=%22it+smokes%22", vec![&second, &first]),
        ("?q=smokes&owner=me", vec![&first]),
        ("?q=pump&state=new", vec![]),
        ("?q=smokes+-pump", vec![&first]),
        ("?q=nobodywrotethis", vec![]),
    ] {
        let found: Vec<String> = found.into_iter().map(|case| case.number.clone()).collect();
        let mut listed = list(&program, query).await;
        if query.starts_with("?q=%22") {
            // The best come first, and these are alike.
            listed.sort_by_key(|number| std::cmp::Reverse(number.clone()));
        }
        assert_eq!(listed, found, "{query}");
    }
    w.finish().await;
}

#[tokio::test]
async fn what_is_found_comes_in_pages() {
    let w = World::new().await;
    for n in 0..5 {
        w.deliver(&Eml::new(&format!("c{n}@customer.test"), "It smokes", "x")).await;
    }
    let program = w.program(ALICE, "read", &[]).await;
    let (mut seen, mut query) = (Vec::new(), "?q=smokes&limit=2".to_owned());
    for _ in 0..3 {
        let page = program.get(&format!("/tickets{query}")).await.json(200);
        seen.extend(numbers(&page));
        let Some(next) = page["next"].as_str() else { break };
        query = format!("?q=smokes&limit=2&after={next}");
    }
    let once: HashSet<String> = seen.iter().cloned().collect();
    assert_eq!((seen.len(), once.len()), (5, 5));
    w.finish().await;
}

#[tokio::test]
async fn articles_come_in_pages() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    for n in 0..6 {
        w.say(ALICE, &case, &format!("Note {n}")).await;
    }
    let program = w.program(ALICE, "read", &[]).await;
    let (mut texts, mut path) = (Vec::new(), format!("/tickets/{}/articles?limit=3", case.number));
    loop {
        let answered = program.get(&path).await;
        let page = answered.json(200);
        texts.extend(page["articles"].as_array().expect("articles").iter().map(|article| article["text"].clone()));
        if page["next"].is_null() {
            break;
        }
        path = answered.header("link").trim_start_matches("</api/v1").split('>').next().expect("an address").to_owned();
    }
    assert_eq!(texts.len(), 8, "mail, acknowledgement, notes");
    assert_eq!(texts[2..], (0..6).map(|n| json!(format!("Note {n}"))).collect::<Vec<_>>()[..]);
    w.finish().await;
}

#[tokio::test]
async fn what_happened_is_read_once_and_in_its_order() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.say(ALICE, &case, "!lock").await.done();
    w.desk.tell_events().await.expect("numbers");
    let program = w.program(ALICE, "read", &[]).await;
    let first = program.get("/events?limit=1").await.json(200);
    assert_eq!(first["events"][0]["type"], json!("ticket.created"));
    assert_eq!(first["events"][0]["ticket"]["number"], json!(case.number));
    let mut topics = Vec::new();
    let mut path = format!("/events?after={}", first["next"]);
    for turn in 0..2 {
        let page = program.get(&path).await.json(200);
        topics.extend(page["events"].as_array().expect("events").iter().map(|event| event["type"].clone()));
        path = format!("/events?after={}", page["next"]);
        if turn == 0 {
            assert_eq!(program.get(&path).await.json(200)["events"], json!([]), "nothing new");
            w.say(ALICE, &case, "!close").await.done();
            w.desk.tell_events().await.expect("numbers");
        }
    }
    assert!(topics.contains(&json!("ticket.closed")), "{topics:?}");
    assert_eq!(topics.iter().filter(|topic| **topic == "ticket.created").count(), 0);
    for query in ["after=-1", "after=x", "limit=0", "limit=201", "queue=support"] {
        program.get(&format!("/events?{query}")).await.refused(400, "unreadable");
    }
    w.finish().await;
}

#[tokio::test]
async fn what_is_too_much_or_unknown_is_refused() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let program = w.program(ALICE, "read", &[]).await;
    let cursor = data_encoding::BASE64URL_NOPAD.encode(b"a17");
    for query in [
        "limit=201",
        "limit=0",
        "limit=-1",
        "limit=x",
        "limit=99999999999999999999",
        "page=2",
        "limit=5&limit=6",
        "after=x",
        &format!("after={cursor}"),
        &format!("q=smokes&after={cursor}"),
        "q=%00",
        "q=%ff",
    ] {
        program.get(&format!("/tickets?{query}")).await.refused(400, "unreadable");
    }
    for query in [
        "queue=nowhere",
        "state=nonsense",
        "owner=@nobody:desk.test",
        "customer=x",
        "q=state:nonsense",
        "q=x&owner=none",
    ] {
        assert_eq!(program.get(&format!("/tickets?{query}")).await.status, 422, "{query}");
    }
    assert_eq!(program.get(&format!("/tickets/{}/articles?limit=201", case.number)).await.status, 400);
    w.finish().await;
}
