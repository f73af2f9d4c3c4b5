//! Agents who are away.

use std::time::Duration;

use super::world::{ALICE, BOB, CAROL, ROOT, World};

#[tokio::test]
async fn who_is_away_loses_the_lock_when_the_customer_writes() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.say(ALICE, &case, "!lock").await.done();
    let away = w.say_in(ALICE, &w.dm(ALICE), "!away 2d").await;
    assert!(away.done().answer().contains("until 25 Nov 09:00"), "{}", away.answer());
    assert_eq!(w.card(&case), format!("new · 🔒 {ALICE}"), "until then it stays theirs");
    let subject = format!("Re: [Ticket#{}]", case.number);
    w.mail(CAROL, &subject, "Again.").await;
    assert_eq!(w.card(&case), "new · nobody's");
    assert!(w.newest_post(&case).1.mentions.is_empty(), "nobody is called who is not there");
    w.say(ALICE, &case, "!lock").await.done();
    w.pass(Duration::from_hours(48)).await;
    w.mail(CAROL, &subject, "And again.").await;
    assert_eq!(w.card(&case), format!("new · 🔒 {ALICE}"), "back by the clock");
    w.finish().await;
}

/// Somebody is ill, and can't say so themselves.
#[tokio::test]
async fn an_admin_says_who_is_away_and_who_is_back() {
    let w = World::new().await;
    let (dm, case) = (w.dm(ROOT), w.ticket("It smokes").await);
    w.say(ALICE, &case, "!lock").await.done();
    let told = w.say_in(ROOT, &dm, &format!("!agent away {ALICE} \"tomorrow 9:00\"")).await.done().answer();
    assert!(told.contains("away until 24 Nov 09:00"), "{told}");
    let listed = w.say_in(ROOT, &dm, "!agent list").await.answer();
    assert!(listed.contains(&format!("{ALICE} agent of all queues (away)")), "{listed}");
    w.mail(CAROL, &format!("Re: [Ticket#{}]", case.number), "Again.").await;
    assert_eq!(w.card(&case), "new · nobody's");
    w.say_in(ROOT, &dm, &format!("!agent back {ALICE}")).await.done();
    assert_eq!(w.count("select count(*) from agent where away_until is not null").await, 0);
    for (wrong, why) in [
        (format!("!agent away {ALICE} 2026-11-01"), "is past"),
        (format!("!agent away {ALICE} someday"), "is no time; there are 30min"),
        ("!agent away @nobody:desk.test 2d".to_owned(), "is no agent"),
        ("!agent back @nobody:desk.test".to_owned(), "is no agent"),
    ] {
        w.say_in(ROOT, &dm, &wrong).await.refused(why);
    }
    w.say_in(ALICE, &w.dm(ALICE), &format!("!agent away {BOB} 2d")).await.refused("admins");
    w.finish().await;
}

#[tokio::test]
async fn back_is_back_and_others_are_not_concerned() {
    let w = World::new().await;
    let (dm, case) = (w.dm(ALICE), w.ticket("It smokes").await);
    w.say(BOB, &case, "!lock").await.done();
    w.say_in(ALICE, &dm, "!back").await.refused("so already");
    w.say_in(ALICE, &dm, "!away").await.refused("!away WHEN");
    w.say_in(ALICE, &dm, "!away 2026-11-01").await.refused("is past");
    w.say_in(ALICE, &dm, "!away 2026-12-24").await.done();
    w.mail(CAROL, &format!("Re: [Ticket#{}]", case.number), "Again.").await;
    assert_eq!(w.card(&case), format!("new · 🔒 {BOB}"));
    w.say_in(ALICE, &dm, "!back").await.done();
    assert_eq!(w.count("select count(*) from agent where away_until is not null").await, 0);
    w.finish().await;
}
