//! Matrix is away, slow or unwilling, and processes die: nothing is lost, nothing is there twice.

use std::time::Duration;

use ticketloom::desk::seams::Fault;
use ticketloom::domain::id::EventId;
use ticketloom::store::StoreError;
use ticketloom::store::intake::{Heard, NewEvent};
use ticketloom::store::jobs::{Class, Job, PutBack};

use super::world::{ALICE, BOB, CAROL, Trouble, World, text};

#[tokio::test]
async fn a_lost_answer_leaves_one_event() {
    let w = World::new().await;
    w.chat.will(Trouble::AnswerLost);
    w.mail(CAROL, "It smokes", "It smokes.").await;
    assert_eq!(
        w.count("select count(*) from projection where purpose = 'card'").await,
        0,
        "the card's id is not known yet"
    );
    w.pass(Duration::from_secs(30)).await;
    assert_eq!((w.chat.calls(), w.chat.posts(&w.room("support")).len()), (2, 1));
    let case = w.only_case().await;
    w.say(ALICE, &case, "!lock").await.done();
    w.finish().await;
}

#[tokio::test]
async fn who_dies_after_sending_leaves_one_event() {
    let w = World::new().await;
    w.chat.will(Trouble::Silence);
    tokio::select! {
        _ = w.mail(CAROL, "It smokes", "It smokes.") => panic!("it was to fall silent"),
        () = w.chat.silent.notified() => {} // and whoever was at it is gone
    }
    w.settle().await;
    assert_eq!(w.chat.calls(), 1, "the lease still stands");
    w.pass(Duration::from_secs(61)).await;
    assert_eq!((w.chat.calls(), w.chat.posts(&w.room("support")).len()), (2, 1));
    let case = w.only_case().await;
    assert_eq!(w.chat.posts(&case.room)[0].0, case.root);
    w.finish().await;
}

#[tokio::test]
async fn who_takes_over_with_another_device_finds_what_was_sent() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.chat.will(Trouble::AnswerLost);
    w.mail(CAROL, &format!("[Ticket#{}]", case.number), "Still.").await;
    w.chat.forget();
    w.pass(Duration::from_mins(1)).await;
    assert_eq!(w.thread(&case).len(), 1);
    w.mail(CAROL, &format!("[Ticket#{}]", case.number), "And on.").await;
    let (_, next) = w.newest_post(&case);
    assert_eq!(next.thread.expect("a thread").last, w.thread(&case)[0].0, "the event that was found is known");
    w.finish().await;
}

#[tokio::test]
async fn a_lost_answer_to_an_upload_leaves_one_event_with_its_file() {
    let w = World::new().await;
    let mail = super::world::Eml::new(CAROL, "File", "See.").files(&[("a.txt", "text/plain", "eA==")]);
    w.chat.will_upload(Trouble::AnswerLost);
    w.deliver(&mail).await;
    w.pass(Duration::from_secs(30)).await;
    let case = w.only_case().await;
    let files: Vec<_> = w.thread(&case).into_iter().filter_map(|(_, post)| post.file).collect();
    assert_eq!((files.len(), w.chat.uploads().len()), (1, 2), "at most an upload that nobody sees");
    w.finish().await;
}

#[tokio::test]
async fn too_many_requests_pause_everything_as_long_as_asked() {
    let w = World::new().await;
    w.chat.will(Trouble::Fault(Fault::Later { after: Some(Duration::from_mins(5)), why: "429".to_owned() }));
    w.mail(CAROL, "It smokes", "It smokes.").await;
    w.pass(Duration::from_mins(4)).await;
    assert_eq!(w.chat.calls(), 1);
    w.pass(Duration::from_mins(1)).await;
    assert_eq!(w.card(&w.only_case().await), "new · nobody's");
    w.finish().await;
}

#[tokio::test]
async fn a_ticket_keeps_its_order_when_matrix_stumbles() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    for n in 0..5 {
        if n % 2 == 0 {
            w.chat.will(if n == 0 { Trouble::Fault(Fault::later("502")) } else { Trouble::AnswerLost });
        }
        w.mail(CAROL, &format!("[Ticket#{}]", case.number), &format!("Mail {n}")).await;
    }
    for _ in 0..5 {
        w.pass(Duration::from_mins(1)).await;
    }
    let texts: Vec<String> = w.thread(&case).into_iter().map(|(_, post)| post.text).collect();
    assert_eq!(texts, (0..5).map(|n| format!("📨 {CAROL} wrote\n\nMail {n}")).collect::<Vec<_>>());
    w.finish().await;
}

