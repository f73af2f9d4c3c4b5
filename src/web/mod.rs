//! The doors by HTTP: customers' pages (`page`).
//!
//! They call the same use-cases as chat and mail, and know neither of their libraries. TLS, and a name that customers can
//! reach, are a reverse proxy's.

mod headers;

use axum::Router;
use axum::http::StatusCode;
use axum::middleware;

/// Everything that `[web]` serves.
pub fn routes() -> Router {
    Router::new().fallback(|| async { StatusCode::NOT_FOUND }).layer(middleware::map_response(headers::strict))
}
