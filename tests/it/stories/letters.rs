//! What becomes of the mails that leave the house.

use std::time::Duration;

use ticketloom::desk::seams::Delivery;

use super::world::{ALICE, Case, DAVE, Eml, HOLD, RETRY_UNKNOWN, Told, World, user};

fn deferred() -> Delivery {
    Delivery::Deferred { why: "450 4.2.1 mailbox busy".to_owned() }
}

fn refused() -> Delivery {
    Delivery::Refused { why: "550 5.1.1 no such user".to_owned() }
}

fn unknown() -> Delivery {
    Delivery::Unknown { why: "the connection died".to_owned() }
}

/// Alice answers, the mail server does `what`, and the holding time is over.
async fn answer<'w>(w: &'w World, case: &Case, words: &str, what: Delivery) -> Told<'w> {
    let said = w.say(ALICE, case, words).await;
    w.mailer.will(what);
    w.pass(HOLD).await;
    said
}

#[tokio::test]
async fn what_is_deferred_is_sent_again_with_the_same_bytes() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let said = answer(&w, &case, "!answer Hello", deferred()).await;
    assert_eq!((said.marks().as_str(), w.outbox().len()), ("⏳", 1));
    w.say(ALICE, &case, "!undo").await.refused("Too late");
    w.pass(Duration::from_mins(1)).await;
    assert_eq!((said.marks().as_str(), w.outbox().len()), ("✉️", 2));
    let attempts = w.mailer.attempts();
    assert_eq!(attempts[1], attempts[2]);
    w.finish().await;
}

#[tokio::test]
async fn a_letter_goes_out_for_the_queue_that_it_is_from_wherever_its_ticket_is() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.say(ALICE, &case, "!answer Hello").await;
    w.say(ALICE, &case, "!move billing").await.done();
    w.pass(HOLD).await;
    w.deliver(&Eml::new(DAVE, "My bill", "It is wrong.").to("billing@desk.test")).await;
    assert_eq!(w.mailer.queues(), ["support", "support", "billing"]);
    w.finish().await;
}

#[tokio::test]
async fn what_is_refused_is_said_and_opens_what_it_had_closed() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let said = answer(&w, &case, "!answer --state closed Bye", refused()).await;
    assert_eq!(said.marks(), "❌");
    assert_eq!(w.card(&case), "open · nobody's");
    let thread = w.thread(&case);
    let called = thread.iter().find(|(_, post)| post.mentions == [user(ALICE)]).expect("Alice is called");
    let said_once = "❌ Your answer did not reach carol@customer.test: 550 5.1.1 no such user. !customer ADDRESS sets another \
                     address; then !answer again.";
    assert_eq!((called.1.text.as_str(), thread.len()), (said_once, 1));
    w.pass(Duration::from_hours(24)).await;
    assert_eq!(w.mailer.attempts().len(), 2, "it is not tried again");
    w.finish().await;
}

#[tokio::test]
async fn a_refusal_leaves_alone_what_went_on_meanwhile() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.say(ALICE, &case, "!answer --state closed Bye").await;
    w.say(ALICE, &case, "!reopen").await.done();
    w.say(ALICE, &case, "!close Called her instead").await.done();
    w.mailer.will(refused());
    w.pass(HOLD).await;
    assert_eq!(w.card(&case), "closed successful, customer not told");
    w.finish().await;
}

#[tokio::test]
async fn what_may_have_been_sent_is_said_so_and_sent_again_with_the_same_bytes() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let said = answer(&w, &case, "!answer Hello", unknown()).await;
    assert_eq!(said.marks(), "⚠️");
    assert!(w.newest_post(&case).1.text.contains("may have been sent"));
    w.pass(RETRY_UNKNOWN.saturating_sub(Duration::from_mins(1))).await;
    assert_eq!(w.mailer.attempts().len(), 2, "not at once");
    w.pass(Duration::from_mins(1)).await;
    assert_eq!(said.marks(), "✉️");
    let attempts = w.mailer.attempts();
    assert_eq!((attempts.len(), &attempts[1]), (3, &attempts[2]));
    w.finish().await;
}

