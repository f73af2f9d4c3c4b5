//! Wanted, difference, send: what stands in Matrix is what the record says, and nothing is sent that stands there.

use std::time::Duration;

use ticketloom::desk::post::Post;
use ticketloom::desk::projection::difference::{Telling, Wanted};
use ticketloom::desk::seams::Fault;
use ticketloom::domain::id::{EventId, TicketId};
use ticketloom::domain::said::Said;
use ticketloom::store::jobs::{Card, Class};
use ticketloom::store::projections::Subject;

use super::world::{ALICE, CAROL, Case, DAVE, Eml, ROOT, Shown, Trouble, World};

impl World {
    /// Somebody thinks that a card may have changed.
    async fn refresh(&self, case: &Case) {
        let mut tx = self.store.begin().await.expect("a transaction");
        tx.enqueue(Card { ticket: TicketId(case.id) });
        tx.commit().await.expect("a commit");
    }

    /// One job that wants this of a ticket's card.
    async fn show(&self, case: &Case, post: Option<Post>, is_pinned: bool) {
        self.refresh(case).await;
        let leased = self.store.lease(Class::Chat, 1).await.expect("a lease").pop().expect("a job");
        let subject = Subject::Card(TicketId(case.id));
        let room = case.room.clone();
        let wanted = Wanted {
            subject,
            room,
            below: None,
            post,
            is_pinned,
            is_daily: false,
            is_needed: false,
            telling: Telling::News,
            offers: &[],
            about: None,
        };
        self.desk.projection(&leased, &*self.chat).show(&wanted).await.expect("shown");
        self.store.next(&leased, false).await.expect("the lane is free again");
    }
}

#[tokio::test]
async fn what_stands_there_already_is_not_sent_again() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let calls = w.chat.calls();
    for _ in 0..3 {
        w.refresh(&case).await;
        w.settle().await;
    }
    assert_eq!(w.chat.calls(), calls, "nothing has changed");
    w.say(ALICE, &case, "!lock").await.done();
    let calls = w.chat.calls();
    w.refresh(&case).await;
    w.settle().await;
    assert_eq!(w.chat.calls(), calls, "it shows the lock");
    w.finish().await;
}

#[tokio::test]
async fn an_edit_whose_answer_was_lost_hides_no_later_change() {
    for is_another_device in [false, true] {
        let w = World::new().await;
        let case = w.ticket("It smokes").await;
        // The card shows the lock, but nobody here knows.
        w.chat.will(Trouble::AnswerLost);
        w.react(ALICE, &case.room, &case.root, "🔒").await;
        w.say(ALICE, &case, "!unlock").await.done();
        if is_another_device {
            w.chat.forget();
        }
        w.pass(Duration::from_mins(1)).await;
        assert!(w.card(&case).ends_with("nobody's"), "{}", w.card(&case));
        w.finish().await;
    }
}

#[tokio::test]
async fn a_card_s_answer_that_was_lost_hides_no_later_change() {
    let w = World::new().await;
    w.chat.will(Trouble::AnswerLost);
    w.mail(super::world::CAROL, "It smokes", "It smokes.").await;
    w.sql("update ticket set subject = 'It burns'").await;
    let ticket = TicketId(w.count("select ticket_id from ticket").await);
    let mut tx = w.store.begin().await.expect("a transaction");
    tx.enqueue(Card { ticket });
    tx.commit().await.expect("a commit");
    w.pass(Duration::from_mins(1)).await;
    let case = w.only_case().await;
    assert!(w.card_post(&case).text.contains("It burns"), "{}", w.card_post(&case).text);
    w.finish().await;
}

