//! Who asks for a page.

use std::convert::Infallible;

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;

use super::Web;
pub use crate::listen::caller::Caller;

impl<S> FromRequestParts<S> for Caller
where
    S: Send + Sync,
    Web: FromRef<S>,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        Ok(Self::asking(&parts.extensions, &parts.headers, &Web::from_ref(state).proxies))
    }
}
