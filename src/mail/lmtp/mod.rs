//! The listener that one's own mail server delivers to (LMTP, RFC 2033).
//!
//! 250 for a recipient means that the mail is committed for that recipient (R1). What goes wrong on
//! our side is 4xx, so that the mail server keeps the mail and tries again (R4).

mod body;
mod talk;

use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use self::talk::Talk;
use crate::config::LmtpConfig;
use crate::store::Store;

/// How long transactions in progress may take after we were asked to stop.
const GRACE: Duration = Duration::from_secs(25);
/// How long we wait before we accept again when the system gives no more sockets.
const BREATHE: Duration = Duration::from_millis(200);

/// Serves until it is cancelled. Then it accepts nobody any more, lets transactions in progress end,
/// and says 421 to everybody else.
pub async fn serve(listener: TcpListener, config: LmtpConfig, store: Store, cancel: CancellationToken) {
    let config = Arc::new(config);
    let seats = Arc::new(Semaphore::new(config.connections.max(1)));
    let mut guests = JoinSet::new();
    info!(address = %config.listen, "LMTP listens");
    loop {
        let accepted = tokio::select! {
            () = cancel.cancelled() => break,
            accepted = listener.accept() => accepted,
            Some(ended) = guests.join_next(), if !guests.is_empty() => {
                if let Err(error) = ended {
                    warn!(%error, "an LMTP connection ended badly");
                }
                continue;
            }
        };
        match accepted {
            Ok((stream, _)) => match Arc::clone(&seats).try_acquire_owned() {
                Ok(seat) => {
                    guests.spawn(host(stream, Arc::clone(&config), store.clone(), cancel.clone(), seat));
                }
                Err(_) => {
                    guests.spawn(turn_away(stream));
                }
            },
            Err(error) => {
                warn!(%error, "LMTP can't accept a connection");
                tokio::time::sleep(BREATHE).await;
            }
        }
    }
    drop(listener);
    let ended = tokio::time::timeout(GRACE, async { while guests.join_next().await.is_some() {} }).await;
    if ended.is_err() {
        warn!("LMTP: some connections did not end in time; their mails stay with the mail server");
    }
}

async fn host(
    stream: TcpStream,
    config: Arc<LmtpConfig>,
    store: Store,
    cancel: CancellationToken,
    seat: OwnedSemaphorePermit,
) {
    if let Err(error) = Talk::new(stream, &config, &store, &cancel).run().await {
        debug!(%error, "an LMTP connection was lost");
    }
    drop(seat);
}

async fn turn_away(mut stream: TcpStream) {
    let words = stream.write_all(b"421 4.3.2 too many connections, try again later\r\n");
    let _ = tokio::time::timeout(Duration::from_secs(5), words).await;
}
