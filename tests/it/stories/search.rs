//! Tickets are found by what was written in them.

use std::time::Duration;

use ticketloom::domain::queue::Role;

use super::world::{ALICE, BOB, CAROL, Case, DAVE, Eml, HOLD, World, user};

/// The subjects that are found, in their order.
async fn found(w: &World, who: &str, words: &str) -> Vec<String> {
    let told = w.say_in(who, &w.dm(who), &format!("!search {words}")).await;
    let answer = told.done().answer();
    // `SIGN SUBJECT · WHO · …`, and below it where it leads.
    let subject = |line: &str| Some(line.split_once(' ')?.1.split_once(" · ")?.0.to_owned());
    answer.lines().filter_map(|line| subject(line.trim_start_matches("- ").trim_start())).collect()
}

async fn mail(w: &World, from: &str, subject: &str, text: &str) -> Case {
    w.case_of(w.mail(from, subject, text).await).await
}

#[tokio::test]
async fn words_phrases_beginnings_and_what_must_not_be_there() {
    let w = World::new().await;
    mail(&w, CAROL, "Printer", "The big red printer smokes badly.").await;
    mail(&w, DAVE, "Screen", "The red big screen flickers, no printer here.").await;
    let note = mail(&w, CAROL, "Invoice", "Für die Größe 12 fehlt die Rechnung.").await;
    w.say(ALICE, &note, "She called about the Café").await;
    w.say(ALICE, &note, "!answer We credit the amount").await;
    w.pass(HOLD).await;
    mail(&w, DAVE, "注文", "印刷機が動きません。").await;
    for (words, subjects) in [
        ("smokes", vec!["Printer"]),
        ("SMOK", vec!["Printer"]),
        ("big red", vec!["Screen", "Printer"]),
        ("\"big red\"", vec!["Printer"]),
        ("“big red”", vec!["Printer"]),
        ("printer -smokes", vec!["Screen"]),
        ("printer", vec!["Printer", "Screen"]),
        ("grosse", vec!["Invoice"]),
        ("cafe", vec!["Invoice"]),
        ("credit", vec!["Invoice"]),
        ("invoice carol", vec!["Invoice"]),
        ("dave@customer.test", vec!["注文", "Screen"]),
        ("印刷", vec!["注文"]),
        ("機", vec!["注文"]),
        ("印刷機", vec!["注文"]),
        ("刷印", vec![]),
        ("smokes flickers", vec![]),
        ("nobodywrotethis", vec![]),
        // Parts, where nothing else fits: not if there is a word that begins so, and not of two letters.
        ("rinte", vec!["Screen", "Printer"]),
        ("RINTÉ", vec!["Screen", "Printer"]),
        ("ad", vec![]),
        ("adl", vec!["Printer"]),
        ("rinte flick", vec!["Screen"]),
        ("rinte -moke", vec!["Screen", "Printer"]),
        ("rinte -smokes", vec!["Screen"]),
        ("rinte state:closed", vec![]),
        ("sto", vec!["注文", "Invoice", "Screen", "Printer"]),
        ("\"ig red\"", vec![]),
        ("nobodywrotethis rinte", vec![]),
        ("echnun", vec!["Invoice"]),
    ] {
        assert_eq!(found(&w, ALICE, words).await, subjects, "{words}");
    }
    assert_eq!(found(&w, ALICE, &note.number).await, ["Invoice"]);
    let end = &note.number[note.number.len() - 6..];
    assert_eq!(found(&w, ALICE, end).await, ["Invoice"], "a number's end");
    let told = w.say_in(ALICE, &w.dm(ALICE), "!search flickers").await;
    assert!(told.answer().contains("The red big screen flickers, no printer here"), "{}", told.answer());
    let told = w.say_in(ALICE, &w.dm(ALICE), "!search mokes").await;
    assert!(told.answer().contains("The big red printer smokes badly"), "{}", told.answer());
    let twice = w.count("select count(*) - count(distinct word) from search_word").await;
    assert_eq!(twice, 0, "a word that is there is not written again");
    w.finish().await;
}

