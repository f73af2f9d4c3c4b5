//! Serves pages over HTTP/1.1 within the limits that all entries have.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::io::{InspectReader, InspectWriter};
use tokio_util::sync::CancellationToken;
use tracing::{debug, info};

use super::Listener;
use super::slots::{Limits, Slot};

/// How long a request's header may take, and how long a connection may wait between two requests.
const HEADER: Duration = Duration::from_secs(10);
/// The largest header of a request in bytes.
const LONGEST_HEADER: usize = 32 * 1024;
/// How long somebody may read an answer without taking a byte of it.
const IDLE: Duration = Duration::from_secs(30);
/// The same when there are hardly any slots.
const SHORTEST_IDLE: Duration = Duration::from_secs(2);

const FULL: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/// Who is at the other end of a request's connection: an extension of every request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer(pub IpAddr);

/// The limits of an entry with so many connections in all, and from one address.
#[must_use]
pub fn limits(connections: usize, per_address: usize) -> Limits {
    Limits { connections, per_address, idle: IDLE, shortest_idle: SHORTEST_IDLE }
}

/// Serves pages until it is cancelled. Then requests under way are answered, and that is all. What a page does is not
/// limited here: it may take its time while it makes somebody wait.
pub async fn serve(
    name: &'static str,
    listener: TcpListener,
    limits: Limits,
    pages: Router,
    cancel: CancellationToken,
) {
    if let Ok(address) = listener.local_addr() {
        info!(entry = name, %address, "listens");
    }
    let entry = Listener { name, listener, limits, refusal: FULL };
    let stop = cancel.clone();
    entry.serve(cancel, move |stream, slot| connection(stream, slot, pages.clone(), stop.clone())).await;
}

async fn connection(stream: TcpStream, slot: Slot, pages: Router, cancel: CancellationToken) {
    let _ = stream.set_nodelay(true);
    let Ok(peer) = stream.peer_addr().map(|address| Peer(address.ip().to_canonical())) else { return };
    let slot = Arc::new(slot);
    let (pages, at_work) = (TowerToHyperService::new(pages), Arc::clone(&slot));
    let answer = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(peer);
        let (work, answer) = (at_work.busy(), pages.call(request));
        async move {
            let answered = answer.await;
            drop(work);
            answered
        }
    });
    let (reader, writer) = (Arc::clone(&slot), Arc::clone(&slot));
    let stream = InspectWriter::new(stream, move |bytes| writer.progressed(bytes.len()));
    let stream = InspectReader::new(stream, move |bytes| reader.progressed(bytes.len()));
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEADER).max_buf_size(LONGEST_HEADER);
    let mut connection = std::pin::pin!(http.serve_connection(TokioIo::new(stream), answer));
    let mut is_stopping = false;
    loop {
        tokio::select! {
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    debug!(%error, "an HTTP connection was lost");
                }
                return;
            }
            why = slot.overdue() => {
                debug!(?why, "an HTTP connection is ended");
                return;
            }
            () = cancel.cancelled(), if !is_stopping => {
                connection.as_mut().graceful_shutdown();
                is_stopping = true;
            }
        }
    }
}
