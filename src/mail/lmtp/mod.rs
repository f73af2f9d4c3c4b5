//! The listener that one's own mail server delivers to (LMTP, RFC 2033).
//!
//! 250 for a recipient means that the mail is committed for that recipient (R1). What goes wrong on
//! our side is 4xx, so that the mail server keeps the mail and tries again (R4).

mod body;
mod talk;

use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tracing::{debug, info};

use self::talk::Talk;
use crate::config::LmtpConfig;
use crate::listen::Listener;
use crate::listen::memory::MailMemory;
use crate::listen::slots::{Limits, Slot};
use crate::store::Store;

/// How long a client may say nothing (RFC 5321 §4.5.3.2.7).
const IDLE: Duration = Duration::from_mins(5);
/// The same when there are hardly any slots: a client on this side of the border needs no more.
const SHORTEST_IDLE: Duration = Duration::from_secs(10);

/// Serves until it is cancelled. Then it accepts nobody any more, lets transactions in progress end,
/// and says 421 to everybody else.
pub async fn serve(
    listener: TcpListener,
    config: LmtpConfig,
    store: Store,
    memory: MailMemory,
    cancel: CancellationToken,
) {
    info!(address = %config.listen, "LMTP listens");
    // One mail server brings all mail, so an address may have all slots.
    let (connections, per_address) = (config.connections, config.connections);
    let limits = Limits { connections, per_address, idle: IDLE, shortest_idle: SHORTEST_IDLE };
    let refusal = b"421 4.3.2 too many connections, try again later\r\n";
    let shared = Arc::new(Shared { config, store, memory, cancel: cancel.clone() });
    let host = move |stream, slot| Arc::clone(&shared).host(stream, slot);
    Listener { name: "lmtp", listener, limits, refusal }.serve(cancel, host).await;
}

/// What all connections share.
struct Shared {
    config: LmtpConfig,
    store: Store,
    memory: MailMemory,
    cancel: CancellationToken,
}

impl Shared {
    async fn host(self: Arc<Self>, stream: TcpStream, slot: Slot) {
        if let Err(error) = Talk::new(stream, &self, &slot).run().await {
            debug!(%error, "an LMTP connection was lost");
        }
    }
}
