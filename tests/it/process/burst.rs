//! Thousands of mails of one address, and a customer who only wants to be heard.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Instant;

use futures_util::future::join_all;
use serde_json::Value;

use super::house::{Customer, House, unique, until};
use super::lmtp::Lmtp;

/// How many connections bring them.
const CONNECTIONS: usize = 4;
/// How many automatic mails an address gets on a day.
const ACKNOWLEDGEMENTS: i64 = 5;
/// How many tickets an hour one address may open, if the configuration says nothing.
const TICKETS: i64 = 20;

/// How many mails a burst has at least; `TICKETLOOM_BURST` says more.
fn mails() -> usize {
    std::env::var("TICKETLOOM_BURST").ok().and_then(|mails| mails.parse().ok()).unwrap_or(400)
}

/// What the burst and whoever is not part of it know of each other.
#[derive(Default)]
struct Weather {
    sent: AtomicUsize,
    is_heard: AtomicBool,
}

/// One connection's part of the burst. It goes on until there are enough, and somebody else was heard.
async fn pour(house: &House, mallory: &Customer, weather: &Weather) {
    let mut lmtp = Lmtp::open(house).await;
    while weather.sent.load(Ordering::Relaxed) < mails() || !weather.is_heard.load(Ordering::Relaxed) {
        let number = weather.sent.fetch_add(1, Ordering::Relaxed);
        let raw = mallory.compose(house.address(), &format!("Fire {number}"), "It burns.", "");
        lmtp.deliver(&mallory.address, house.address(), &raw).await;
    }
}

/// Somebody writes in the middle of it, and is seen while it goes on.
async fn call(house: &House, weather: &Weather) {
    let sent = || weather.sent.load(Ordering::Relaxed);
    until("the burst is under way", 300, async || (sent() > mails() / 2).then_some(())).await;
    let (customer, subject) = (Customer::new(), format!("Please {}", unique()));
    let raw = customer.compose(house.address(), &subject, "It smokes.", "");
    Lmtp::open(house).await.deliver(&customer.address, house.address(), &raw).await;
    let began = Instant::now();
    house.alice.card(house.room(), &subject).await;
    let elapsed = began.elapsed();
    weather.is_heard.store(true, Ordering::Relaxed);
    let waiting = house.count("mail_in where fate = 'waiting'").await;
    eprintln!("somebody else is seen after {elapsed:.1?}; by then {} are sent and {waiting} of them not read", sent());
}

/// The counts of the entry, as the room has heard them.
async fn counts(house: &House) -> Vec<i64> {
    let count = |event: &Value| {
        let content = &event["content"];
        let newest = if content["m.new_content"].is_object() { &content["m.new_content"] } else { content };
        newest["org.ticketloom.quarantine"]["count"].as_i64()
    };
    house.alice.events(house.room()).await.iter().filter_map(count).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_burst_is_kept_and_counted_and_nobody_waits_for_its_end() {
    let house = House::open().await;
    let (mallory, weather) = (Customer::new(), Weather::default());
    let began = Instant::now();
    let pouring = (0..CONNECTIONS).map(|_| pour(&house, &mallory, &weather));
    tokio::join!(join_all(pouring), call(&house, &weather));
    let mails = i64::try_from(weather.sent.load(Ordering::Relaxed)).expect("a number") + 1;
    let taken = began.elapsed();
    let patience = 60 + mails.unsigned_abs() / 20;
    until("everything is done", patience, async || house.jobs().await.is_empty().then_some(())).await;
    eprintln!("{mails} mails taken in {taken:.1?}, all of it done in {:.1?}", began.elapsed());

    assert_eq!(house.count("mail_in").await, mails);
    assert_eq!(house.count("ticket").await, TICKETS + 1);
    let counted: Vec<i64> =
        sqlx::query_scalar("select count from quarantine").fetch_all(&house.record).await.expect("the entries");
    assert_eq!(counted.len(), 1, "one entry");
    let articles = house.count("article where mail_id is not null").await;
    assert_eq!(articles + counted[0], mails, "every mail is one article or one of a count");
    let letters = house.count(&format!("letter where recipient = '{}'", mallory.address)).await;
    assert!(letters <= ACKNOWLEDGEMENTS, "{letters} acknowledgements");
    let counts = counts(&house).await;
    assert_eq!(counts.last(), counted.last(), "the newest edit has the count");
    eprintln!("{} events for the entry", counts.len());
}