#[tokio::test]
async fn what_stays_unknown_is_given_up_before_the_customer_drowns() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let said = w.say(ALICE, &case, "!answer --state closed Hello").await;
    for _ in 0..20 {
        w.mailer.will(unknown());
    }
    w.pass(HOLD).await;
    for _ in 0..20 {
        w.pass(RETRY_UNKNOWN).await;
    }
    assert_eq!(w.mailer.attempts().len(), 1 + 5);
    assert_eq!(said.marks(), "⚠️", "perhaps sent is not the same as not sent");
    assert_eq!(w.card(&case), "open · nobody's");
    let last =
        w.thread(&case).into_iter().rev().find(|(_, post)| !post.mentions.is_empty()).expect("Alice is called").1;
    assert!(last.text.contains("may have been sent 5 times"), "{}", last.text);
    w.finish().await;
}

#[tokio::test]
async fn an_automatic_mail_of_unknown_fate_is_not_worth_a_second_copy() {
    let w = World::new().await;
    w.mailer.will(unknown());
    let case = w.ticket("It smokes").await;
    w.pass(RETRY_UNKNOWN * 2).await;
    assert_eq!((w.mailer.attempts().len(), w.thread(&case).len()), (1, 0));
    w.finish().await;
}

#[tokio::test]
async fn a_refused_acknowledgement_bothers_nobody() {
    let w = World::new().await;
    w.mailer.will(refused());
    let case = w.ticket("It smokes").await;
    assert_eq!((w.mailer.attempts().len(), w.thread(&case).len()), (1, 0));
    w.finish().await;
}

#[tokio::test]
async fn a_delay_is_said_once_and_after_five_days_it_is_given_up() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let said = w.say(ALICE, &case, "!answer --state closed Bye").await;
    for _ in 0..40 {
        w.mailer.will(deferred());
    }
    w.pass(HOLD).await;
    let told = |w: &World| w.thread(&case).iter().filter(|(_, post)| post.text.contains("delayed")).count();
    for _ in 0..3 {
        w.pass(Duration::from_hours(1)).await;
    }
    assert_eq!((told(&w), said.marks().as_str()), (0, "⏳"));
    for _ in 0..6 {
        w.pass(Duration::from_hours(1)).await;
    }
    assert_eq!((told(&w), said.marks().as_str()), (1, "⚠️"));
    w.pass(Duration::from_hours(24 * 5)).await;
    assert_eq!((said.marks().as_str(), w.card(&case).as_str()), ("❌", "open · nobody's"));
    w.finish().await;
}

#[tokio::test]
async fn a_delay_is_said_although_nobody_was_there_to_try() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let said = answer(&w, &case, "!answer Hello", deferred()).await;
    w.mailer.will(deferred());
    w.mailer.will(deferred());
    w.pass(Duration::from_hours(9)).await;
    assert_eq!(said.marks(), "⚠️");
    w.pass(Duration::from_secs(10)).await;
    assert_eq!(said.marks(), "⚠️", "once");
    w.pass(Duration::from_hours(1)).await;
    assert_eq!(said.marks(), "✉️");
    w.finish().await;
}

#[tokio::test]
async fn who_died_past_the_final_dot_leaves_a_mail_of_unknown_fate() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let said = w.say(ALICE, &case, "!answer Hello").await;
    w.wait(HOLD).await;
    w.sql("update letter set state = 'sending', dot_at = now() where not automatic").await;
    w.settle().await;
    assert_eq!((said.marks().as_str(), w.mailer.attempts().len()), ("⚠️", 1));
    w.pass(RETRY_UNKNOWN).await;
    assert_eq!((said.marks().as_str(), w.mailer.attempts().len()), ("✉️", 2));
    w.finish().await;
}

#[tokio::test]
async fn who_died_before_the_final_dot_sent_nothing() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let said = w.say(ALICE, &case, "!answer Hello").await;
    w.wait(HOLD).await;
    w.sql("update letter set state = 'sending' where not automatic").await;
    w.settle().await;
    assert_eq!((said.marks().as_str(), w.mailer.attempts().len()), ("✉️", 2));
    w.finish().await;
}

#[tokio::test]
async fn mails_about_one_ticket_keep_their_order() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.say(ALICE, &case, "!answer First").await;
    w.say(ALICE, &case, "!answer Second").await;
    w.mailer.will(deferred());
    w.pass(HOLD).await;
    assert_eq!(w.outbox().len(), 1, "the second waits for the first");
    w.pass(Duration::from_mins(1)).await;
    let texts: Vec<String> = w.outbox().into_iter().skip(1).map(|mail| mail.text).collect();
    assert_eq!(texts, ["First", "Second"]);
    w.finish().await;
}
