//! Whose a ticket is.

use serde_json::json;

use super::world::{ALICE, BOB, ROOT, World, reply, text, user};

#[tokio::test]
async fn a_lock_is_one_agents_and_says_whose() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.say(ALICE, &case, "!lock").await.done();
    assert_eq!(w.card(&case), format!("new · 🔒 {ALICE}"));
    let refused = w.say(BOB, &case, "!lock").await;
    refused.refused("!owner @me").refused(ALICE);
    w.say(ALICE, &case, "!lock").await.done();
    w.say(BOB, &case, "!unlock").await.refused(ALICE);
    w.say(ALICE, &case, "!UNLOCK").await.done();
    assert_eq!(w.card(&case), "new · nobody's");
    w.say(ALICE, &case, "!unlock").await.refused("not locked");
    w.finish().await;
}

#[tokio::test]
async fn an_admin_unlocks_what_others_hold() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.say(ALICE, &case, "!lock").await.done();
    w.say(ROOT, &case, "!unlock").await.done();
    assert_eq!(w.card(&case), "new · nobody's");
    w.finish().await;
}

#[tokio::test]
async fn owner_me_takes_it_over_and_tells_who_had_it() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.say(ALICE, &case, "!lock").await.done();
    w.say(BOB, &case, "!owner @me").await.done();
    assert_eq!(w.card(&case), format!("new · 🔒 {BOB}"));
    let (_, told) = w.newest_post(&case);
    assert_eq!(told.mentions, [user(ALICE)]);
    assert!(told.text.contains("@bob:desk.test has taken this ticket over"), "{}", told.text);
    w.finish().await;
}

#[tokio::test]
async fn an_owner_is_named_by_id_by_name_or_by_a_pill() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    for (words, owner) in [("!owner @bob:desk.test", BOB), ("!owner alice", ALICE), ("!owner @bob", BOB)] {
        w.say(ROOT, &case, words).await.done();
        assert_eq!(w.card(&case), format!("new · 🔒 {owner}"), "{words}");
    }
    let mut pill = text("!owner Alice Liddell", Some(&case.root));
    pill["format"] = json!("org.matrix.custom.html");
    pill["formatted_body"] = json!("!owner <a href=\"https://matrix.to/#/@alice:desk.test\">Alice Liddell</a>");
    w.message(BOB, &case.room, pill).await.done();
    assert_eq!(w.card(&case), format!("new · 🔒 {ALICE}"));
    let mut on_card = super::world::reply("!owner Bob (he/him)", &case.root);
    on_card["format"] = json!("org.matrix.custom.html");
    on_card["formatted_body"] = json!("!owner <a href=\"https://matrix.to/#/@bob:desk.test\">Bob (he/him)</a>");
    on_card["m.mentions"] = json!({ "user_ids": ["@tickets:desk.test", "@bob:desk.test"] });
    w.message(ALICE, &case.room, on_card).await.done();
    assert_eq!(w.card(&case), format!("new · 🔒 {BOB}"), "a client mentions the bot, too, whose card is answered");
    let note = w.say(BOB, &case, "I can't.").await.event;
    let mut on_note = super::world::reply("!owner alice", &note);
    on_note["m.mentions"] = json!({ "user_ids": ["@bob:desk.test"] });
    w.message(BOB, &case.room, on_note).await.done();
    assert_eq!(w.card(&case), format!("new · 🔒 {ALICE}"), "who is answered is not who is named");
    w.say(BOB, &case, "!owner mallory").await.refused("@alice:desk.test");
    w.say(BOB, &case, "!owner @walter:desk.test").await.refused("does not work in this queue");
    w.finish().await;
}

#[tokio::test]
async fn a_padlock_on_the_card_locks() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.react(ALICE, &case.room, &case.root, "🔒").await;
    assert_eq!(w.card(&case), format!("new · 🔒 {ALICE}"));
    w.react(BOB, &case.room, &case.root, "🔒").await;
    assert!(w.newest_post(&case).1.text.contains("has locked this ticket"));
    assert_eq!(w.card(&case), format!("new · 🔒 {ALICE}"));
    w.finish().await;
}

#[tokio::test]
async fn a_plain_reply_to_the_card_is_as_good_as_its_thread() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.message(ALICE, &case.room, reply("!lock", &case.root)).await.done();
    assert_eq!(w.card(&case), format!("new · 🔒 {ALICE}"));
    w.say_in(BOB, &case.room, "!lock").await.refused("belongs into a ticket's thread");
    w.finish().await;
}

#[tokio::test]
async fn a_closed_ticket_is_nobodys() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.say(ALICE, &case, "!lock").await.done();
    w.say(BOB, &case, "!close").await.refused(ALICE);
    w.say(ALICE, &case, "!close").await.done();
    assert_eq!(w.card(&case), "closed successful, customer not told");
    w.say(ALICE, &case, "!lock").await.refused("!reopen");
    w.say(ALICE, &case, "!owner @me").await.refused("!reopen");
    w.say(ALICE, &case, "!close").await.refused("already");
    w.say(BOB, &case, "!reopen It smokes again").await.done();
    assert_eq!(w.card(&case), format!("open · 🔒 {BOB}"));
    w.finish().await;
}

#[tokio::test]
async fn a_state_is_set_by_name_and_never_by_guess() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.say(ALICE, &case, "!state open").await.done();
    assert_eq!(w.card(&case), format!("open · 🔒 {ALICE}"));
    w.say(ALICE, &case, "!state open").await.refused("already");
    w.say(ALICE, &case, "!state merged").await.refused("by hand");
    w.say(ALICE, &case, "!state done").await.refused("there are new, open");
    w.say(ALICE, &case, "!state closed unsuccessful").await.done();
    assert_eq!(w.card(&case), "closed unsuccessful, customer not told");
    assert_eq!(w.outbox().len(), 1, "nobody was mailed but the acknowledgement");
    w.finish().await;
}
