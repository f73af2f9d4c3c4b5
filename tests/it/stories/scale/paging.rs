//! Ten thousand tickets, paged through by a program while others change them.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::record;
use super::world::{ALICE, Program, ROOT, World};

/// Tickets of the record.
const TICKETS: u32 = 10_000;
/// How many of them are changed, and how many are made, while a page is read.
const STIRRED: usize = 3;

fn numbers(page: &Value) -> Vec<String> {
    let tickets = page["tickets"].as_array().expect("tickets");
    tickets.iter().map(|ticket| ticket["number"].as_str().expect("a number").to_owned()).collect()
}

/// Changes tickets everywhere in the list, and makes new ones; how many were changed.
async fn stir(program: &Program, tickets: &[String], page: usize) -> usize {
    let mut changed = 0;
    for n in page * STIRRED..(page + 1) * STIRRED {
        // 7,919 is prime to the count: each ticket once.
        let number = &tickets[n * 7_919 % tickets.len()];
        let queue = if n % 2 == 0 { "grown1" } else { "grown2" };
        let change = json!({ "queue": queue, "priority": 1 + n % 5, "subject": format!("Stirred {n}") });
        let status = program.patch(&format!("/tickets/{number}"), change).await.status;
        // What is locked by somebody, merged or removed is refused.
        assert!([200, 404, 409].contains(&status), "{number}: {status}");
        changed += usize::from(status == 200);
        let new =
            json!({ "queue": "grown1", "customer": "new@customer.test", "subject": "New", "note": { "text": "x" } });
        program.post("/tickets", new).await.json(201);
    }
    changed
}

#[tokio::test]
async fn ten_thousand_tickets_come_once_each_while_they_change() {
    let w = World::new().await;
    record::grow(&w, TICKETS).await;
    let before = w.rows("select number from ticket").await;
    let (reader, writer) = (w.program(ROOT, "read", &[]).await, w.program(ALICE, "read,write", &[]).await);
    let (mut seen, mut path) = (Vec::new(), "/tickets?limit=200".to_owned());
    let (mut pages, mut changed) = (0, 0);
    loop {
        // At the same time, so a page is read before, behind, or between them.
        let (page, stirred) = tokio::join!(reader.get(&path), stir(&writer, &before, pages));
        let page = page.json(200);
        (pages, changed) = (pages + 1, changed + stirred);
        seen.extend(numbers(&page));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/tickets?limit=200&after={next}");
    }
    assert!(pages >= 50 && changed > pages, "{changed} were changed while {pages} pages were read");
    let once: HashSet<&String> = seen.iter().collect();
    assert_eq!(once.len(), seen.len(), "one came twice");
    let missed: Vec<&String> = before.iter().filter(|number| !once.contains(number)).collect();
    assert!(missed.is_empty(), "{} of {} are missed: {missed:?}", missed.len(), before.len());
    w.leave().await.drop_it().await;
}
