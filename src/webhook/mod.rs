//! Calls the receivers of webhooks, and nobody else: the address that is called is one that was looked at, no redirect is followed,
//! no proxy asked, and nothing of an answer read but its status.

mod guard;
mod lookup;
mod signature;

use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{CONTENT_TYPE, USER_AGENT};
use reqwest::redirect::Policy;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};
use url::Url;

pub use self::lookup::{Lookup, System};
use crate::config::Allowed;
use crate::desk::seams::{Call, Caller, Fault};

/// How long a call may take, from the name to the status.
const PATIENCE: Duration = Duration::from_secs(10);

/// Calls receivers.
pub struct Receivers {
    allowed: Vec<Allowed>,
    lookup: Arc<dyn Lookup>,
    tls: ClientConfig,
}

impl Receivers {
    /// Calls what is public, and what the operator allows beyond that.
    ///
    /// # Errors
    /// If TLS can't be set up.
    pub fn new(allowed: Vec<Allowed>, lookup: Arc<dyn Lookup>) -> Result<Self, String> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        let provider = Arc::new(crypto::aws_lc_rs::default_provider());
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self { allowed, lookup, tls })
    }

    /// Whether an address would be called now; nothing is called for it.
    ///
    /// # Errors
    /// Why not.
    pub async fn would_call(&self, url: &str) -> Result<(), String> {
        let url = Url::parse(url).map_err(|error| format!("it has no sound address: {error}"))?;
        let vetted = tokio::time::timeout(PATIENCE, guard::vetted(&url, &self.allowed, &*self.lookup)).await;
        vetted.map_err(|_| "its name leads nowhere within 10 s".to_owned())?.map(drop)
    }

    async fn post(&self, call: &Call<'_>) -> Result<u16, String> {
        let url = Url::parse(call.url).map_err(|error| format!("it has no sound address: {error}"))?;
        let addresses = guard::vetted(&url, &self.allowed, &*self.lookup).await?;
        let signed = signature::headers(call)?;
        // A client a call: its addresses are this call's alone.
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(self.tls.clone())
            .dns_resolver(Vetted(addresses))
            .redirect(Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .no_proxy()
            .pool_max_idle_per_host(0)
            .build()
            .map_err(|error| said(&error))?;
        let mut question = client
            .post(url)
            .header(USER_AGENT, concat!("ticketloom/", env!("CARGO_PKG_VERSION")))
            .header(CONTENT_TYPE, "application/json")
            .body(call.body.to_owned());
        for (name, value) in signed {
            question = question.header(name, value);
        }
        let answer = question.send().await.map_err(|error| said(&error))?;
        Ok(answer.status().as_u16())
    }
}

#[async_trait]
impl Caller for Receivers {
    async fn call(&self, call: &Call<'_>) -> Result<u16, Fault> {
        match tokio::time::timeout(PATIENCE, self.post(call)).await {
            Ok(answer) => answer.map_err(Fault::later),
            Err(_) => Err(Fault::later("no answer within 10 s")),
        }
    }
}

/// The addresses that were looked at, whatever name the client asks for.
struct Vetted(Vec<SocketAddr>);

impl Resolve for Vetted {
    fn resolve(&self, _: Name) -> Resolving {
        let addresses: Addrs = Box::new(self.0.clone().into_iter());
        Box::pin(std::future::ready(Ok(addresses)))
    }
}

/// What went wrong, without the address, in which there may be a secret.
fn said(error: &reqwest::Error) -> String {
    let mut source = error.source();
    let mut words = match (error.is_connect(), error.is_builder()) {
        (true, _) => "no connection".to_owned(),
        (_, true) => "it can't be called".to_owned(),
        _ => "no answer".to_owned(),
    };
    // The last one is the system's or TLS' own.
    let mut last = None;
    while let Some(error) = source {
        last = Some(error.to_string());
        source = error.source();
    }
    if let Some(last) = last {
        words = format!("{words}: {last}");
    }
    words
}
