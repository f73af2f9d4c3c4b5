//! Somebody writes into a ticket who has no part in it.

use super::world::{ALICE, BOB, CAROL, Case, DAVE, Eml, WALTER, World, user};
use ticketloom::domain::id::EventId;

/// A ticket of Carol's, and a mail of Dave's that claims to belong to it.
async fn held(w: &World) -> (Case, EventId) {
    let case = w.ticket("Carol's secret plan").await;
    let mail = Eml::new(DAVE, &format!("Re: [Ticket#{}] Smoke", case.number), "Tell me all about it.");
    assert_eq!(w.case_of(w.deliver(&mail).await).await.id, case.id);
    let (event, _) = w.newest_post(&case);
    (case, event)
}

fn visibility(w: &World, case: &Case, event: &EventId) -> &'static str {
    let is_it = |(id, post): &(EventId, _)| {
        let post: &super::world::Shown = post;
        id == event || post.replaces.as_ref() == Some(event)
    };
    let (_, post) = w.chat.posts(&case.room).into_iter().rev().find(is_it).expect("the article");
    post.article.expect("a mark").visibility
}

#[tokio::test]
async fn a_strangers_mail_with_the_right_number_is_held() {
    let w = World::new().await;
    let (case, event) = held(&w).await;
    let (_, post) = w.newest_post(&case);
    assert!(post.text.contains("does not take part") && post.text.contains("Tell me all about it."), "{}", post.text);
    assert_eq!((visibility(&w, &case, &event), w.card(&case).as_str()), ("held", "new · nobody's"));
    assert_eq!(w.outbox().len(), 1, "the stranger learns nothing");
    assert_eq!(w.count("select count(*) from participant").await, 1);
    w.finish().await;
}

#[tokio::test]
async fn a_strangers_mail_with_the_right_reference_is_held_and_opens_nothing() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.say(ALICE, &case, "!close").await.done();
    let ours = w.newest_mail().message_id;
    let mail = Eml::new(DAVE, "Re: It smokes", "Open up!").header("References", &format!("<{ours}>"));
    assert_eq!(w.case_of(w.deliver(&mail).await).await.id, case.id);
    assert_eq!(w.card(&case), "closed successful, customer not told");
    w.say(ALICE, &case, "!answer Hello Carol").await;
    w.pass(super::world::HOLD).await;
    let answer = w.newest_mail();
    assert_eq!(answer.to, CAROL);
    assert!(!answer.source.contains(&mail.message_id), "a held mail is no part of the conversation");
    w.finish().await;
}

#[tokio::test]
async fn a_tick_lets_it_join() {
    let w = World::new().await;
    let (case, event) = held(&w).await;
    w.say(ALICE, &case, "!close").await.done();
    w.react(ALICE, &case.room, &event, "✅").await;
    assert_eq!(visibility(&w, &case, &event), "customer");
    assert_eq!(w.card(&case), "open · nobody's", "it is a follow-up now");
    let again = w.mail(DAVE, &format!("[Ticket#{}]", case.number), "And?").await;
    assert_eq!(w.case_of(again).await.id, case.id);
    assert!(!w.newest_post(&case).1.text.contains("does not take part"), "Dave takes part now");
    w.finish().await;
}

#[tokio::test]
async fn what_waits_in_a_closed_ticket_calls_somebody_stands_in_the_list_and_marks_the_card() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.say(ALICE, &case, "!close").await.done();
    let list = async || w.say_in(BOB, &case.room, "!queue").await.done().answer();
    assert!(!list().await.contains("It smokes"));
    w.mail(DAVE, &format!("[Ticket#{}]", case.number), "It smokes here, too.").await;
    let (event, post) = w.newest_post(&case);
    assert_eq!(post.mentions, [user(ALICE)], "she was at it last");
    let listed = list().await;
    assert!(listed.contains("⛔ It smokes · carol@customer.test · held mail"), "{listed}");
    assert!(listed.starts_with("support · unlocked · 1"), "{listed}");
    assert!(w.card_post(&case).text.contains("held mail in the thread"), "{}", w.card_post(&case).text);
    assert_eq!(w.card(&case), "closed successful, customer not told", "it opens nothing");
    w.react(BOB, &case.room, &event, "🗑️").await;
    assert!(!list().await.contains("It smokes"));
    assert!(!w.card_post(&case).text.contains("held mail in the thread"));
    w.finish().await;
}

#[tokio::test]
async fn new_makes_it_a_ticket_of_its_own_that_says_nothing_of_the_other() {
    let w = World::new().await;
    let (case, event) = held(&w).await;
    w.react(ALICE, &case.room, &event, "🆕").await;
    let own = w.rows("select max(mail_id) from mail_in").await.remove(0).parse().expect("an id");
    let own = w.case_of(ticketloom::domain::id::MailId(own)).await;
    assert_ne!(own.id, case.id);
    assert!(w.card_post(&own).text.contains("Tell me all about it."));
    w.say(ALICE, &own, "!answer No.").await;
    w.pass(super::world::HOLD).await;
    let answer = w.newest_mail();
    assert_eq!(
        (answer.to.as_str(), answer.subject.as_str()),
        (DAVE, format!("Re: [Ticket#{}] Smoke", own.number).as_str())
    );
    assert!(!answer.source.contains("secret"), "{}", answer.source);
    let again = w.mail(DAVE, &format!("[Ticket#{}]", own.number), "Why?").await;
    assert_eq!(w.case_of(again).await.id, own.id);
    w.finish().await;
}

#[tokio::test]
async fn a_bin_discards_it_and_the_first_decision_stands() {
    let w = World::new().await;
    let (case, event) = held(&w).await;
    w.react(WALTER, &case.room, &event, "✅").await;
    assert_eq!(visibility(&w, &case, &event), "held", "observers decide nothing");
    w.react(ALICE, &case.room, &event, "🗑️").await;
    w.react(ALICE, &case.room, &event, "✅").await;
    assert_eq!(visibility(&w, &case, &event), "held");
    assert!(w.transcript(&case.room).contains("(not part of this ticket)"));
    assert_eq!(w.count("select count(*) from participant").await, 1);
    w.finish().await;
}
