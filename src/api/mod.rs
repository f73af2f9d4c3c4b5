//! The API: programs do what agents do in chat, by the same use-cases, with the same rights, history and thread.
//!
//! Each route enters by a token ([`visit`]) and answers in JSON ([`shape`]) or with a [`problem`]. What changes something is
//! an [`order`], and all orders go one way ([`orders`]): one transaction with the end of what an `Idempotency-Key` is kept for.

mod alerts;
mod answers;
mod articles;
mod body;
mod changes;
mod cursor;
mod events;
mod files;
mod guard;
mod limit;
mod order;
mod orders;
mod problem;
mod query;
mod selection;
mod sent;
mod shape;
mod tickets;
mod visit;
mod words;

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;
use axum::{Router, middleware};
use utoipa::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::limit::{Limit, Seats};
use self::problem::Problem;
use crate::desk::Desk;
use crate::listen::memory::MailMemory;

/// Where it is mounted.
pub const PATH: &str = "/api/v1";

/// What every route has.
#[derive(Clone)]
struct Api {
    desk: Desk,
    limit: Arc<Limit>,
    seats: Seats,
    /// The proxies that are believed when they say who asks.
    proxies: Arc<[IpAddr]>,
    /// For all files under way.
    memory: MailMemory,
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Ticketloom",
        version = "1",
        description = "Programs do what agents do in chat, by the same rules and rights, and it stands in the same threads. \
                       A token (`ticketloom token add`) acts as its agent; nothing leaves the house without the scope `mail`.",
        license(name = "MIT OR Apache-2.0"),
    ),
    servers((url = "/api/v1")),
    components(schemas(problem::ProblemBody)),
    security(("token" = []))
)]
struct Described;

/// Everything below [`PATH`], for tokens that may ask so often a second, behind these proxies.
pub fn routes(desk: Desk, memory: MailMemory, rate: NonZeroU32, proxies: Arc<[IpAddr]>) -> Router {
    let (router, document) = described().split_for_parts();
    let text: Arc<str> = text_of(document).into();
    let document = move || {
        let text = Arc::clone(&text);
        async move { answers::json(StatusCode::OK, text.to_string()) }
    };
    let api = Api { desk, limit: Arc::new(Limit::of(rate)), seats: Seats::new(), proxies, memory };
    router
        .route("/openapi.json", axum::routing::get(document))
        .fallback(|| async { Problem::nothing_here() })
        .method_not_allowed_fallback(|| async { Problem::method() })
        .layer(middleware::from_fn_with_state(api.clone(), guard::guard))
        .with_state(api)
        .layer(middleware::map_response(counted))
}

/// Counts an answer by its status.
async fn counted(answer: Response) -> Response {
    metrics::counter!("ticketloom_api_requests_total", "status" => answer.status().as_str().to_owned()).increment(1);
    answer
}

/// The API's description as `OpenAPI`, in JSON.
#[must_use]
pub fn document() -> String {
    text_of(described().into_openapi())
}

fn described() -> OpenApiRouter<Api> {
    OpenApiRouter::with_openapi(Described::openapi())
        .routes(routes!(tickets::list, tickets::create))
        .routes(routes!(tickets::get, tickets::change))
        .routes(routes!(articles::list))
        .routes(routes!(articles::note))
        .routes(routes!(articles::answer))
        .routes(routes!(tickets::lock))
        .routes(routes!(tickets::unlock))
        .routes(routes!(files::get))
        .routes(routes!(events::list))
        .routes(routes!(alerts::take))
}

fn text_of(mut document: utoipa::openapi::OpenApi) -> String {
    let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("tl_ID_SECRET").build();
    document.components.get_or_insert_default().add_security_scheme("token", SecurityScheme::Http(scheme));
    format!("{}\n", document.to_pretty_json().unwrap_or_default())
}
