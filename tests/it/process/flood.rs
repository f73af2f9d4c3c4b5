//! A flood of connections, for tests and the benchmark.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpSocket;
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

/// How many connections a flood has at a time.
const CONNECTIONS: usize = 1_000;
/// How soon one that was ended comes again. More often it would be the machine's cores that everybody else lacks, whatever the
/// desk does.
const AGAIN: Duration = Duration::from_secs(1);

/// Connections that say so much and no more, and come again when they are ended. Until it is dropped.
pub(crate) struct Flood {
    tasks: JoinSet<()>,
    opened: Arc<AtomicUsize>,
}

impl Flood {
    pub(crate) fn begin(port: u16, words: &[u8]) -> Self {
        let limit = getrlimit(Resource::Nofile);
        let enough = limit.maximum.unwrap_or(8192).min(8192);
        setrlimit(Resource::Nofile, Rlimit { current: Some(enough), maximum: limit.maximum }).expect("files enough");
        let opened = Arc::<AtomicUsize>::default();
        let mut tasks = JoinSet::new();
        for number in 0..CONNECTIONS {
            let (words, opened) = (words.to_vec(), Arc::clone(&opened));
            tasks.spawn(async move {
                let mut turns = tokio::time::interval(AGAIN);
                turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
                loop {
                    turns.tick().await;
                    hang_on(number, port, &words, &opened).await;
                }
            });
        }
        Self { tasks, opened }
    }

    /// Whether there have been as many connections as it has at a time.
    pub(crate) fn is_there(&self) -> bool {
        self.opened.load(Ordering::Relaxed) >= CONNECTIONS && self.tasks.len() == CONNECTIONS
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
