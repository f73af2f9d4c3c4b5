//! The doors by HTTP: customers' pages (`page`), and programs' ([`api`](crate::api)).
//!
//! They call the same use-cases as chat and mail, and know neither of their libraries. TLS, and a name that customers can
//! reach, are a reverse proxy's.

mod caller;
mod headers;
mod limits;
mod page;

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware;

pub use self::caller::Caller;
pub use self::limits::AskLimits;
use crate::api;
use crate::config::WebConfig;
use crate::desk::Desk;
use crate::listen::memory::MailMemory;

/// What everything that is served by HTTP works with.
#[derive(Clone)]
pub struct Web {
    desk: Desk,
    /// For all mails and replies under way.
    memory: MailMemory,
    limits: AskLimits,
    proxies: Arc<[IpAddr]>,
    /// What the pages' own links begin with: the path of the URL that customers know.
    root: Arc<str>,
    /// The largest reply in bytes.
    max_size: usize,
    /// How often a token of the API may ask a second.
    api_rate: NonZeroU32,
}

impl Web {
    /// As it is configured.
    #[must_use]
    pub fn new(desk: Desk, memory: MailMemory, config: &WebConfig) -> Self {
        Self {
            desk,
            memory,
            limits: AskLimits::default(),
            proxies: config.proxies.clone().into(),
            root: config.url.path().trim_end_matches('/').into(),
            max_size: config.max_size,
            api_rate: config.api_rate,
        }
    }
}

/// Everything that `[web]` serves.
pub fn routes(web: Web) -> Router {
    // A little more than a reply may have, for what stands around its parts; the rest is counted as it comes.
    let most = web.max_size + (64 << 10);
    Router::new()
        .nest(api::PATH, api::routes(web.desk.clone(), web.memory.clone(), web.api_rate, Arc::clone(&web.proxies)))
        .merge(page::routes(web))
        .fallback(|| async { StatusCode::NOT_FOUND })
        .layer(DefaultBodyLimit::max(most))
        .layer(middleware::map_response(headers::strict))
}
