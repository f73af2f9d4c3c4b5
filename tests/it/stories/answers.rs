//! Agents write to the customer.

use ticketloom::store::intake::DeliveryKey;

use super::world::{ALICE, BOB, CAROL, Eml, HOLD, World, text};

#[tokio::test]
async fn an_answer_is_held_and_then_mailed_in_the_conversation() {
    let w = World::new().await;
    w.sql("update queue set signature = 'Your support' where name = 'support'").await;
    let first = Eml::new(CAROL, "It smokes", "It smokes.");
    let case = w.case_of(w.deliver(&first).await).await;
    let ack = w.newest_mail();
    let said = w.say(ALICE, &case, "!answer Hello Carol,\n\n  please *unplug* it.").await;
    assert_eq!((said.marks().as_str(), w.outbox().len()), ("⏳", 1));
    assert_eq!(w.card(&case), format!("open · 🔒 {ALICE}"), "answering locks");
    w.pass(HOLD).await;
    assert_eq!(said.marks(), "✉️");
    let answer = w.newest_mail();
    assert_eq!(
        (answer.to.as_str(), answer.subject.as_str()),
        (CAROL, format!("Re: [Ticket#{}] It smokes", case.number).as_str())
    );
    assert_eq!(answer.header("From").as_deref(), Some("Support <support@desk.test>"));
    assert_eq!(answer.header("In-Reply-To"), Some(format!("<{}>", first.message_id)));
    assert_eq!(answer.header("References"), Some(format!("<{}> <{}>", first.message_id, ack.message_id)));
    assert!(answer.reply_to.starts_with("support+r1"), "{}", answer.reply_to);
    assert!(answer.envelope_from.as_ref().is_some_and(|from| from.starts_with("support+b1")));
    assert_eq!(answer.header("Auto-Submitted"), None);
    assert!(answer.text.contains("please") && answer.text.ends_with("-- \nYour support"), "{:?}", answer.text);
    assert!(answer.html.as_ref().is_some_and(|html| html.contains("<em>unplug</em>")), "{:?}", answer.html);
    assert!(!answer.source.contains("alice"), "who answered is the house's own business");
    w.finish().await;
}

#[tokio::test]
async fn what_somebody_else_has_locked_is_not_answered() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.say(ALICE, &case, "!lock").await.done();
    for words in ["!answer Hello", "!answer --state closed Bye"] {
        w.say(BOB, &case, words).await.refused("!owner @me");
    }
    w.pass(HOLD).await;
    assert_eq!((w.outbox().len(), w.card(&case)), (1, format!("new · 🔒 {ALICE}")));
    w.say(BOB, &case, "!owner @me").await.done();
    w.say(BOB, &case, "!answer Hello").await;
    w.pass(HOLD).await;
    assert_eq!(w.outbox().len(), 2);
    w.finish().await;
}

#[tokio::test]
async fn an_answer_that_closes_unlocks_and_informs() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.say(ALICE, &case, "!answer --state closed Done, have a nice day.").await;
    assert_eq!(w.card(&case), "closed successful, customer told");
    w.pass(HOLD).await;
    assert!(w.newest_mail().text.starts_with("Done, have a nice day."));
    w.reply_to(&w.newest_mail(), "It smokes again").await;
    assert_eq!(w.card(&case), "open · nobody's");
    w.finish().await;
}

#[tokio::test]
async fn closing_alone_tells_the_customer_nothing() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.say(ALICE, &case, "!close Carol called, she bought a new one").await.done();
    w.pass(HOLD).await;
    assert_eq!((w.outbox().len(), w.thread(&case).len()), (1, 0));
    assert_eq!(w.card(&case), "closed successful, customer not told");
    assert_eq!(w.rows("select kind || ' ' || visibility from article where kind = 'note'").await, ["note internal"]);
    w.finish().await;
}

#[tokio::test]
async fn an_answer_to_a_closed_ticket_informs_if_it_stays_closed() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.say(ALICE, &case, "!close").await.done();
    w.say(BOB, &case, "!answer --state closed We are done.").await;
    assert_eq!(w.card(&case), "closed successful, customer told");
    w.say(BOB, &case, "!undo").await.done();
    assert_eq!(w.card(&case), "closed successful, customer not told");
    w.pass(HOLD).await;
    assert_eq!(w.outbox().len(), 1);
    w.finish().await;
}

#[tokio::test]
async fn nobody_closes_over_a_mail_that_is_not_in_the_room_yet() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let hurry = |words: &str| text(words, Some(&case.root));
    let mail = Eml::new(CAROL, &format!("[Ticket#{}]", case.number), "It burns!");
    w.accept(&mail.bytes(), &mail.recipient, CAROL, DeliveryKey::of_bytes("x", b"x")).await;
    w.settle_desk().await;
    w.event(ALICE, &case.room, "m.room.message", hurry("!close Done")).await;
    w.settle_desk().await;
    w.event(BOB, &case.room, "m.room.message", hurry("!answer --state closed Bye")).await;
    w.settle().await;
    w.pass(HOLD).await;
    assert_eq!((w.card(&case), w.outbox().len()), (format!("open · 🔒 {BOB}"), 2));
    let told = w.transcript(&case.room);
    assert!(told.contains("!close Done  ❌") && told.contains("the ticket stays open"), "{told}");
    w.finish().await;
}

#[tokio::test]
async fn the_customer_of_a_ticket_gets_its_answer_whoever_wrote_last() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let mail = Eml::reply(&w.newest_mail(), "I am Dave.").from("dave@customer.test").header("Reply-To", "evil@x.test");
    w.deliver(&mail).await;
    w.say(ALICE, &case, "!answer Hello").await;
    w.pass(HOLD).await;
    assert_eq!(w.newest_mail().to, CAROL);
    w.finish().await;
}

#[tokio::test]
async fn a_reply_to_an_answer_comes_back_to_its_ticket() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.say(ALICE, &case, "!answer Hello").await;
    w.pass(HOLD).await;
    let mail = w.reply_to(&w.newest_mail(), "Thanks!").await;
    assert_eq!(w.case_of(mail).await.id, case.id);
    assert_eq!(w.card(&case), format!("open · 🔒 {ALICE}"));
    w.finish().await;
}

/// The tutorial's story, as somebody reads it who scrolls through the room afterwards.
#[tokio::test]
async fn the_room_tells_the_story() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.say(ALICE, &case, "!lock").await;
    w.say(BOB, &case, "Is that the third one this week?").await;
    w.say(BOB, &case, "!answer Me first").await;
    w.say(ALICE, &case, "!answer --state closed Unplug it.").await;
    w.pass(HOLD).await;
    w.reply_to(&w.newest_mail(), "I did.").await;
    assert_eq!(
        w.transcript(&case.room),
        "bot: 📨 It smokes —\n  carol@customer.test\n  open · nobody's · #NUMBER\n  \
         customer wrote last, 23 Nov 09:00\n  \n  It smokes.\n  \
         @alice:desk.test: !lock  ✅\n  \
         @bob:desk.test: Is that the third one this week?\n  \
         @bob:desk.test: !answer Me first  ❌\n  \
         notice: Not done: @alice:desk.test has locked this ticket. !owner @me takes it over.\n  \
         @alice:desk.test: !answer --state closed Unplug it.  ✉️\n  \
         bot: 📨 carol@customer.test wrote\n    \n    I did."
    );
    w.finish().await;
}
