//! The customer's page of a ticket, under `/t/TOKEN`, and the list of all of theirs, under `/l/TOKEN`: plain HTML, no script, no cookie (product §9).

mod answer;
mod download;
mod form;
mod list;
mod show;
mod words;

use axum::Router;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::{get, post};

use self::form::{receive, solve};
use self::show::look;
use super::Web;

/// How many files a reply may have.
pub(super) const FILES: usize = 10;

/// The pages.
pub(super) fn routes(web: Web) -> Router {
    Router::new()
        .route("/t/{token}", get(look).post(receive))
        .route("/t/{token}/solved", post(solve))
        .route("/t/{token}/files/{article}/{position}", get(download::file))
        .route("/t/{token}/requests", post(list::mail_mine))
        .route("/l/{token}", get(list::look))
        .route("/requests", get(list::ask).post(list::mail_any))
        .route("/page.css", get(style))
        .with_state(web)
}

/// The one thing that is no secret, and may be kept.
async fn style() -> impl IntoResponse {
    let headers = [(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "public, max-age=3600")];
    (headers, include_str!("page.css"))
}
