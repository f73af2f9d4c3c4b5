//! What every entry from outside has in common: who gets a slot and for how long, how much memory the mails under way
//! may take, and how many files the process may have open.
//!
//! A listener that gives its slots to whoever comes first is closed by a thousand connections that say nothing. Here a
//! newcomer who finds all taken gets the slot of whoever made no progress for the longest time; and how long somebody
//! may be silent gets less as the slots do.

pub mod caller;
pub mod files;
pub mod http;
pub mod memory;
pub mod rate;
pub mod slots;

use std::io::Write;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use self::slots::{Full, Limits, Slot, Slots};

/// How long what is under way may take after we were asked to stop.
const GRACE: Duration = Duration::from_secs(25);
/// How long we wait before we accept again when the system gives no more sockets.
const BREATHE: Duration = Duration::from_millis(200);
/// How long a newcomer waits for a slot while everybody who has one makes progress. The next ones wait in the system's
/// queue meanwhile, where they cost nothing.
const PATIENCE: Duration = Duration::from_secs(10);

/// An entry.
pub struct Listener {
    /// What it is called in the log and in metrics.
    pub name: &'static str,
    /// Where people come in.
    pub listener: TcpListener,
    /// How many of them at a time, and how long they may be silent.
    pub limits: Limits,
    /// What somebody is told for whom there is no slot.
    pub refusal: &'static [u8],
}

impl Listener {
    /// Accepts until it is cancelled and has `host` talk to whoever got a slot. Then it accepts nobody any more, and what is
    /// under way may end.
    pub async fn serve<H, F>(self, cancel: CancellationToken, host: H)
    where
        H: Fn(TcpStream, Slot) -> F,
        F: Future<Output = ()> + Send + 'static,
    {
        let (name, slots) = (self.name, Slots::new(self.limits));
        let mut guests = JoinSet::new();
        // One newcomer waits for a slot; whoever comes when that was in vain is told at once.
        let mut is_full = false;
        loop {
            while let Some(ended) = guests.try_join_next() {
                told_of(name, ended);
            }
            let accepted = tokio::select! {
                () = cancel.cancelled() => break,
                accepted = self.listener.accept() => accepted,
                Some(ended) = guests.join_next(), if !guests.is_empty() => {
                    told_of(name, ended);
                    continue;
                }
            };
            let (stream, peer) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    warn!(entry = name, %error, "a connection can't be accepted");
                    tokio::time::sleep(BREATHE).await;
                    continue;
                }
            };
            let patience = if is_full { Duration::ZERO } else { PATIENCE };
            let slot = tokio::select! {
                () = cancel.cancelled() => break,
                slot = slots.take(peer.ip(), patience) => slot,
            };
            is_full = slot.as_ref().is_err_and(|full| *full == Full::Everybody);
            if let Ok(slot) = slot {
                guests.spawn(host(stream, slot));
            } else {
                metrics::counter!("ticketloom_connections_refused_total", "entry" => name).increment(1);
                turn_away(stream, self.refusal);
            }
        }
        drop(self.listener);
        let ended = tokio::time::timeout(GRACE, async { while guests.join_next().await.is_some() {} }).await;
        if ended.is_err() {
            warn!(entry = name, "some connections did not end in time");
        }
        info!(entry = name, "closed");
    }
}

fn told_of(entry: &'static str, ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended {
        warn!(entry, %error, "a connection ended badly");
    }
}

/// Says why, without waiting: the words fit into any socket's buffer.
fn turn_away(stream: TcpStream, words: &[u8]) {
    if let Ok(mut stream) = stream.into_std() {
        let _ = stream.write(words);
    }
}