#[tokio::test]
async fn what_was_given_up_and_is_tried_again_hides_no_later_change() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.sql("update ticket set subject = 'It glows'").await;
    // The card shows that, but nobody here knows, and nobody tries on.
    w.chat.will(Trouble::AnswerLost);
    w.chat.will(Trouble::Fault(Fault::never("M_TOO_LARGE")));
    w.refresh(&case).await;
    w.settle().await;
    w.pass(Duration::from_mins(1)).await;
    let dead = w.store.dead_jobs().await.expect("a list").remove(0);
    w.sql("update ticket set subject = 'It burns'").await;
    let mut tx = w.store.begin().await.expect("a transaction");
    assert!(tx.retry_dead(dead.id).await.expect("an answer"));
    tx.commit().await.expect("a commit");
    w.settle().await;
    w.refresh(&case).await;
    w.settle().await;
    assert!(w.card_post(&case).text.contains("It burns"), "{}", w.card_post(&case).text);
    w.finish().await;
}

#[tokio::test]
async fn what_another_device_sent_before_it_was_given_up_is_not_sent_twice() {
    let w = World::new().await;
    w.chat.will(Trouble::AnswerLost);
    w.chat.will(Trouble::Fault(Fault::never("M_FORBIDDEN")));
    w.mail(CAROL, "It smokes", "It smokes.").await;
    w.pass(Duration::from_mins(1)).await;
    let dead = w.store.dead_jobs().await.expect("a list").remove(0);
    assert_eq!(dead.kind, "Card");
    w.chat.forget();
    let mut tx = w.store.begin().await.expect("a transaction");
    assert!(tx.retry_dead(dead.id).await.expect("an answer"));
    tx.commit().await.expect("a commit");
    w.settle().await;
    let cards = w.chat.posts(&w.room("support")).into_iter().filter(|(_, post)| post.ticket.is_some());
    assert_eq!(cards.filter(|(_, post)| post.replaces.is_none()).count(), 1, "one card");
    w.finish().await;
}

#[tokio::test]
async fn two_that_are_pinned_at_the_same_moment_are_both_pinned() {
    let w = World::new().await;
    let cases = [w.ticket("One").await, w.ticket("Two").await];
    for case in &cases {
        w.refresh(case).await;
    }
    let leased = w.store.lease(Class::Chat, 2).await.expect("leases");
    let wanted = |case: &Case| Wanted {
        subject: Subject::Card(TicketId(case.id)),
        room: case.room.clone(),
        below: None,
        post: Some(Post::notice(Said::plain("a board"))),
        is_pinned: true,
        is_daily: false,
        is_needed: true,
        telling: Telling::News,
        offers: &[],
        about: None,
    };
    let wanted = cases.each_ref().map(wanted);
    let projections = [0, 1].map(|n| w.desk.projection(&leased[n], &*w.chat));
    {
        // Whoever writes the list in between must not lose the other's.
        let held = w.chat.will_hold_pin();
        let mut one = std::pin::pin!(projections[0].show(&wanted[0]));
        let is_done = tokio::select! {
            done = &mut one => done.map(|()| true).expect("shown"),
            () = w.chat.silent.notified() => false,
        };
        projections[1].show(&wanted[1]).await.expect("shown");
        held.notify_one();
        if !is_done {
            one.await.expect("shown");
        }
    }
    for leased in &leased {
        w.store.next(leased, false).await.expect("the lane is free again");
    }
    w.run_chat().await;
    let pins = w.chat.pins(&w.room("support"));
    assert!(cases.iter().all(|case| pins.contains(&case.root)), "{pins:?}");
    w.settle().await;
    w.finish_with_stale_cards().await;
}

/// The bot's messages that have not been taken away, edits aside.
fn left(w: &World, case: &Case, taken: &EventId) -> Vec<Shown> {
    let posts = w.chat.posts(&case.room).into_iter();
    let left = posts.filter(|(id, post)| id != taken && post.replaces.is_none());
    left.map(|(_, post)| post).collect()
}

