//! How both mail clients connect: TCP, TLS from the first byte or by STARTTLS, and who is trusted.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use lettre::transport::smtp::client::AsyncTokioStream;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};
use tokio_rustls::{TlsConnector, rustls};

use super::clean;
use crate::config::{MailServer, Tls};

/// How long a connection, and each line of the talk before TLS, may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest line, and the most lines, that a server may say before TLS.
const LONGEST_LINE: usize = 2048;
const MOST_LINES: usize = 100;

/// Whom we trust: the system's authorities, and the one that the operator names.
pub(super) fn trust(server: &MailServer) -> Result<TlsConnector, String> {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(found.certs);
    if let Some(path) = &server.ca_file {
        let named = |why: &dyn fmt::Display| format!("ca_file {}: {why}", path.display());
        let certificates = CertificateDer::pem_file_iter(path).map_err(|error| named(&error))?;
        let mut count = 0;
        for certificate in certificates {
            roots.add(certificate.map_err(|error| named(&error))?).map_err(|error| named(&error))?;
            count += 1;
        }
        if count == 0 {
            return Err(named(&"no certificate in it"));
        }
    }
    let provider = Arc::new(crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error: rustls::Error| error.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

/// The words of a protocol up to its STARTTLS.
pub(super) trait Starttls {
    /// Whether this line ends a reply of the server (SMTP replies may have several).
    fn ends(line: &str) -> bool;
    /// Whether a reply means yes.
    fn agrees(reply: &str) -> bool;
    /// What we say, in order; each is answered by a reply, the last by the server's consent.
    const WORDS: &'static [&'static str];
    /// What the reader of the encrypted stream expects to read first, since the greeting is gone.
    const GREETING: &'static [u8];
}

/// A connection as `server` wants it, checked against its certificate.
///
/// # Errors
/// A sentence that names the step that failed.
pub(super) async fn open<P: Starttls>(server: &MailServer, trust: &TlsConnector) -> Result<Wire, String> {
    let connecting = TcpStream::connect((server.host.as_str(), server.port));
    let tcp = tokio::time::timeout(PATIENCE, connecting)
        .await
        .map_err(|_| format!("no connection to {}:{} within 10 s", server.host, server.port))?
        .map_err(|error| format!("no connection to {}:{}: {error}", server.host, server.port))?;
    let peer = tcp.peer_addr().map_err(|error| error.to_string())?;
    tcp.set_nodelay(true).map_err(|error| error.to_string())?;
    let (stream, greeting) = match server.tls {
        Tls::None => (Stream::Plain(tcp), &b""[..]),
        Tls::Implicit => (Stream::Tls(Box::new(encrypt(server, trust, tcp).await?)), &b""[..]),
        Tls::Starttls => {
            let tcp = tokio::time::timeout(PATIENCE * 3, upgrade::<P>(tcp))
                .await
                .map_err(|_| "STARTTLS: the server said nothing for too long".to_owned())?
                .map_err(|why| format!("STARTTLS: {why}"))?;
            (Stream::Tls(Box::new(encrypt(server, trust, tcp).await?)), P::GREETING)
        }
    };
    Ok(Wire { stream, peer, greeting, dot: Arc::default() })
}

async fn encrypt(server: &MailServer, trust: &TlsConnector, tcp: TcpStream) -> Result<TlsStream<TcpStream>, String> {
    let name = ServerName::try_from(server.host.clone()).map_err(|error| format!("{}: {error}", server.host))?;
    tokio::time::timeout(PATIENCE, trust.connect(name, tcp))
        .await
        .map_err(|_| "TLS: no handshake within 10 s".to_owned())?
        .map_err(|error| format!("TLS: {error}"))
}

/// Talks up to the server's consent to TLS. It reads byte by byte, so that nothing that somebody
/// slipped in before the encryption is ever taken for the server's word (CVE-2011-0411).
async fn upgrade<P: Starttls>(mut tcp: TcpStream) -> Result<TcpStream, String> {
    let greeting = reply::<P>(&mut tcp).await?;
    if !P::agrees(&greeting) {
        return Err(clean::line(&greeting));
    }
    for words in P::WORDS {
        tcp.write_all(words.as_bytes()).await.map_err(|error| error.to_string())?;
        let answer = reply::<P>(&mut tcp).await?;
        if !P::agrees(&answer) {
            return Err(clean::line(&answer));
        }
    }
    Ok(tcp)
}

async fn reply<P: Starttls>(tcp: &mut TcpStream) -> Result<String, String> {
    for _ in 0..MOST_LINES {
        let mut line = Vec::new();
        while line.last() != Some(&b'\n') {
            if line.len() > LONGEST_LINE {
                return Err("the server's line is too long".to_owned());
            }
            line.push(tcp.read_u8().await.map_err(|error| error.to_string())?);
        }
        let line = String::from_utf8_lossy(&line).into_owned();
        if P::ends(&line) {
            return Ok(line);
        }
    }
    Err("the server does not stop talking".to_owned())
}

/// A connection to a mail server, encrypted or not.
pub(super) struct Wire {
    stream: Stream,
    peer: SocketAddr,
    greeting: &'static [u8],
    dot: Arc<AtomicBool>,
}

enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Wire {
    /// To be set when the next thing written is a mail's final dot: a test can die right behind it.
    pub(super) fn dot(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.dot)
    }
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Wire({})", self.peer)
    }
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if !self.greeting.is_empty() {
            let count = self.greeting.len().min(buf.remaining());
            let (now, later) = self.greeting.split_at(count);
            buf.put_slice(now);
            self.greeting = later;
            return Poll::Ready(Ok(()));
        }
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_read(cx, buf),
            Stream::Tls(stream) => Pin::new(stream).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_write(cx, buf),
            Stream::Tls(stream) => Pin::new(stream).poll_write(cx, buf),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Stream::Tls(stream) => Pin::new(stream).poll_flush(cx),
        };
        if matches!(flushed, Poll::Ready(Ok(()))) && self.dot.load(Ordering::Relaxed) {
            crate::crash::point("smtp.after_dot");
        }
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Stream::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}

impl AsyncTokioStream for Wire {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.peer)
    }
}
