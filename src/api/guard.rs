//! What is looked at before anything of a request is read: who asks, and whether too much of that leads nowhere.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::Api;
use super::problem::Problem;
use super::visit::shown;
use crate::domain::api_token::ShownToken;
use crate::listen::caller::Caller;

/// What the paths begin with that have a token in them.
pub(super) const HOOKS: &str = "/hooks/alert/";

/// Lets a request in, unless its network has shown too many tokens that are none.
pub(super) async fn guard(State(api): State<Api>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if path == "/openapi.json" {
        return next.run(request).await;
    }
    let hook = path.strip_prefix(HOOKS);
    let token = hook.map_or_else(|| shown(request.headers()), ShownToken::parse);
    let caller = Caller::asking(request.extensions(), request.headers(), &api.proxies);
    match api.limit.meet(caller.network(), token.as_ref()) {
        Ok(()) => next.run(request).await,
        // It may be a good one that nobody has seen yet, and whoever sends alerts drops what is answered 4xx.
        Err(seconds) if hook.is_some() && token.is_some() => Problem::later(seconds).into_response(),
        Err(seconds) => Problem::too_many_strangers(seconds).into_response(),
    }
}