#[tokio::test]
async fn an_article_that_is_given_up_is_told_of_in_its_thread() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.chat.will(Trouble::Fault(Fault::never("M_FORBIDDEN")));
    w.mail(CAROL, &format!("[Ticket#{}]", case.number), "It still smokes.").await;
    let dead = w.store.dead_jobs().await.expect("a list");
    let [job] = &dead[..] else { panic!("{dead:?}") };
    let texts: Vec<String> = w.thread(&case).into_iter().map(|(_, post)| post.text).collect();
    let [told] = &texts[..] else { panic!("{texts:?}") };
    assert!(told.contains("could not be shown") && told.contains(&format!("--retry {}", job.id)), "{told}");
    let mut tx = w.store.begin().await.expect("a transaction");
    assert!(tx.retry_dead(job.id).await.expect("an answer"));
    tx.commit().await.expect("a commit");
    w.settle().await;
    assert!(w.thread(&case).iter().any(|(_, post)| post.text.contains("It still smokes.")), "dug out");
    w.finish().await;
}

#[tokio::test]
async fn what_matrix_never_takes_is_buried_shown_and_can_be_dug_out() {
    let w = World::new().await;
    w.chat.will(Trouble::Fault(Fault::never("M_FORBIDDEN")));
    w.mail(CAROL, "It smokes", "It smokes.").await;
    let other = w.ticket("The next one").await;
    assert_eq!(w.card(&other), "new · nobody's", "others don't wait for it");
    let dead = w.store.dead_jobs().await.expect("a list");
    let [job] = &dead[..] else { panic!("{dead:?}") };
    assert_eq!((job.kind.as_str(), job.error.as_deref()), ("Card", Some("M_FORBIDDEN")));
    let mut tx = w.store.begin().await.expect("a transaction");
    assert!(tx.retry_dead(job.id).await.expect("an answer"));
    tx.commit().await.expect("a commit");
    w.settle().await;
    assert_eq!(w.count("select count(*) from projection where purpose = 'card'").await, 2);
    w.finish().await;
}

#[tokio::test]
async fn a_command_whose_mark_gets_lost_is_marked_later_and_done_once() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.chat.will(Trouble::AnswerLost);
    let said = w.say(ALICE, &case, "!note Hello").await;
    w.pass(Duration::from_mins(1)).await;
    said.done();
    assert_eq!(w.count("select count(*) from article where kind = 'note'").await, 1);
    w.finish().await;
}

#[tokio::test]
async fn an_event_that_comes_again_is_heeded_once() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let said = w.say(ALICE, &case, "!note Once").await;
    let body = w.rows(&format!("select body from event_in where event_id = '{}'", said.event)).await.remove(0);
    let (id, room, sender) = (said.event.clone(), case.room.clone(), super::world::user(ALICE));
    let heard = Heard { events: &[NewEvent { id, room, sender, body }], ..Heard::default() };
    assert_eq!(w.store.accept_events("story", Some("s2"), heard).await.expect("accepted"), 0);
    w.settle().await;
    assert_eq!(w.count("select count(*) from article where kind = 'note'").await, 1);
    w.finish().await;
}

#[tokio::test]
async fn who_outlives_his_lease_changes_nothing() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let content = text("!answer Hello", Some(&case.root));
    w.event(ALICE, &case.room, "m.room.message", content).await;
    let late = w.store.lease(Class::Command, 1).await.expect("a lease").remove(0);
    assert!(matches!(late.job, Job::ReadEvent(_)));
    w.wait(Duration::from_secs(61)).await;
    let quick = w.store.lease(Class::Command, 1).await.expect("a lease").remove(0);
    assert_eq!((quick.id, quick.attempt, quick.key), (late.id, 2, late.key));
    let lost = ticketloom::chat::door::receive(&w.desk, &late, None).await;
    assert!(matches!(lost, Err(StoreError::Lost(_))), "{lost:?}");
    let back = PutBack { wait: Duration::ZERO, why: "late".to_owned(), begun: true, counts: true };
    let lost = w.store.put_back(&late, &back).await;
    assert!(matches!(lost, Err(StoreError::Lost(_))), "{lost:?}");
    let lost = w.store.renew(&late).await;
    assert!(matches!(lost, Err(StoreError::Lost(_))), "{lost:?}");
    assert!(matches!(w.store.bury(&late, "late").await, Err(StoreError::Lost(_))));
    w.wait(Duration::from_secs(61)).await;
    w.settle().await;
    assert_eq!(w.card(&case), format!("open · 🔒 {ALICE}"), "done by who came after");
    w.pass(super::world::HOLD).await;
    assert_eq!(w.outbox().len(), 2);
    w.finish().await;
}