#[tokio::test]
async fn a_card_that_somebody_takes_away_is_made_anew_while_there_is_something_to_do() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.redact_post(ROOT, &case.room, &case.root).await;
    let anew = w.only_case().await;
    assert_ne!(anew.root, case.root);
    w.say(ALICE, &case, "!lock").await.done();
    assert_eq!(w.card(&anew), format!("new · 🔒 {ALICE}"), "what is said below the old one still counts");
    w.reply_to(&w.newest_mail(), "It burns.").await;
    assert!(w.newest_post(&anew).1.text.contains("It burns."));

    w.say(ALICE, &anew, "!close").await.done();
    let count = left(&w, &anew, &anew.root).len();
    w.redact_post(ROOT, &anew.room, &anew.root).await;
    assert_eq!(left(&w, &anew, &anew.root).len(), count, "of a closed one, only when something happens to it");
    w.reply_to(&w.newest_mail(), "It burns again!").await;
    let again = w.only_case().await;
    assert_ne!(again.root, anew.root);
    assert!(w.newest_post(&again).1.text.contains("again!"));
    w.finish().await;
}

#[tokio::test]
async fn words_that_somebody_takes_away_stay_away() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.deliver(&Eml::reply(&w.newest_mail(), "My password is secret.").from("eve@elsewhere.test")).await;
    let (event, post) = w.newest_post(&case);
    assert!(post.text.contains("is new here"));
    w.redact_post(ROOT, &case.room, &event).await;
    w.say(ALICE, &case, "!cc +eve@elsewhere.test").await.done();
    let again = w.chat.posts(&case.room).into_iter().filter(|(_, post)| post.text.contains("secret"));
    assert_eq!(again.count(), 1, "neither sent again nor edited, though Eve is not new any more");
    w.finish().await;
}

#[tokio::test]
async fn a_held_mail_that_somebody_takes_away_still_waits_to_be_decided() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    w.deliver(&Eml::new(DAVE, &format!("[Ticket#{}] Smoke", case.number), "Tell me.")).await;
    let (event, _) = w.newest_post(&case);
    w.redact_post(ROOT, &case.room, &event).await;
    let (anew, _) = w.newest_post(&case);
    assert_ne!(anew, event);
    w.react(ALICE, &case.room, &anew, "❌").await;
    w.redact_post(ROOT, &case.room, &anew).await;
    assert_eq!(w.newest_post(&case).0, anew, "it is decided, and stays away");
    w.finish().await;
}

#[tokio::test]
async fn an_entry_in_quarantine_that_somebody_takes_away_comes_back_until_it_is_decided() {
    let w = World::new().await;
    w.deliver(&Eml::new("list@shop.test", "Buy", "Buy!").header("Auto-Submitted", "auto-generated")).await;
    let room = w.room("support");
    let entries =
        || w.chat.posts(&room).into_iter().filter(|(_, post)| post.quarantine.is_some() && post.replaces.is_none());
    let first = entries().next().expect("an entry").0;
    w.redact_post(ROOT, &room, &first).await;
    let anew = entries().next_back().expect("an entry").0;
    assert_ne!(anew, first);
    w.react(ALICE, &room, &anew, "✅").await;
    w.redact_post(ROOT, &room, &anew).await;
    assert_eq!(entries().count(), 2);
    w.finish().await;
}

#[tokio::test]
async fn what_is_wanted_pinned_is_pinned_and_what_is_not_wanted_is_taken_away() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let post = || Some(Post::notice(Said::plain("a board")));
    w.show(&case, post(), true).await;
    w.run_chat().await;
    assert_eq!(w.chat.pins(&case.room), std::slice::from_ref(&case.root));
    let posts = w.chat.posts(&case.room).len();
    w.show(&case, post(), false).await;
    w.run_chat().await;
    assert_eq!((w.chat.pins(&case.room).len(), w.chat.posts(&case.room).len()), (0, posts), "only the pin is gone");
    w.show(&case, post(), true).await;
    w.show(&case, None, false).await;
    w.run_chat().await;
    assert_eq!((w.chat.pins(&case.room).len(), w.chat.redacted()), (0, vec![case.root.clone()]));
    w.refresh(&case).await;
    w.settle().await;
    let card = w.only_case().await;
    assert_ne!(card.root, case.root, "what is wanted again is made anew");
    assert!(w.card_post(&card).text.contains("It smokes"));
    w.finish().await;
}
