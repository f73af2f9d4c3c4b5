//! Wanted, difference, send: what stands in Matrix is what the record says, and nothing is sent that stands there.

use std::time::Duration;

use ticketloom::desk::post::Post;
use ticketloom::desk::projection::difference::Wanted;
use ticketloom::domain::id::TicketId;
use ticketloom::domain::said::Said;
use ticketloom::store::jobs::{Card, Class};
use ticketloom::store::projections::Subject;

use super::world::{ALICE, Case, Trouble, World};

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
        let wanted = Wanted { subject, room: case.room.clone(), below: None, post, is_pinned, about: None };
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
        assert!(w.card(&case).ends_with("🔓 unlocked"), "{}", w.card(&case));
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
    assert!(w.card_post(&case).text.starts_with("It burns"), "{}", w.card_post(&case).text);
    w.finish().await;
}

#[tokio::test]
async fn what_is_wanted_pinned_is_pinned_and_what_is_not_wanted_is_taken_away() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    let post = || Some(Post::notice(Said::plain("a board")));
    w.show(&case, post(), true).await;
    assert_eq!(w.chat.pins(&case.room), std::slice::from_ref(&case.root));
    let posts = w.chat.posts(&case.room).len();
    w.show(&case, post(), false).await;
    assert_eq!((w.chat.pins(&case.room).len(), w.chat.posts(&case.room).len()), (0, posts), "only the pin is gone");
    w.show(&case, post(), true).await;
    w.show(&case, None, false).await;
    assert_eq!((w.chat.pins(&case.room).len(), w.chat.redacted()), (0, vec![case.root.clone()]));
    w.refresh(&case).await;
    w.settle().await;
    let card = w.only_case().await;
    assert_ne!(card.root, case.root, "what is wanted again is made anew");
    assert!(w.card_post(&card).text.starts_with("It smokes"));
    w.finish().await;
}