#[tokio::test]
async fn rooms_are_asked_for_as_the_record_says() {
    let w = World::new().await;
    w.sql("delete from room where queue_id = (select queue_id from queue where name = 'billing')").await;
    let mut tx = w.store.begin().await.expect("a transaction");
    ticketloom::desk::rooms::refresh_rooms(&mut tx);
    tx.commit().await.expect("a commit");
    w.settle().await;
    let plans: Vec<String> =
        w.chat.plans().into_iter().map(|plan| format!("{} {}", plan.alias, plan.invited.len())).collect();
    assert_eq!(plans, ["tickets-desk 4", "queue-billing 4", "queue-support 4", "tickets-admins 1"]);
    assert_eq!(
        w.rows("select room_id from room join queue using (queue_id) where name = 'billing'").await,
        ["!made-1-queue-billing"]
    );
    w.finish().await;
}

#[tokio::test]
async fn what_is_said_below_a_card_whose_answer_was_lost_waits_for_its_record() {
    let w = World::new().await;
    w.chat.will(Trouble::AnswerLost);
    w.mail(CAROL, "It smokes", "It smokes.").await;
    let room = w.room("support");
    let card = w.chat.posts(&room)[0].0.clone();
    let mut said = Vec::new();
    for (who, words, thread) in [
        (ALICE, "!lock", Some(&card)),
        (ALICE, "!answer Unplug it.", Some(&card)),
        (BOB, "Is that the third?", Some(&card)),
        (ALICE, "!queues", None),
    ] {
        said.push(w.event(who, &room, "m.room.message", text(words, thread)).await);
    }
    w.settle_desk().await;
    let marks = "select payload ->> 'to' from job where kind = 'Mark'";
    assert_eq!(w.rows(marks).await, [said[3].to_string()], "what stands elsewhere passes by what waits");
    for _ in 0..4 {
        w.pass(Duration::from_secs(10)).await;
    }
    let marks: Vec<String> = said.iter().map(|event| w.marks(&room, event)).collect();
    assert_eq!(marks, ["✅", "✉️", "", "✅"]);
    assert_eq!(w.card(&w.only_case().await), format!("open · 🔒 {ALICE}"));
    assert_eq!(w.count("select count(*) from article where kind = 'note'").await, 1);
    w.finish().await;
}

#[tokio::test]
async fn nobody_waits_long_and_nobody_for_a_thread_that_is_not_the_bots() {
    let w = World::new().await;
    let room = w.room("support");
    let talk = w.say_in(BOB, &room, "Lunch?").await.event;
    let busy = Fault::Later { after: Some(Duration::from_mins(10)), why: "429".to_owned() };
    w.chat.will(Trouble::Fault(busy));
    w.mail(CAROL, "It smokes", "It smokes.").await;
    let unknown = EventId::parse("$unknown").expect("an event id");
    let below_bob = w.event(ALICE, &room, "m.room.message", text("!lock", Some(&talk))).await;
    let below_unknown = w.event(ALICE, &room, "m.room.message", text("!lock", Some(&unknown))).await;
    w.settle_desk().await;
    let marks = "select payload ->> 'to' from job where kind = 'Mark'";
    assert_eq!(w.rows(marks).await, [below_bob.to_string()], "the other may be a card");
    w.pass(Duration::from_mins(3)).await;
    assert_eq!((w.marks(&room, &below_bob).as_str(), w.marks(&room, &below_unknown).as_str()), ("❌", ""));
    w.pass(Duration::from_mins(2)).await;
    assert_eq!(w.marks(&room, &below_unknown), "❌");
    w.pass(Duration::from_mins(10)).await;
    assert_eq!(w.card(&w.only_case().await), "new · nobody's");
    w.finish().await;
}
