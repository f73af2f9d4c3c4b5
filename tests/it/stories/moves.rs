//! A ticket is brought into another queue.

use ticketloom::domain::queue::Role;
use ticketloom::store::intake::DeliveryKey;

use super::world::{ALICE, BOB, CAROL, DAVE, Eml, HOLD, World, user};

#[tokio::test]
async fn the_thread_goes_on_in_the_other_room_with_all_that_was_said() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.say(ALICE, &case, "I know her").await;
    w.say(ALICE, &case, "!answer Unplug it").await;
    w.pass(HOLD).await;
    w.mail(CAROL, &format!("Re: [Ticket#{}]", case.number), "I did, and who pays?").await;
    w.say(ALICE, &case, "!move billing A bill, really").await.done();
    let there = w.where_it_is(&case).await;
    assert_eq!(w.card(&there), "open · nobody's", "whoever works there is to find it");
    let texts: Vec<String> = w.thread(&there).into_iter().map(|(_, post)| post.text).collect();
    for (text, words) in texts.iter().zip([
        vec!["came from", "support", case.root.as_str()],
        vec!["Note by", "alice", "23 Nov 09:00", "I know her"],
        vec!["Answer by", "alice", "Unplug it"],
        vec!["written 23 Nov 09:00", "I did, and who pays?"],
        vec!["Note by", "alice", "A bill, really"],
    ]) {
        assert!(words.iter().all(|word| text.contains(word)), "{words:?} in {text:?}");
    }
    assert_eq!(texts.len(), 5, "{texts:?}");
    assert!(w.thread(&there).iter().all(|(_, post)| post.mentions.is_empty()), "nobody is called twice");
    let old = w.card_post(&case);
    assert!(old.text.contains("moved to billing") && old.html.unwrap_or_default().contains(there.root.as_str()));
    assert!(!old.text.contains("It smokes."), "the customer's words are where the ticket is");
    assert!(w.newest_post(&case).1.text.contains("its thread goes on there"));
    w.finish().await;
}

/// What is still to be shown when the ticket is moved comes behind its new card.
#[tokio::test]
async fn what_was_on_its_way_into_the_thread_comes_into_the_new_one() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let mail = Eml::new(CAROL, &format!("Re: [Ticket#{}]", case.number), "And who pays?");
    let raw = mail.bytes();
    w.accept(&raw, &mail.recipient, CAROL, DeliveryKey::of_bytes(&mail.recipient, &raw)).await;
    w.settle_desk().await;
    w.say(ALICE, &case, "!move billing A bill, really").await.done();
    let texts: Vec<String> = w.thread(&w.where_it_is(&case).await).into_iter().map(|(_, post)| post.text).collect();
    assert_eq!(texts.iter().filter(|text| text.contains("And who pays?")).count(), 1, "{texts:?}");
    w.finish().await;
}

#[tokio::test]
async fn number_references_and_signed_addresses_lead_to_where_it_is() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let acknowledgement = w.newest_mail();
    w.say(ALICE, &case, "!move billing").await.done();
    let there = w.where_it_is(&case).await;
    for mail in [
        w.reply_to(&acknowledgement, "To the signed address.").await,
        w.mail(CAROL, &format!("Re: [Ticket#{}]", case.number), "By the number.").await,
        w.deliver(
            &Eml::new(CAROL, "smoke", "By reference.")
                .header("References", &format!("<{}>", acknowledgement.message_id)),
        )
        .await,
    ] {
        assert_eq!(w.case_of(mail).await.id, case.id);
    }
    assert!(w.newest_post(&there).1.text.contains("By reference."));
    w.say(BOB, &there, "!answer Here we are").await;
    w.pass(HOLD).await;
    let answer = w.newest_mail();
    assert!(answer.source.contains("From: Billing <billing@desk.test>"), "{}", answer.source);
    let mail = w.reply_to(&answer, "Fine.").await;
    assert_eq!(w.case_of(mail).await.id, case.id);
    w.say(ALICE, &case, "A word in the old thread").await;
    assert!(w.newest_post(&there).1.text.contains("A word in the old thread"), "is shown in the new one");
    w.say(ALICE, &case, "!priority 5").await.done();
    assert_eq!(w.card_post(&there).ticket.map(|mark| mark.priority), Some(5));
    w.finish().await;
}

