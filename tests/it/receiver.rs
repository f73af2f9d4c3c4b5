//! A receiver of webhooks on a real socket: it answers as it is told to, and keeps what it got.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Response};
use axum::serve::Listener;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::{ServerConfig, crypto};
use tokio_rustls::server::TlsStream;
use tokio_util::task::AbortOnDropHandle;

/// Keeps listening until it is dropped.
pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    inside: Arc<Inside>,
    _serving: AbortOnDropHandle<()>,
}

/// What it got.
#[derive(Clone, Debug)]
pub(crate) struct Got {
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

/// What it does with a call.
#[derive(Clone)]
pub(crate) enum Answer {
    /// It says that.
    Status(u16),
    /// It sends the caller elsewhere.
    Elsewhere(String),
    /// It says nothing until then, and then 200.
    After(Arc<Notify>),
}

#[derive(Default)]
struct Inside {
    got: Mutex<Vec<Got>>,
    script: Mutex<VecDeque<Answer>>,
    called: Notify,
}

impl Receiver {
    /// One that takes what comes.
    pub(crate) async fn new() -> Self {
        Self::at("127.0.0.1:0").await
    }

    /// The same at an address.
    pub(crate) async fn at(address: &str) -> Self {
        let listener = TcpListener::bind(address).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        Self::on(listener, address)
    }

    /// One behind TLS, on localhost.
    pub(crate) async fn secure(certificate: &Path, key: &Path) -> Self {
        let chain = CertificateDer::pem_file_iter(certificate).expect("a file").map(|one| one.expect("a certificate"));
        let key = PrivateKeyDer::from_pem_file(key).expect("a key");
        let config = ServerConfig::builder_with_provider(Arc::new(crypto::aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("TLS")
            .with_no_client_auth()
            .with_single_cert(chain.collect(), key)
            .expect("a certificate with its key");
        let tcp = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = tcp.local_addr().expect("an address");
        Self::on(Secured { tcp, tls: TlsAcceptor::from(Arc::new(config)) }, address)
    }

    fn on<L: Listener<Addr = SocketAddr>>(listener: L, address: SocketAddr) -> Self {
        let inside = Arc::<Inside>::default();
        let router = Router::new().fallback(take).with_state(Arc::clone(&inside));
        let serve = async move { axum::serve(listener, router).await.expect("it never ends") };
        Self { address, inside, _serving: AbortOnDropHandle::new(tokio::spawn(serve)) }
    }

    /// Where it is called.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// What it does with the next call.
    pub(crate) fn will(&self, answer: Answer) {
        self.inside.script.lock().expect("nobody panicked here").push_back(answer);
    }

    /// Everything that it got.
    pub(crate) fn got(&self) -> Vec<Got> {
        self.inside.got.lock().expect("nobody panicked here").clone()
    }

    /// Waits until it was called so often.
    pub(crate) async fn called(&self, times: usize) {
        loop {
            let called = self.inside.called.notified();
            tokio::pin!(called);
            called.as_mut().enable();
            if self.got().len() >= times {
                return;
            }
            called.await;
        }
    }

    /// The types of the events that it got.
    pub(crate) fn types(&self) -> Vec<String> {
        self.got().iter().map(|got| got.json()["type"].as_str().unwrap_or_default().to_owned()).collect()
    }
}

impl Got {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }
}

/// Whoever does not get through the handshake was not there.
struct Secured {
    tcp: TcpListener,
    tls: TlsAcceptor,
}

impl Listener for Secured {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let (stream, address) = self.tcp.accept().await.expect("a connection");
            if let Ok(stream) = self.tls.accept(stream).await {
                return (stream, address);
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<Self::Addr> {
        self.tcp.local_addr()
    }
}

async fn take(State(inside): State<Arc<Inside>>, request: Request) -> Response<Body> {
    let headers = request.headers().clone();
    let body = axum::body::to_bytes(request.into_body(), 1 << 20).await.expect("a body");
    let body = String::from_utf8(body.to_vec()).expect("UTF-8");
    inside.got.lock().expect("nobody panicked here").push(Got { headers, body });
    inside.called.notify_waiters();
    let answer = inside.script.lock().expect("nobody panicked here").pop_front();
    let response = Response::builder();
    let response = match answer.unwrap_or(Answer::Status(200)) {
        Answer::Status(status) => response.status(status),
        Answer::Elsewhere(url) => response.status(307).header("location", url),
        Answer::After(bell) => {
            bell.notified().await;
            response.status(200)
        }
    };
    response.body(Body::from("what nobody keeps")).expect("a response")
}
