//! Stands between a house and one of its servers, and can take that away from this house alone.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// What becomes of connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// They reach the server.
    Open,
    /// They end at once, also those that were there before.
    Cut,
    /// They stay, also those that were there before, and nothing passes: as when a machine falls silent.
    Silent,
    /// Every HTTP request is answered with 500.
    Broken,
}

/// A port that leads to a server.
pub(crate) struct Proxy {
    pub(crate) port: u16,
    mode: watch::Sender<Mode>,
}

impl Proxy {
    /// Leads to `server` until it is dropped.
    pub(crate) async fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (mode, seen) = watch::channel(Mode::Open);
        tokio::spawn(accept(listener, server, seen));
        Self { port, mode }
    }

    /// From now on, for old and new connections.
    pub(crate) fn set(&self, mode: Mode) {
        self.mode.send_replace(mode);
    }
}

async fn accept(listener: TcpListener, server: SocketAddr, mut mode: watch::Receiver<Mode>) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            gone = closed(&mut mode) => return gone,
        };
        let Ok((client, _)) = accepted else { continue };
        let mut mode = mode.clone();
        let now = *mode.borrow_and_update();
        tokio::spawn(async move {
            let leading = lead(client, server, now);
            tokio::pin!(leading);
            // Both streams are dropped in the middle of whatever they carried, or only kept.
            loop {
                tokio::select! {
                    () = &mut leading => return,
                    _ = mode.changed() => {}
                }
                if *mode.borrow_and_update() != Mode::Silent {
                    return;
                }
                if mode.changed().await.is_err() || *mode.borrow_and_update() != Mode::Open || now != Mode::Open {
                    return;
                }
            }
        });
    }
}

/// Waits for the end of the [`Proxy`].
async fn closed(mode: &mut watch::Receiver<Mode>) {
    while mode.changed().await.is_ok() {}
}

async fn lead(mut client: TcpStream, server: SocketAddr, mode: Mode) {
    match mode {
        Mode::Cut => {}
        Mode::Silent => std::future::pending().await,
        Mode::Open => {
            if let Ok(mut server) = TcpStream::connect(server).await {
                let _ = client.set_nodelay(true);
                let _ = server.set_nodelay(true);
                let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
            }
        }
        Mode::Broken => {
            let mut request = [0; 16 * 1024];
            if client.read(&mut request).await.is_ok_and(|read| read > 0) {
                let body = r#"{"errcode":"M_UNKNOWN","error":"Internal server error"}"#;
                let head = "HTTP/1.1 500 Internal Server Error\r\ncontent-type: application/json\r\nconnection: close";
                let reply = format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
                let _ = client.write_all(reply.as_bytes()).await;
                let _ = client.shutdown().await;
                // What else it sends is read, since a reset could overtake the answer.
                while client.read(&mut request).await.is_ok_and(|read| read > 0) {}
            }
        }
    }
}
