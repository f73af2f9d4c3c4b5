//! What is counted.

use std::time::Duration;

use ticketloom::domain::queue::Role;

use super::world::{ALICE, BOB, CAROL, DAVE, Eml, HOLD, World, user};

const HOUR: Duration = Duration::from_hours(1);

/// A day at the desk: three mails to support, one to billing, two answers, two closings, one opened again.
async fn a_day(w: &World) {
    let one = w.ticket("One").await;
    let two = w.case_of(w.deliver(&Eml::new(DAVE, "Two", "Help.")).await).await;
    w.case_of(w.deliver(&Eml::new("eve@customer.test", "Three", "Help.")).await).await;
    let bill = w.case_of(w.deliver(&Eml::new(CAROL, "Bill", "Help.").to("billing@desk.test")).await).await;
    w.pass(HOUR).await;
    w.say(ALICE, &one, "!answer --state closed Unplug it.").await;
    w.pass(HOLD).await;
    w.pass(HOUR * 2).await;
    w.say(BOB, &two, "!answer Which one?").await;
    w.pass(HOLD).await;
    w.say(BOB, &two, "!pending 2h").await.done();
    w.pass(HOUR * 3).await;
    w.say(BOB, &two, "!close").await.done();
    w.say(BOB, &bill, "!close").await.done();
    w.say(ALICE, &one, "!reopen").await.done();
    w.say(ALICE, &one, "!unlock").await.done();
}

#[tokio::test]
async fn a_queues_numbers_are_those_of_what_happened() {
    let w = World::new().await;
    a_day(&w).await;
    let told = w.say_in(ALICE, &w.room("support"), "!stats day").await;
    let said = told.done().answer();
    for there in [
        "📊 support · 2026-11-23 (UTC)",
        "3 new · 2 answered · 2 closed · 1 reopened · 2 open now, 2 of them unlocked",
        // An hour, and three hours and ten seconds.
        "first response: median 1 h, 90 % within 3 h (of 2, in working time)",
        // Of what is closed still: six hours, of which three were pending, and somebody else's time does not count.
        "solution: median 3 h, 90 % within 3 h (of 1, in working time)",
        "bob: 1 answer, 1 closed",
        "alice: 1 answer, 1 closed",
    ] {
        assert!(said.contains(there), "{there}: {said}");
    }
    assert!(w.chat.uploads().is_empty(), "one day is no picture");
    w.finish().await;
}

#[tokio::test]
async fn of_several_queues_and_days_there_is_a_line_each_and_a_picture() {
    let w = World::new().await;
    a_day(&w).await;
    w.pass(HOUR * 24).await;
    let said = w.say_in(ALICE, &w.dm(ALICE), "!stats").await.done().answer();
    for there in [
        "📊 2 queues · 2026-11-18 – 2026-11-24 (UTC)",
        "4 new · 2 answered · 3 closed",
        "billing: 1 new · 0 answered · 1 closed · 0 reopened · 0 open now",
        "support: 3 new",
    ] {
        assert!(said.contains(there), "{there}: {said}");
    }
    let (name, mime, bytes) = w.chat.uploads().pop().expect("a picture");
    assert_eq!((name.as_str(), mime.as_str()), ("4 new (blue) and 3 closed (green) in 7 days.png", "image/png"));
    assert!(bytes.starts_with(b"\x89PNG"));
    let billing = w.say_in(ALICE, &w.dm(ALICE), "!stats billing month").await.done().answer();
    assert!(billing.contains("📊 billing · 2026-10-26 – 2026-11-24 (UTC)"), "{billing}");
    w.finish().await;
}

#[tokio::test]
async fn nobody_counts_a_queue_that_is_not_theirs() {
    let w = World::new().await;
    a_day(&w).await;
    let mut tx = w.store.begin().await.expect("a transaction");
    let support = tx.queues().all().await.expect("queues").into_iter().find(|queue| queue.name == "support");
    tx.agents().put(&user(BOB), Role::Agent, &[support.expect("support").id]).await.expect("Bob is confined");
    tx.commit().await.expect("a commit");
    w.say_in(BOB, &w.dm(BOB), "!stats billing").await.refused("there is no queue billing");
    let said = w.say_in(BOB, &w.dm(BOB), "!stats day").await.done().answer();
    assert!(said.contains("📊 support ·") && !said.contains("billing"), "{said}");
    w.say_in(ALICE, &w.room("support"), "!stats year").await.refused("there is no queue year");
    w.finish().await;
}
