//! A queue's room is made anew from the record.

use std::time::Duration;

use ticketloom::desk::post::Tone;
use ticketloom::desk::remirror;
use ticketloom::domain::id::{QueueId, RoomId};
use ticketloom::store::intake::DeliveryKey;

use super::world::{ALICE, BOB, CAROL, Case, DAVE, Eml, HOLD, World};

async fn queue(w: &World, name: &str) -> QueueId {
    QueueId(w.count(&format!("select queue_id from queue where name = '{name}'")).await)
}

/// It is asked for, and the room is made.
async fn begin(w: &World, is_lost: bool) -> RoomId {
    let support = queue(w, "support").await;
    assert_eq!(remirror::begin(&w.store, &[support], is_lost).await.expect("begun"), [support]);
    w.desk.make_rooms(&*w.chat).await.expect("rooms");
    room(w).await
}

async fn room(w: &World) -> RoomId {
    let room = w.rows("select room_id from room join queue using (queue_id) where name = 'support'").await.remove(0);
    RoomId::parse(&room).expect("a room's id")
}

/// All that was still to wait for the new room is done.
async fn settle(w: &World) {
    w.settle().await;
    w.pass(Duration::from_mins(1)).await;
}

fn texts(w: &World, case: &Case) -> Vec<String> {
    w.thread(case).into_iter().map(|(_, post)| post.text).collect()
}

#[tokio::test]
async fn open_tickets_come_first_and_all_that_was_said_in_its_order() {
    let w = World::new().await;
    let (closed, open) = (w.ticket("It was smoking").await, w.ticket("It smokes").await);
    w.say(ALICE, &closed, "!close It is out").await.done();
    w.say(ALICE, &open, "I know her").await;
    w.say(BOB, &open, "!answer Unplug it").await;
    w.pass(HOLD).await;
    w.reply_to(&w.newest_mail(), "I did.").await;
    let bill = w.deliver(&Eml::new(DAVE, "My bill", "It is wrong.").to("billing@desk.test")).await;
    let billing = w.case_of(bill).await;
    let (before, mails, old) = (w.chat.posts(&billing.room).len(), w.outbox().len(), open.room.clone());
    let new = begin(&w, false).await;
    assert_ne!(new, old);
    w.settle_desk().await;
    let asked = "select payload ->> 'ticket' from job where kind = 'Card' order by run_at, job_id";
    assert_eq!(w.rows(asked).await, [open.id.to_string(), closed.id.to_string()], "the open one first");
    settle(&w).await;
    let (open, closed) = (w.where_it_is(&open).await, w.where_it_is(&closed).await);
    assert_eq!((&open.room, &closed.room), (&new, &new));
    let cards = w.chat.posts(&new).into_iter().filter(|(_, post)| post.ticket.is_some()).count();
    assert_eq!(cards, 2);
    for (text, words) in texts(&w, &open).iter().zip(["I know her", "Unplug it", "I did."]) {
        assert!(text.contains(words), "{words} in {text}");
    }
    assert_eq!((texts(&w, &open).len(), texts(&w, &closed).len()), (3, 1));
    for (_, post) in w.chat.posts(&new) {
        assert!(post.tone == Tone::Notice && post.mentions.is_empty() && !post.calls_room, "{post:?}");
    }
    assert_eq!((w.chat.posts(&billing.room).len(), w.outbox().len()), (before, mails), "nothing else is touched");
    assert!(w.transcript(&old).contains("a new room"), "{}", w.transcript(&old));
    // The new thread is as the old one was; and what is said in that counts, too.
    w.say(ALICE, &open, "!owner @me").await.done();
    w.say(ALICE, &open, "!close Done").await.done();
    w.finish_with_stale_cards().await;
}

/// Mail that comes in between is not before what was said earlier, and is called for.
#[tokio::test]
async fn new_mail_waits_for_what_was_said_before_it_and_calls_as_always() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.say(ALICE, &case, "!lock").await.done();
    w.say(ALICE, &case, "I know her").await;
    begin(&w, false).await;
    let mail = Eml::new(CAROL, &format!("Re: [Ticket#{}]", case.number), "Now it burns.").files(&[(
        "a.txt",
        "text/plain",
        "YQ==",
    )]);
    let raw = mail.bytes();
    w.accept(&raw, &mail.recipient, CAROL, DeliveryKey::of_bytes(&mail.recipient, &raw)).await;
    settle(&w).await;
    let there = w.where_it_is(&case).await;
    let texts = texts(&w, &there);
    assert_eq!(texts.len(), 3, "{texts:?}");
    for (text, words) in texts.iter().zip(["I know her", "Now it burns.", "a.txt"]) {
        assert!(text.contains(words), "{words} in {texts:?}");
    }
    let called: Vec<_> = w.thread(&there).into_iter().filter(|(_, post)| !post.mentions.is_empty()).collect();
    assert!(called.len() == 1 && called[0].1.text.contains("Now it burns."), "{called:?}");
    w.finish_with_stale_cards().await;
}

#[tokio::test]
async fn twice_is_once_until_it_is_done_and_then_it_is_another_room() {
    let w = World::new().await;
    w.ticket("It smokes").await;
    let support = queue(&w, "support").await;
    begin(&w, false).await;
    assert_eq!(remirror::begin(&w.store, &[support], false).await.expect("an answer"), []);
    settle(&w).await;
    assert_eq!(w.rows("select step from remirror").await, ["done"]);
    assert_eq!(w.count("select count(*) from former_room").await, 1);
    assert_eq!(remirror::begin(&w.store, &[support], false).await.expect("begun"), [support]);
    assert_eq!(w.count("select count(*) from former_room").await, 2);
    settle(&w).await;
    assert_eq!(w.chat.posts(&room(&w).await).iter().filter(|(_, post)| post.ticket.is_some()).count(), 1);
    w.finish_with_stale_cards().await;
}

/// With its homeserver, what was uploaded there is lost, too.
#[tokio::test]
async fn files_are_uploaded_again_where_the_homeserver_is_lost() {
    let w = World::new().await;
    let mail = Eml::new(CAROL, "It smokes", "See.").files(&[("a.bin", "application/x-a", "YWJj")]);
    let id = w.deliver(&mail).await;
    let media = "select media::text from attachment";
    let before = w.rows(media).await;
    w.desk.make_rooms(&*w.chat).await.expect("rooms");
    let others = "select count(*) from room where queue_id is null";
    assert!(w.count(others).await > 0);
    remirror::begin(&w.store, &[queue(&w, "support").await], true).await.expect("begun");
    assert_eq!(w.count(others).await, 0, "all are made anew");
    settle(&w).await;
    assert!(w.count(others).await > 0);
    let case = w.where_it_is(&w.case_of(id).await).await;
    assert!(w.thread(&case).iter().any(|(_, post)| post.file.is_some()));
    assert_ne!(w.rows(media).await, before);
    w.finish_with_stale_cards().await;
}
