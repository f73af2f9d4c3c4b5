//! Serves pages over HTTP/1.1 within the limits that all entries have.

use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::Request;
use hyper::body::{Bytes, Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::io::{InspectReader, InspectWriter};
use tokio_util::sync::CancellationToken;
use tracing::{debug, info};

use super::Listener;
use super::slots::{Busy, Limits, Slot};

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
/// limited here: it may take its time while it makes somebody wait; not so who sends a request's body.
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
        let work = Arc::new(at_work.busy());
        let mut request = request.map(|body| Body::new(Coming { body, work: Arc::clone(&work) }));
        request.extensions_mut().insert(peer);
        let answer = pages.call(request);
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

/// A request's body: whoever waits for more of it waits for who sends it.
struct Coming {
    body: Incoming,
    work: Arc<Busy>,
}

impl hyper::body::Body for Coming {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        if polled.is_pending() {
            self.work.wait();
        } else {
            self.work.go_on();
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Coming {
    fn drop(&mut self) {
        self.work.go_on();
    }
}