#[tokio::test]
async fn filters_narrow_it() {
    let w = World::new().await;
    let open = mail(&w, CAROL, "One", "The printer smokes.").await;
    let closed = mail(&w, DAVE, "Two", "The printer smokes.").await;
    w.pass(Duration::from_hours(24)).await;
    w.case_of(w.deliver(&Eml::new(CAROL, "Three", "The printer smokes.").to("billing@desk.test")).await).await;
    w.say(ALICE, &open, "!lock").await.done();
    w.say(ALICE, &open, "!tag vip").await.done();
    w.say(BOB, &closed, "!close").await.done();
    for (words, subjects) in [
        ("smokes", vec!["Three", "Two", "One"]),
        ("smokes state:closed", vec!["Two"]),
        ("smokes state:new", vec!["Three", "One"]),
        ("smokes owner:me", vec!["One"]),
        ("owner:alice", vec!["One"]),
        ("smokes from:dave@customer.test", vec!["Two"]),
        ("smokes queue:billing", vec!["Three"]),
        ("tag:vip", vec!["One"]),
        ("smokes before:2026-11-24", vec!["Two", "One"]),
        ("after:2026-11-24", vec!["Three"]),
        ("queue:support state:new printer", vec!["One"]),
        ("state:new", vec!["Three", "One"]),
        ("state:closed", vec!["Two"]),
        ("state:new queue:billing", vec!["Three"]),
        ("state:new -smokes", vec![]),
        ("state:new owner:me tag:vip", vec!["One"]),
        ("tag:vip state:closed", vec![]),
        ("from:dave@customer.test", vec!["Two"]),
        ("from:dave@customer.test state:new", vec![]),
        ("before:2026-11-24", vec!["Two", "One"]),
        ("before:2026-11-24 after:2026-11-23 state:new", vec!["One"]),
        ("after:2026-11-24 owner:me", vec![]),
    ] {
        assert_eq!(found(&w, ALICE, words).await, subjects, "{words}");
    }
    for (words, because) in [
        ("!search", "!search"),
        ("!search ?!", "no word"),
        ("!search -smokes", "no word"),
        ("!search queue:nowhere x", "no queue nowhere"),
        ("!search state:done x", "no state done"),
        ("!search owner:mallory", "no agent mallory"),
        ("!search after:yesterday", "no day"),
    ] {
        w.say_in(ALICE, &w.dm(ALICE), words).await.refused(because);
    }
    w.finish().await;
}

#[tokio::test]
async fn one_finds_what_one_may_see_and_what_is_so_now() {
    let w = World::new().await;
    let bill =
        w.case_of(w.deliver(&Eml::new(CAROL, "Hidden bill", "Secret words").to("billing@desk.test")).await).await;
    let case = w.ticket("It smokes").await;
    let mut tx = w.store.begin().await.expect("a transaction");
    let queues = tx.queues().all().await.expect("queues");
    let support = queues.into_iter().find(|queue| queue.name == "support").expect("it").id;
    tx.agents().put(&user(BOB), Role::Agent, &[support]).await.expect("Bob is confined");
    tx.commit().await.expect("a commit");
    assert_eq!(found(&w, ALICE, "secret").await, ["Hidden bill"]);
    assert!(found(&w, BOB, "secret").await.is_empty());
    w.say_in(BOB, &w.dm(BOB), "!search queue:billing secret").await.refused("no queue billing");
    w.say(ALICE, &bill, "!move support").await.done();
    assert_eq!(found(&w, BOB, "secret").await, ["Hidden bill"]);
    w.say(ALICE, &case, "!subject Fire alarm").await.done();
    assert_eq!(
        (found(&w, ALICE, "alarm").await, found(&w, ALICE, "it").await.len()),
        (vec!["Fire alarm".to_owned()], 1)
    );
    let note = w.say(ALICE, &case, "A wrong word").await;
    w.edit(ALICE, &note, "A right one").await;
    assert!(found(&w, ALICE, "wrong").await.is_empty());
    assert_eq!(found(&w, ALICE, "right").await, ["Fire alarm"]);
    w.redact(ALICE, &note).await;
    assert!(found(&w, ALICE, "right").await.is_empty(), "what was taken back is not found");
    w.finish().await;
}

#[tokio::test]
async fn many_hits_are_paged() {
    let w = World::new().await;
    for n in 0..45 {
        w.mail(&format!("carol{n}@customer.test"), &format!("Ticket {n}"), "It smokes.").await;
    }
    let first = w.say_in(ALICE, &w.dm(ALICE), "!search smokes").await;
    assert!(first.answer().contains("Found: 45, page 1 of 3"), "{}", first.answer());
    assert_eq!(found(&w, ALICE, "--page 3 smokes").await, ["Ticket 4", "Ticket 3", "Ticket 2", "Ticket 1", "Ticket 0"]);
    w.say_in(ALICE, &w.dm(ALICE), "!search --page 4 smokes").await.done();
    w.finish().await;
}

#[tokio::test]
async fn what_was_found_has_a_line_of_its_own_with_whole_words_around_the_hit() {
    let w = World::new().await;
    let text = "We bought the printer in the spring of last year, and since Tuesday it smokes whenever somebody prints an invoice of more than two pages.";
    mail(&w, CAROL, "Printer", text).await;
    let told = w.say_in(ALICE, &w.dm(ALICE), "!search smokes").await;
    let answer = told.done().answer();
    let excerpt = "… of last year, and since Tuesday it smokes whenever somebody prints an invoice of …";
    assert!(answer.lines().any(|line| line == excerpt), "{answer}");
    let shown = w.chat.posts(&w.dm(ALICE)).pop().and_then(|(_, post)| post.html).expect("HTML");
    assert!(shown.contains("<br>… of last year, and since Tuesday it <strong>smokes</strong> whenever"), "{shown}");
    w.finish().await;
}
