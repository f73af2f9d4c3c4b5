//! What is not called, whatever a webhook's address says or leads to.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

use super::super::world::World;
use super::{Book, add, call, calling, everything, hooked, run, tell, webhook};
use crate::receiver::{Answer, Receiver};

fn book(name: &str, addresses: &[&str]) -> Book {
    let addresses = addresses.iter().map(|address| address.parse().expect("an address")).collect();
    Book(std::sync::Mutex::new([(name.to_owned(), addresses)].into()))
}

#[tokio::test]
async fn what_the_operator_did_not_allow_is_not_called() {
    let w = World::new().await;
    let receiver = Receiver::new().await;
    let id = hooked(&w, &receiver).await;
    w.ticket("It smokes").await;
    w.desk.tell_events().await.expect("numbers");
    let port = receiver.address.port();
    run(&w, calling(&w, &["127.0.0.2", "localhost", &format!("127.0.0.1:{}", port ^ 1)], Book::default())).await;
    assert!(receiver.got().is_empty());
    let (said, _) = webhook(&w, id).await.last.expect("a call");
    assert_eq!(said, "127.0.0.1 is not public; webhooks.allow names what may be called all the same");
    w.wait(Duration::from_secs(5)).await;
    run(&w, calling(&w, &[&format!("127.0.0.1:{port}")], Book::default())).await;
    assert!(!receiver.got().is_empty(), "once it is allowed, it is told what it missed");
    w.finish().await;
}

#[tokio::test]
async fn a_name_that_leads_elsewhere_on_the_second_look_is_looked_at_then_too() {
    let w = World::new().await;
    let inside = Receiver::new().await;
    let port = inside.address.port();
    let outside = Receiver::at(&format!("127.0.0.2:{port}")).await;
    outside.will(Answer::Status(500));
    let id = add(&w, everything(&format!("http://hooks.test:{port}/hook"))).await;
    w.ticket("It smokes").await;
    w.desk.tell_events().await.expect("numbers");
    // 127.0.0.2 stands for what may be called, 127.0.0.1 for the desk's own network.
    let calling = calling(&w, &["127.0.0.2"], book("hooks.test", &["127.0.0.2", "127.0.0.1", "127.0.0.2"]));
    run(&w, Arc::clone(&calling)).await;
    assert_eq!(outside.got().len(), 1, "one look a call, and what was looked at is called");
    w.wait(Duration::from_secs(5)).await;
    run(&w, Arc::clone(&calling)).await;
    assert!(
        webhook(&w, id).await.last.expect("a call").0.starts_with("hooks.test leads to 127.0.0.1, which is not public")
    );
    assert_eq!((inside.got().len(), outside.got().len()), (0, 1));
    w.wait(Duration::from_mins(5)).await;
    run(&w, calling).await;
    assert_eq!((inside.got().len(), outside.got().len()), (0, 2));
    assert_eq!(
        webhook(&w, id).await.last.expect("a call").0,
        "hooks.test leads nowhere: no such name",
        "the next look"
    );
    w.sql("delete from webhook").await;
    w.wait(Duration::from_secs(5)).await;
    call(&w).await;
    w.finish().await;
}

#[tokio::test]
async fn nobody_is_sent_elsewhere() {
    let w = World::new().await;
    let (receiver, other) = (Receiver::new().await, Receiver::new().await);
    receiver.will(Answer::Elsewhere(other.url()));
    let id = hooked(&w, &receiver).await;
    w.ticket("It smokes").await;
    tell(&w).await;
    assert_eq!((receiver.got().len(), other.got().len()), (1, 0));
    assert_eq!(webhook(&w, id).await.last.expect("a call").0, "status 307");
    w.wait(Duration::from_secs(5)).await;
    call(&w).await;
    assert!(other.got().is_empty() && receiver.got().len() > 1);
    w.finish().await;
}

#[tokio::test]
async fn who_says_nothing_for_ten_seconds_is_left() {
    let w = World::new().await;
    let receiver = Receiver::new().await;
    receiver.will(Answer::After(Arc::new(Notify::new())));
    let id = hooked(&w, &receiver).await;
    w.ticket("It smokes").await;
    tell(&w).await;
    assert_eq!(webhook(&w, id).await.last.expect("a call").0, "no answer within 10 s");
    w.wait(Duration::from_secs(5)).await;
    call(&w).await;
    assert!(webhook(&w, id).await.failing_since.is_none());
    w.finish().await;
}
