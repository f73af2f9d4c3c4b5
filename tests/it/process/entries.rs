//! Every entry that strangers reach is flooded, and everybody else is served meanwhile.

use futures_util::stream::{StreamExt, iter};

use super::flood::Flood;
use super::house::{Customer, House, Plan, unique, until};

/// How many mails lie in a mailbox before the one that matters.
const MAILS: usize = 300;
/// How many files a desk with the usual limits has open at most.
const FILES: usize = 600;

async fn flood(port: u16, words: &[u8]) -> Flood {
    let flood = Flood::begin(port, words);
    until("the flood is there", 60, async || flood.is_there().then_some(())).await;
    flood
}

/// Somebody writes, and an agent locks the ticket: both are served while it floods, or waiting for them ends the test. How
/// soon is a figure of the benchmark (`dev/bench floods`), since other tests want the machine, too.
async fn is_served(house: &House) {
    let (customer, subject) = (Customer::new(), format!("Please {}", unique()));
    customer.write(house.address(), &subject, "It smokes.").await;
    let card = house.alice.card(house.room(), &subject).await;
    let command = house.alice.say_in(house.room(), &card.root, "!lock").await;
    house.alice.marked(house.room(), &command, "✅").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_silent_lmtp_connections_keep_nobody_out() {
    let house = House::opened_alone(Plan::default()).await;
    let _flood = flood(house.lmtp, b"").await;
    is_served(&house).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_mails_that_never_end_keep_nobody_out() {
    let house = House::opened_alone(Plan::default()).await;
    let mail = format!("LHLO x\r\nMAIL FROM:<x@y.test>\r\nRCPT TO:<{}>\r\nDATA\r\nSubject: x\r\n", house.address());
    let flood = flood(house.lmtp, mail.as_bytes()).await;
    is_served(&house).await;
    drop(flood);
    assert_eq!(house.count("mail_in where envelope_from = 'x@y.test'").await, 0, "none was taken in part");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_silent_or_slow_http_connections_keep_nobody_out() {
    let house = House::opened_alone(Plan::default()).await;
    for words in [&b""[..], b"GET /health HTTP/1.1\r\nHost: desk", b"GET /health HTTP/1.1\r\nHost: desk\r\n\r\n"] {
        let _flood = flood(house.http, words).await;
        is_served(&house).await;
        assert!(house.open_files() < FILES, "{} files are open", house.open_files());
        for page in ["/health", "/ready", "/metrics"] {
            assert_eq!(house.page(page).await.map(|(status, _)| status), Some(200), "{page}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mailbox_full_of_one_persons_mails_keeps_nobody_out() {
    let house = House::opened_alone(Plan { queues: 0, imap: true, ..Plan::default() }).await;
    house.stop().await;
    let mallory = Customer::new();
    let write = |number: usize| {
        let (mallory, address) = (&mallory, house.address());
        async move { mallory.write(address, &format!("Fire {number}"), "It burns.").await }
    };
    iter(0..MAILS).map(write).buffer_unordered(8).collect::<Vec<()>>().await;
    let lies = async || (super::house::fetch(house.address()).await.len() == MAILS).then_some(());
    until("the mailbox is full", 60, lies).await;
    house.start(&[]);
    house.answers().await;
    is_served(&house).await;
    house.idle().await;
    assert_eq!(house.count("mail_in").await, i64::try_from(MAILS + 1).expect("a number"), "none is lost");
}
