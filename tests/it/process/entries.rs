//! Every entry that strangers reach is flooded, and everybody else is served meanwhile.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures_util::stream::{StreamExt, iter};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpSocket;
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

use super::house::{Customer, House, Plan, unique, until};

/// How many connections a flood has at a time.
const CONNECTIONS: usize = 1_000;
/// How soon one that was ended comes again.
const AGAIN: Duration = Duration::from_millis(300);
/// How many mails lie in a mailbox before the one that matters.
const MAILS: usize = 300;
/// How many files a desk with the usual limits has open at most.
const FILES: usize = 600;
/// How soon somebody else's mail is visible, and a command answered, whatever comes in.
const VISIBLE: Duration = Duration::from_secs(5);
const ANSWERED: Duration = Duration::from_secs(2);
/// How many times as long it may take as without a flood, where the machine itself is too slow for the promise.
const BUSY: u32 = 4;
/// How often that is looked at; what counts is the one in the middle, since other tests want the machine, too.
const TIMES: usize = 3;

/// Connections that say so much and no more, and come again when they are ended. Until it is dropped.
struct Flood {
    tasks: JoinSet<()>,
    opened: &'static AtomicUsize,
}

impl Flood {
    fn begin(port: u16, words: &[u8]) -> Self {
        let limit = getrlimit(Resource::Nofile);
        let enough = limit.maximum.unwrap_or(8192).min(8192);
        setrlimit(Resource::Nofile, Rlimit { current: Some(enough), maximum: limit.maximum }).expect("files enough");
        let opened: &'static AtomicUsize = Box::leak(Box::default());
        let mut tasks = JoinSet::new();
        for number in 0..CONNECTIONS {
            let words = words.to_vec();
            tasks.spawn(async move {
                // Each comes again a few times a second at most: everybody else has to get a chance to connect at all on a
                // machine with two cores.
                let mut turns = tokio::time::interval(AGAIN);
                turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
                loop {
                    turns.tick().await;
                    hang_on(number, port, &words, opened).await;
                }
            });
        }
        Self { tasks, opened }
    }

    /// Waits until all of them have been there.
    async fn is_there(&self) {
        until("the flood is there", 60, async || {
            (self.opened.load(Ordering::Relaxed) >= CONNECTIONS && self.tasks.len() == CONNECTIONS).then_some(())
        })
        .await;
    }
}

/// One connection, from one of fifty addresses, to its end.
async fn hang_on(number: usize, port: u16, words: &[u8], opened: &AtomicUsize) {
    let from = Ipv4Addr::new(127, 0, 0, u8::try_from(2 + number % 50).expect("small"));
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind(SocketAddr::from((from, 0))).expect("loopback is large");
    let Ok(mut stream) = socket.connect(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await else { return };
    opened.fetch_add(1, Ordering::Relaxed);
    let _ = stream.write_all(words).await;
    let mut heard = [0; 1024];
    while stream.read(&mut heard).await.is_ok_and(|read| read > 0) {}
}

fn middle(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// How soon somebody's mail is visible and a command answered.
struct Served {
    visible: Duration,
    answered: Duration,
}

impl Served {
    /// Somebody writes, and an agent locks the ticket.
    async fn by(house: &House) -> Self {
        let (mut visible, mut answered) = (Vec::new(), Vec::new());
        for _ in 0..TIMES {
            let (customer, subject) = (Customer::new(), format!("Please {}", unique()));
            let began = Instant::now();
            customer.write(house.address(), &subject, "It smokes.").await;
            let card = house.alice.card(house.room(), &subject).await;
            visible.push(began.elapsed());
            let began = Instant::now();
            let command = house.alice.say_in(house.room(), &card.root, "!lock").await;
            house.alice.marked(house.room(), &command, "✅").await;
            answered.push(began.elapsed());
        }
        Self { visible: middle(visible), answered: middle(answered) }
    }

    /// What it may take at most: as long as promised or, on a machine that is busy anyway, so many times what it took
    /// without the flood.
    fn limit(promised: Duration, calm: Duration) -> Duration {
        promised.max(calm * BUSY)
    }

    /// Fails if others wait under the flood.
    async fn still(&self, house: &House) {
        let now = Self::by(house).await;
        let (visible, answered) = (Self::limit(VISIBLE, self.visible), Self::limit(ANSWERED, self.answered));
        assert!(now.visible <= visible, "a mail is visible after {:?}, {:?} before", now.visible, self.visible);
        assert!(now.answered <= answered, "a command is answered after {:?}, {:?} before", now.answered, self.answered);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_silent_lmtp_connections_keep_nobody_out() {
    let house = House::open().await;
    let calm = Served::by(&house).await;
    let flood = Flood::begin(house.lmtp, b"");
    flood.is_there().await;
    calm.still(&house).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_mails_that_never_end_keep_nobody_out() {
    let house = House::open().await;
    let calm = Served::by(&house).await;
    let mail = format!("LHLO x\r\nMAIL FROM:<x@y.test>\r\nRCPT TO:<{}>\r\nDATA\r\nSubject: x\r\n", house.address());
    let flood = Flood::begin(house.lmtp, mail.as_bytes());
    flood.is_there().await;
    calm.still(&house).await;
    drop(flood);
    assert_eq!(house.count("mail_in where envelope_from = 'x@y.test'").await, 0, "none was taken in part");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_silent_or_slow_http_connections_keep_nobody_out() {
    let house = House::open().await;
    let calm = Served::by(&house).await;
    for words in [&b""[..], b"GET /health HTTP/1.1\r\nHost: desk", b"GET /health HTTP/1.1\r\nHost: desk\r\n\r\n"] {
        let flood = Flood::begin(house.http, words);
        flood.is_there().await;
        calm.still(&house).await;
        assert!(house.open_files() < FILES, "{} files are open", house.open_files());
        for page in ["/health", "/ready", "/metrics"] {
            let began = Instant::now();
            let answer = house.page(page).await.map(|(status, _)| status);
            assert_eq!(answer, Some(200), "{page} after {:?}", began.elapsed());
            let limit = Served::limit(VISIBLE, calm.visible);
            assert!(began.elapsed() <= limit, "{page} after {:?}", began.elapsed());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mailbox_full_of_one_persons_mails_keeps_nobody_out() {
    let house = House::opened(Plan { queues: 0, imap: true, ..Plan::default() }).await;
    let calm = Served::by(&house).await;
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
    calm.still(&house).await;
    house.idle().await;
    assert_eq!(house.count("mail_in").await, i64::try_from(MAILS + 2 * TIMES).expect("a number"), "none is lost");
}
