//! Mails that arrive at the same time share a commit, and nothing else.

use bytes::Bytes;
use futures_util::future::join_all;
use ticketloom::domain::id::QueueId;
use ticketloom::store::intake::{Accepted, DeliveryKey, NewMail, Route};

use super::world::World;

/// How many arrive at once.
const MAILS: usize = 24;

fn mail(queue: QueueId, number: usize) -> NewMail {
    let from = format!("carol{number}@customer.test");
    let raw = format!(
        "From: <{from}>\r\nSubject: It smokes {number}\r\nMessage-ID: <{number}@customer.test>\r\n\r\nHelp\r\n"
    );
    NewMail {
        queue,
        route: Route::Lmtp,
        recipient: "support@desk.test".to_owned(),
        envelope_from: Some(from),
        key: DeliveryKey::of_bytes("support@desk.test", raw.as_bytes()),
        raw: Bytes::from(raw),
        left_behind: None,
    }
}

async fn support(w: &World) -> QueueId {
    w.store.queue_named("support").await.expect("an answer").expect("a queue")
}

#[tokio::test]
async fn mails_of_many_connections_share_a_few_commits() {
    let w = World::new().await;
    let queue = support(&w).await;
    let accepted = join_all((0..MAILS).map(|number| w.store.accept_mails(vec![mail(queue, number)]))).await;
    let new = |accepted: &Vec<Accepted>| matches!(accepted.as_slice(), [Accepted::New(_)]);
    assert!(accepted.iter().all(|accepted| accepted.as_ref().is_ok_and(new)), "{accepted:?}");
    let commits = w.count("select count(distinct xmin::text) from mail_in").await;
    assert!((1..=5).contains(&commits), "{commits} commits");
    assert_eq!(w.count("select count(*) from job where kind = 'ReadMail'").await, 24, "each has its job");
    for (number, accepted) in accepted.into_iter().enumerate() {
        let Ok([Accepted::New(id)]) = accepted.as_deref() else { panic!("{accepted:?}") };
        let sender = w.rows(&format!("select envelope_from from mail_in where mail_id = {id}")).await;
        assert_eq!(sender, [format!("carol{number}@customer.test")], "each has the answer of its own");
    }
    w.settle().await;
    assert_eq!(w.count("select count(*) from article where mail_id is not null").await, 24);
    w.finish().await;
}

#[tokio::test]
async fn a_mail_that_the_record_refuses_takes_no_other_with_it() {
    let w = World::new().await;
    let queue = support(&w).await;
    let bad = |number| if number == 13 { QueueId(i64::MAX) } else { queue };
    let accepted = join_all((0..MAILS).map(|number| w.store.accept_mails(vec![mail(bad(number), number)]))).await;
    let refused: Vec<usize> = (0..MAILS).filter(|number| accepted[*number].is_err()).collect();
    assert_eq!(refused, [13], "{accepted:?}");
    assert_eq!(w.count("select count(*) from mail_in").await, 23);
    let both = w.store.accept_mails(vec![mail(queue, 100), mail(QueueId(i64::MAX), 101)]).await;
    assert!(both.is_err(), "one delivery to two is all or none");
    assert_eq!(w.count("select count(*) from mail_in").await, 23);
    w.settle().await;
    w.finish().await;
}

#[tokio::test]
async fn the_same_mail_by_many_connections_at_once_is_one() {
    let w = World::new().await;
    let queue = support(&w).await;
    let accepted = join_all((0..MAILS).map(|_| w.store.accept_mails(vec![mail(queue, 1)]))).await;
    let all: Vec<Accepted> = accepted.into_iter().flat_map(|accepted| accepted.expect("accepted")).collect();
    assert_eq!(all.iter().filter(|accepted| **accepted == Accepted::Again).count(), MAILS - 1, "{all:?}");
    assert_eq!(w.count("select count(*) from mail_in").await, 1);
    assert_eq!(w.count("select count(*) from job where kind = 'ReadMail'").await, 1);
    w.settle().await;
    w.finish().await;
}

#[tokio::test]
async fn who_goes_away_while_mails_are_committed_takes_no_other_with_it() {
    let w = World::new().await;
    let queue = support(&w).await;
    let one = |number| {
        let store = w.store.clone();
        tokio::spawn(async move { store.accept_mails(vec![mail(queue, number)]).await })
    };
    let tasks: Vec<_> = (0..MAILS).map(one).collect();
    tokio::task::yield_now().await;
    for task in tasks.iter().step_by(2) {
        task.abort();
    }
    for (number, task) in tasks.into_iter().enumerate() {
        let ended = task.await;
        assert!(number % 2 == 0 || ended.is_ok_and(|accepted| accepted.is_ok()), "{number}");
    }
    assert!(w.count("select count(*) from mail_in").await >= 12);
    w.settle().await;
    w.finish().await;
}
