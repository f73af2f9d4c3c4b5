//! What went wrong, as RFC 9457 has it.

use std::collections::BTreeMap;

use axum::http::header::{self, HeaderName};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::openapi::{ContentBuilder, Ref, RefOr, ResponseBuilder};
use utoipa::{IntoResponses, ToSchema};

use super::words;
use crate::desk::conversation::Stop;
use crate::domain::api_token::Scope;
use crate::store::StoreError;

/// How long somebody waits when the record is away, in seconds.
const AWAY: &str = "5";

/// Why a request is not done.
#[derive(Clone, Debug)]
pub(super) struct Problem {
    pub(super) status: StatusCode,
    code: &'static str,
    detail: String,
    header: Option<(HeaderName, String)>,
}

/// Why a request is not done.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub(super) struct ProblemBody {
    /// Always `about:blank`: `code` says more
    r#type: &'static str,
    /// The status in words
    title: &'static str,
    /// The HTTP status
    status: u16,
    /// What it is, for programs
    code: &'static str,
    /// What it is, for people
    detail: String,
}

impl Problem {
    pub(super) fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, detail: detail.into(), header: None }
    }

    fn with(self, name: HeaderName, value: impl Into<String>) -> Self {
        Self { header: Some((name, value.into())), ..self }
    }

    /// The request can't be read.
    pub(super) fn unreadable(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "unreadable", detail)
    }

    /// It can be read, and is wrong.
    pub(super) fn wrong(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "wrong", detail)
    }

    /// There is no such page.
    pub(super) fn nothing_here() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not_found",
            "There is nothing of that name; /api/v1/openapi.json says what there is.",
        )
    }

    /// There is, and not that for it.
    pub(super) fn method() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method",
            "That method is not for this; /api/v1/openapi.json says which is.",
        )
    }

    /// No token, or none that is good. Which of the two is nobody's business.
    pub(super) fn no_token() -> Self {
        let detail =
            "There is no good token in the header `Authorization: Bearer TOKEN`. `ticketloom token add` makes one.";
        let challenge = "Bearer realm=\"ticketloom\"";
        Self::new(StatusCode::UNAUTHORIZED, "token", detail).with(header::WWW_AUTHENTICATE, challenge)
    }

    /// The token is not for that.
    pub(super) fn no_scope(scope: Scope) -> Self {
        Self::new(StatusCode::FORBIDDEN, "scope", format!("This token has not the scope `{scope}`."))
    }

    /// Too many requests.
    pub(super) fn too_many(seconds: u64) -> Self {
        let detail = format!("This token asks too often. In {seconds} s it may again.");
        Self::new(StatusCode::TOO_MANY_REQUESTS, "rate", detail).with(header::RETRY_AFTER, seconds.to_string())
    }

    /// Too many requests without a good token.
    pub(super) fn too_many_strangers(seconds: u64) -> Self {
        let detail =
            format!("Too many requests without a good token came from this address. In {seconds} s it may try again.");
        Self::new(StatusCode::TOO_MANY_REQUESTS, "rate", detail).with(header::RETRY_AFTER, seconds.to_string())
    }

    /// Too many alerts, or too many with a wrong token: to be sent again. Whoever sends alerts drops what is answered 4xx.
    pub(super) fn later(seconds: u64) -> Self {
        let detail = format!("Too much comes at once. Nothing was done; in {seconds} s it may be sent again.");
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "rate", detail).with(header::RETRY_AFTER, seconds.to_string())
    }

    /// There is no good token for alerts in the path.
    pub(super) fn no_hook() -> Self {
        let detail = "There is no good token in this address. `ticketloom token alerts QUEUE` makes one.";
        Self::new(StatusCode::NOT_FOUND, "token", detail)
    }

    /// Too many are at work.
    pub(super) fn busy() -> Self {
        let detail = "Too many requests are at work. Nothing was done; please try again.";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", detail).with(header::RETRY_AFTER, AWAY)
    }

    /// Whether it is ours: then nothing may be committed.
    pub(super) fn is_ours(&self) -> bool {
        self.status.is_server_error()
    }

    /// What is sent.
    pub(super) fn body(&self) -> String {
        let body = ProblemBody {
            r#type: "about:blank",
            title: self.status.canonical_reason().unwrap_or_default(),
            status: self.status.as_u16(),
            code: self.code,
            detail: self.detail.clone(),
        };
        serde_json::to_string(&body).unwrap_or_default()
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        if error.is_passing() {
            tracing::warn!(%error, "a request of a program could not be answered");
            let detail = "The record can't be reached. Nothing was done; please try again.";
            return Self::new(StatusCode::SERVICE_UNAVAILABLE, "away", detail).with(header::RETRY_AFTER, AWAY);
        }
        tracing::error!(%error, "a request of a program failed");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "fault",
            "This is a fault of ours, and stands in the desk's log. Nothing was done.",
        )
    }
}

impl From<Stop> for Problem {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Refused(refusal) => {
                let (status, code, detail) = words::of(&refusal);
                Self::new(status, code, detail)
            }
            Stop::Store(error) => error.into(),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let kind = HeaderValue::from_static("application/problem+json");
        let mut answer = (self.status, [(header::CONTENT_TYPE, kind)], self.body()).into_response();
        if let Some((name, value)) = self.header
            && let Ok(value) = HeaderValue::try_from(value)
        {
            answer.headers_mut().insert(name, value);
        }
        answer
    }
}

/// The problems of those who read.
pub(super) struct OfReading;

/// The problems of those who have something done.
pub(super) struct OfOrders;

/// The problems of those who bring alerts.
pub(super) struct OfHooks;

impl IntoResponses for OfHooks {
    fn responses() -> BTreeMap<String, RefOr<utoipa::openapi::Response>> {
        described(&[400, 404, 409, 413, 415, 422, 429, 500, 503])
    }
}

impl IntoResponses for OfReading {
    fn responses() -> BTreeMap<String, RefOr<utoipa::openapi::Response>> {
        described(&[400, 401, 403, 404, 422, 429, 500, 503])
    }
}

impl IntoResponses for OfOrders {
    fn responses() -> BTreeMap<String, RefOr<utoipa::openapi::Response>> {
        described(&[400, 401, 403, 404, 409, 412, 413, 415, 422, 429, 500, 503])
    }
}

fn described(statuses: &[u16]) -> BTreeMap<String, RefOr<utoipa::openapi::Response>> {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    let response = |status: &u16| {
        let title = StatusCode::from_u16(*status).ok().and_then(|status| status.canonical_reason()).unwrap_or_default();
        let response = ResponseBuilder::new().description(title).content("application/problem+json", content.clone());
        (status.to_string(), RefOr::T(response.build()))
    };
    statuses.iter().map(response).collect()
}