#[tokio::test]
async fn rights_are_checked_at_both_ends() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let mut tx = w.store.begin().await.expect("a transaction");
    let support =
        tx.queues().all().await.expect("queues").into_iter().find(|queue| queue.name == "support").expect("it").id;
    tx.agents().put(&user(BOB), Role::Agent, &[support]).await.expect("Bob is confined");
    tx.commit().await.expect("a commit");
    let refused = w.say(BOB, &case, "!move billing").await;
    refused.refused("no queue billing in which you work").refused("There are support.");
    w.say(BOB, &case, "!move support").await.refused("so already");
    w.say(ALICE, &case, "!move nowhere").await.refused("There are billing, support.");
    w.say(BOB, &case, "!lock").await.done();
    w.say(ALICE, &case, "!move billing").await.refused("has locked this ticket");
    w.say(ALICE, &case, "!owner @me").await.done();
    w.say(ALICE, &case, "!move #Billing").await.done();
    w.say(BOB, &case, "!priority 5").await.refused("no agent of this queue");
    let there = w.where_it_is(&case).await;
    w.say(BOB, &there, "!undo").await.refused("no agent of this queue");
    w.finish().await;
}

#[tokio::test]
async fn a_move_is_undone_and_the_thread_goes_on_where_it_was() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.say(ALICE, &case, "Mine").await;
    w.say(ALICE, &case, "!move billing").await.done();
    let there = w.where_it_is(&case).await;
    w.say(BOB, &there, "Ours").await;
    let before = w.thread(&case).len();
    w.say(ALICE, &there, "!undo").await.done();
    assert_eq!(w.card(&case), "new · nobody's");
    assert!(w.card_post(&case).text.contains("It smokes."), "{}", w.card_post(&case).text);
    assert!(w.card_post(&there).text.contains("moved to support"));
    let new: Vec<String> = w.thread(&case).split_off(before).into_iter().map(|(_, post)| post.text).collect();
    assert!(new.iter().any(|text| text.contains("Note by") && text.contains("Ours")), "{new:?}");
    assert!(!new.iter().any(|text| text.contains("Mine")), "what stands there is not written again: {new:?}");
    w.mail(CAROL, &format!("Re: [Ticket#{}]", case.number), "Hello?").await;
    assert!(w.newest_post(&case).1.text.contains("Hello?"));
    w.finish().await;
}

#[tokio::test]
async fn files_go_along_and_what_was_taken_back_does_not() {
    let w = World::new().await;
    let mail = Eml::new(CAROL, "It smokes", "See the picture.").files(&[("smoke.txt", "text/plain", "c21va2U=")]);
    let case = w.case_of(w.deliver(&mail).await).await;
    w.mail(DAVE, &format!("[Ticket#{}]", case.number), "Let me in.").await;
    let (held, _) = w.newest_post(&case);
    w.react(ALICE, &case.room, &held, "🗑").await;
    w.say(ALICE, &case, "!answer Oops").await;
    w.say(ALICE, &case, "!undo").await.done();
    w.pass(HOLD).await;
    w.say(ALICE, &case, "!move billing").await.done();
    let there = w.where_it_is(&case).await;
    let thread = w.thread(&there);
    assert!(thread.iter().any(|(_, post)| post.file.as_ref().is_some_and(|file| file.name == "smoke.txt")));
    for (_, post) in thread {
        assert!(!post.text.contains("Oops") && !post.text.contains("Let me in"), "{}", post.text);
    }
    w.finish().await;
}
