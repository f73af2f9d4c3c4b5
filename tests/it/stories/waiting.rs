//! Tickets that wait for a moment.

use std::time::Duration;

use ticketloom::domain::working_time::{Holidays, Hours};

use super::world::{ALICE, BOB, CAROL, HOLD, World, user};

const DAY: Duration = Duration::from_hours(24);

#[tokio::test]
async fn a_reminder_calls_the_owner_once_at_its_time() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.say(ALICE, &case, "!pending 2d Waits for the part").await.done();
    assert_eq!(w.card(&case), format!("pending reminder until 25 Nov 09:00 · 🔒 {ALICE}"));
    assert_eq!(w.rows("select text from article where kind = 'note'").await, ["Waits for the part"]);
    w.pass(DAY).await;
    assert!(w.thread(&case).iter().all(|(_, post)| post.mentions.is_empty()), "too early");
    w.pass(DAY).await;
    let (_, called) = w.newest_post(&case);
    assert_eq!(called.mentions, [user(ALICE)]);
    assert!(called.text.contains("⏰"), "{}", called.text);
    w.pass(DAY * 7).await;
    let calls = w.thread(&case).into_iter().filter(|(_, post)| !post.mentions.is_empty()).count();
    assert_eq!(calls, 1, "once");
    assert_eq!(w.card(&case), format!("pending reminder until 25 Nov 09:00 · 🔒 {ALICE}"), "it stays as it is");
    assert!(w.say(ALICE, &case, "!history").await.answer().contains("reminded"));
    assert_eq!(w.outbox().len(), 1, "nobody was mailed");
    w.finish().await;
}

#[tokio::test]
async fn it_closes_by_itself_and_says_that_nobody_was_told() {
    let w = World::new().await;
    for (then, state) in [("close", "closed successful"), ("close-unsuccessful", "closed unsuccessful")] {
        let case = w.ticket("It smokes").await;
        w.say(ALICE, &case, &format!("!pending --then {then} tomorrow 9:30 No answer")).await.done();
        w.pass(DAY * 30).await;
        assert_eq!(w.card(&case), format!("{state}, customer not told"));
        let (_, told) = w.newest_post(&case);
        assert!(told.text.contains(state) && told.text.contains("Customer informed: no"), "{}", told.text);
        assert_eq!(told.mentions, [user(ALICE)], "whoever had it hears of it");
    }
    w.finish().await;
}

#[tokio::test]
async fn a_mail_of_the_customer_ends_the_waiting() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.say(ALICE, &case, "!pending 1d --then close").await.done();
    w.mail(CAROL, &format!("Re: [Ticket#{}]", case.number), "It burns now.").await;
    assert_eq!(w.card(&case), format!("open · 🔒 {ALICE}"));
    w.pass(DAY * 2).await;
    assert_eq!(w.card(&case), format!("open · 🔒 {ALICE}"));
    w.finish().await;
}

#[tokio::test]
async fn another_time_is_the_one_that_counts() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.say(ALICE, &case, "!pending 1d --then close").await.done();
    w.say(ALICE, &case, "!pending 3d --then close").await.done();
    w.say(ALICE, &case, "!pending 3d --then close").await.refused("already");
    w.pass(DAY * 2).await;
    assert!(w.card(&case).starts_with("pending auto close+ until 26 Nov"), "{}", w.card(&case));
    w.say(ALICE, &case, "!undo").await.done();
    assert_eq!(w.card(&case), "closed successful, customer not told", "the first one is past");
    w.pass(DAY).await;
    w.finish().await;
}

#[tokio::test]
async fn a_time_is_by_the_queues_clock_and_must_be_clear_and_to_come() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.sql("update queue set time_zone = 'Europe/Berlin'").await;
    w.say(ALICE, &case, "!pending 2026-11-22").await.refused("22 Nov 2026 09:00 is past");
    w.say(ALICE, &case, "!pending 9:59").await.refused("is past");
    for words in ["!pending", "!pending soon", "!pending 3x", "!pending 2026-13-01", "!pending --then explode 2d"] {
        w.say(ALICE, &case, words).await.refused("!pending");
    }
    w.say(ALICE, &case, "!state pending-reminder").await.refused("needs a time");
    assert_eq!(w.card(&case), "new · nobody's");
    let told = w.say(ALICE, &case, "!pending mon 14:00").await;
    assert!(told.done().answer().contains("23 Nov 14:00 CET"), "{}", told.answer());
    assert_eq!(w.rows("select pending_until at time zone 'UTC' from ticket").await, ["2026-11-23 13:00:00"]);
    w.say(BOB, &case, "!pending 2d").await.refused("has locked this ticket");
    w.pass(DAY).await;
    w.finish().await;
}

#[tokio::test]
async fn a_time_may_be_working_time() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.retime("support", |timing| {
        timing.calendar.hours = Hours::parse("mo-fr 09:00-12:00").expect("hours");
        timing.calendar.holidays = Holidays::parse("2026-11-24 Off").expect("a day");
    })
    .await;
    w.say(ALICE, &case, "!pending 4wh").await.done();
    assert!(w.card(&case).starts_with("pending reminder until 25 Nov 10:00"), "{}", w.card(&case));
    w.say(ALICE, &case, "!answer --until 30wmin Is it better?").await;
    assert!(w.card(&case).starts_with("pending reminder until 23 Nov 09:30"), "{}", w.card(&case));
    w.say(ALICE, &case, "!pending 4wd").await.refused("4wh (working time)");
    let away = w.say_in(ALICE, &w.room("support"), "!away 6wh").await;
    assert!(away.done().answer().contains("25 Nov 12:00"), "{}", away.answer());
    w.pass(DAY * 3).await;
    w.finish().await;
}

#[tokio::test]
async fn an_answer_may_let_the_ticket_wait_and_undoing_it_ends_that() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.say(ALICE, &case, "!answer --until tomorrow 10:00 Is it better now?").await;
    assert_eq!(w.card(&case), format!("pending reminder until 24 Nov 10:00 · 🔒 {ALICE}"));
    w.say(ALICE, &case, "!undo").await.done();
    assert_eq!(w.card(&case), format!("new · 🔒 {ALICE}"));
    w.say(ALICE, &case, "!answer --state pending-auto-close+ Hello").await.refused("needs a time");
    w.say(ALICE, &case, "!answer --state open --until 2d Hello").await.refused("does not wait");
    w.say(ALICE, &case, "!answer --state \"pending auto close+\" --until 2d Is it better now?").await;
    w.pass(HOLD).await;
    assert_eq!(w.newest_mail().text, "Is it better now?");
    w.pass(DAY * 2).await;
    assert_eq!(w.card(&case), "closed successful, customer not told");
    w.finish().await;
}

#[tokio::test]
async fn who_is_no_agent_any_more_is_not_called() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.say(ALICE, &case, "!pending 1d").await.done();
    w.sql("update agent set active = false where user_id = '@alice:desk.test'").await;
    w.pass(DAY).await;
    let (_, told) = w.newest_post(&case);
    assert!(told.text.contains("⏰") && told.mentions.is_empty(), "{told:?}");
    w.finish().await;
}
