//! How urgent a ticket is, what it is called, by what it is found again, and who watches it.

use ticketloom::domain::ticket::Tag;

use super::world::{ALICE, BOB, CAROL, HOLD, ROOT, World, user};

#[tokio::test]
async fn priority_subject_and_tags_stand_on_the_card_and_take_no_lock() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.say(BOB, &case, "!lock").await.done();
    w.say(ALICE, &case, "!priority 5").await.done();
    w.say(ALICE, &case, "!subject   The printer\n in room 7 ").await.done();
    w.say(ALICE, &case, "!tag VIP +printer").await.done();
    let card = w.card_post(&case);
    for words in ["The printer in room 7", "priority 5 · #printer #vip"] {
        assert!(card.text.contains(words), "{}", card.text);
    }
    let mark = card.ticket.expect("a card");
    let tags: Vec<&str> = mark.tags.iter().map(Tag::as_str).collect();
    assert_eq!((mark.priority, mark.subject.as_str(), tags), (5, "The printer in room 7", vec!["printer", "vip"]));
    assert_eq!(w.card(&case), format!("new · 🔒 {BOB}"));
    w.say(BOB, &case, "!answer Done").await;
    w.pass(HOLD).await;
    assert!(w.newest_mail().subject.ends_with("The printer in room 7"), "{}", w.newest_mail().subject);
    let history = w.say(ALICE, &case, "!history").await.answer();
    for words in ["priority 3 → 5", "subject It smokes → The printer in room 7", "tag +vip"] {
        assert!(history.contains(words), "{history}");
    }
    w.finish().await;
}

#[tokio::test]
async fn what_changes_nothing_or_is_not_right_is_refused() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    for (words, because) in [
        ("!priority 3", "so already"),
        ("!priority 6", "!priority 1-5"),
        ("!priority high", "!priority 1-5"),
        ("!subject", "!subject TEXT"),
        ("!subject It smokes", "so already"),
        ("!tag", "!tag ±TAG"),
        ("!tag -vip", "so already"),
        ("!tag a,b", "is no tag"),
        ("!untag vip", "so already"),
        ("!unwatch", "so already"),
    ] {
        w.say(ALICE, &case, words).await.refused(because);
    }
    let many: Vec<String> = (0..21).map(|n| format!("t{n}")).collect();
    w.say(ALICE, &case, &format!("!tag {}", many.join(" "))).await.refused("at most 20 tags");
    w.say(ALICE, &case, &format!("!tag {}", many[1..].join(" "))).await.done();
    w.say(ALICE, &case, "!untag t1 t2").await.done();
    assert_eq!(w.count("select cardinality(tags) from ticket").await, 18);
    w.finish().await;
}

#[tokio::test]
async fn undo_takes_ones_own_newest_change_back_one_after_the_other() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.say(ALICE, &case, "!priority 5").await.done();
    w.say(BOB, &case, "!tag vip").await.done();
    w.say(ALICE, &case, "!subject Fire").await.done();
    w.say(ALICE, &case, "!close Put out").await.done();
    w.say(ALICE, &case, "!undo").await.done();
    assert_eq!(w.card(&case), "new · nobody's");
    w.say(ALICE, &case, "!undo").await.done();
    w.say(ALICE, &case, "!undo").await.done();
    let mark = w.card_post(&case).ticket.expect("a card");
    assert_eq!((mark.priority, mark.subject.as_str(), mark.tags.len()), (3, "It smokes", 1), "Bob's is Bob's");
    w.say(ALICE, &case, "!undo").await.refused("no answer or change of yours");
    assert_eq!(w.rows("select text from article where kind = 'note'").await, ["Put out"], "a note stays");
    w.finish().await;
}

#[tokio::test]
async fn undo_as_a_reply_takes_that_back_unless_it_was_changed_since() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let urgent = w.say(ALICE, &case, "!priority 5").await.event;
    let tagged = w.say(ALICE, &case, "!tag vip").await.event;
    w.message(BOB, &case.room, super::world::reply("!undo", &urgent)).await.done();
    assert_eq!(w.card_post(&case).ticket.map(|mark| (mark.priority, mark.tags.len())), Some((3, 1)));
    w.say(BOB, &case, "!untag vip").await.done();
    w.message(ALICE, &case.room, super::world::reply("!undo", &tagged)).await.refused("changed it since");
    w.say(ALICE, &case, &format!("!customer {}", "dave@customer.test")).await.done();
    w.finish().await;
}

#[tokio::test]
async fn who_watches_is_called_for_the_customers_mail() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.say(BOB, &case, "!lock").await.done();
    w.say(ALICE, &case, "!watch").await.done();
    w.say(ROOT, &case, "!watch").await.done();
    w.say(ALICE, &case, "!watch").await.refused("so already");
    let subject = format!("Re: [Ticket#{}]", case.number);
    w.mail(CAROL, &subject, "Again.").await;
    assert_eq!(w.newest_post(&case).1.mentions, [user(ALICE), user(ROOT), user(BOB)]);
    w.say(ROOT, &case, "!unwatch").await.done();
    w.say(BOB, &case, "!unlock").await.done();
    w.mail(CAROL, &subject, "And again.").await;
    assert_eq!(w.newest_post(&case).1.mentions, [user(ALICE)], "locked or not");
    w.sql("insert into agent_queue select agent_id, queue_id from agent, queue where user_id = '@alice:desk.test' and name = 'billing'").await;
    w.mail(CAROL, &subject, "Still there?").await;
    assert!(w.newest_post(&case).1.mentions.is_empty(), "who lost the queue is not called");
    w.finish().await;
}
