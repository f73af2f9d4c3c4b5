//! What happened, as programs read it who were away.

use ticketloom::domain::id::{FeedId, QueueId, TicketId};
use ticketloom::domain::ticket::{Actor, TicketEvent};
use ticketloom::store::Tx;
use ticketloom::store::feed::FeedPage;

use super::world::{ALICE, World};

/// All that a reader finds behind a number, read page by page.
async fn after(w: &World, after: i64, page: i64) -> Vec<(i64, &'static str)> {
    let (mut found, mut next) = (Vec::new(), FeedId(after));
    loop {
        let FeedPage { events, next: end } = read(w, next, page, None).await;
        if end == next {
            return found;
        }
        found.extend(events.iter().map(|told| (told.id.0, told.event.topic())));
        next = end;
    }
}

async fn read(w: &World, after: FeedId, most: i64, queues: Option<&[QueueId]>) -> FeedPage {
    let mut tx = w.store.begin().await.expect("a transaction");
    tx.feed().after(after, most, queues).await.expect("a page")
}

async fn number(w: &World) -> usize {
    w.desk.tell_events().await.expect("numbers")
}

async fn happens(w: &World, case: i64) -> Tx {
    let mut tx = w.store.begin().await.expect("a transaction");
    tx.audit().record(TicketId(case), &Actor::System, &TicketEvent::Reminded).await.expect("an event");
    tx
}

#[tokio::test]
async fn a_reader_misses_nothing_of_whoever_began_first_and_committed_last() {
    let w = World::new().await;
    let (one, other) = (w.ticket("It smokes").await, w.ticket("It still smokes").await);
    number(&w).await;
    let before = after(&w, 0, 2).await;
    let last = before.last().expect("something").0;
    assert!(before.iter().map(|(id, _)| *id).eq(1..=last), "without gaps: {before:?}");

    let slow = happens(&w, one.id).await;
    let quick = happens(&w, other.id).await;
    quick.commit().await.expect("a commit");
    assert_eq!(number(&w).await, 1, "the one that is committed");
    assert_eq!(after(&w, last, 100).await, [(last + 1, "ticket.reminded")]);
    happens(&w, one.id).await;
    slow.commit().await.expect("a commit");
    assert_eq!(number(&w).await, 1, "what was rolled back has none");
    assert_eq!(
        after(&w, last + 1, 100).await,
        [(last + 2, "ticket.reminded")],
        "the late one comes behind what was read"
    );
    assert_eq!(number(&w).await, 0);
    let ids = w
        .rows("select ticket_event_id from feed_event where feed_event_id > 2 order by feed_event_id desc limit 2")
        .await;
    assert!(
        ids[0].parse::<i64>().expect("an id") < ids[1].parse().expect("an id"),
        "though its row came first: {ids:?}"
    );
    w.finish().await;
}

#[tokio::test]
async fn two_who_number_at_once_give_each_event_one_number() {
    let w = World::new().await;
    let case = w.ticket("It smokes").await;
    for _ in 0..250 {
        happens(&w, case.id).await.commit().await.expect("a commit");
    }
    let all = w.count("select count(*) from ticket_event").await;
    let (desk, again) = (w.desk.clone(), w.desk.clone());
    let (one, other) = tokio::join!(desk.tell_events(), again.tell_events());
    let numbered = one.expect("numbers") + other.expect("numbers") + number(&w).await;
    assert_eq!(i64::try_from(numbered).expect("a count"), all);
    let sums = w
        .rows("select count(*) || ' ' || max(feed_event_id) || ' ' || count(distinct ticket_event_id) from feed_event")
        .await;
    assert_eq!(sums, [format!("{all} {all} {all}")]);
    assert_eq!(w.count("select count(*) from unnumbered_event").await, 0);
    w.finish().await;
}

#[tokio::test]
async fn who_may_see_a_queue_reads_of_that_one_and_never_the_same_twice() {
    let w = World::new().await;
    let (here, there) = (w.ticket("It smokes").await, w.ticket("It still smokes").await);
    w.say(ALICE, &there, "!move billing").await.done();
    number(&w).await;
    let billing = QueueId(w.count("select queue_id from queue where name = 'billing'").await);
    let page = read(&w, FeedId(0), 1_000, Some(&[billing])).await;
    assert!(page.events.iter().all(|told| told.ticket.number.to_string() == there.number), "{page:?}");
    assert_eq!(page.next.0, w.count("select max(feed_event_id) from feed_event").await);
    let nothing = read(&w, FeedId(0), 1, Some(&[billing])).await;
    assert!(
        nothing.events.is_empty() && nothing.next == FeedId(1),
        "it goes on behind what it may not see: {nothing:?}"
    );
    assert!(read(&w, page.next, 10, None).await.events.is_empty());
    let json = serde_json::to_value(ticketloom::desk::feed::EventJson::from(&page.events[0])).expect("JSON");
    assert_eq!((&json["type"], &json["by"]["sender"]), (&"ticket.created".into(), &"customer".into()));
    assert_eq!((&json["ticket"]["queue"], &json["ticket"]["locked"]), (&"billing".into(), &false.into()));
    assert!(!json.to_string().contains(&here.number));
    w.finish().await;
}
