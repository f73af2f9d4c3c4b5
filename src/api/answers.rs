//! What is answered, besides problems.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use data_encoding::HEXLOWER;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::PATH;
use super::problem::Problem;
use super::shape::TicketShape;
use crate::store::api_answers::KeptAnswer;

/// How many bytes of a digest tell a ticket's versions apart.
const TELLING: usize = 16;

/// JSON, and where and what version it is.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    status: StatusCode,
    location: Option<String>,
    etag: Option<String>,
    body: String,
}

impl Answer {
    /// Anything.
    pub(super) fn of(status: StatusCode, shape: &impl Serialize) -> Self {
        Self { status, location: None, etag: None, body: written(shape) }
    }

    /// A ticket; `is_led`: it was asked for by the number of one that was merged into it.
    pub(super) fn ticket(shape: TicketShape, is_led: bool) -> Self {
        let etag = Some(etag(&shape));
        let shape = if is_led { shape.led_to() } else { shape };
        Self { etag, ..Self::of(StatusCode::OK, &shape) }
    }

    /// The same, about a ticket that was made.
    pub(super) fn created(self, ticket: &TicketShape) -> Self {
        let location = Some(format!("{PATH}/tickets/{}", ticket.number()));
        Self { status: StatusCode::CREATED, location, etag: Some(etag(ticket)), ..self }
    }

    /// Whether whoever asks has this version already.
    pub(super) fn is_known(&self, headers: &HeaderMap) -> bool {
        let etag = self.etag.as_deref().unwrap_or_default();
        listed(headers.get(header::IF_NONE_MATCH)).any(|known| known == "*" || known.trim_start_matches("W/") == etag)
    }

    /// The same without what is known.
    pub(super) fn not_modified(self) -> Self {
        Self { status: StatusCode::NOT_MODIFIED, body: String::new(), ..self }
    }

    /// What is kept of it.
    pub(super) fn kept(&self, request: [u8; 32]) -> KeptAnswer {
        let (location, etag, body) = (self.location.clone(), self.etag.clone(), self.body.clone());
        KeptAnswer { request, status: self.status.as_u16(), location, etag, body }
    }
}

impl From<&Problem> for Answer {
    fn from(problem: &Problem) -> Self {
        Self { status: problem.status, location: None, etag: None, body: problem.body() }
    }
}

impl From<KeptAnswer> for Answer {
    fn from(kept: KeptAnswer) -> Self {
        let status = StatusCode::from_u16(kept.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self { status, location: kept.location, etag: kept.etag, body: kept.body }
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut answer = if self.status == StatusCode::NOT_MODIFIED {
            (self.status, Body::empty()).into_response()
        } else {
            json(self.status, self.body)
        };
        for (name, value) in [(header::LOCATION, self.location), (header::ETAG, self.etag)] {
            if let Some(value) = value.and_then(|value| HeaderValue::try_from(value).ok()) {
                answer.headers_mut().insert(name, value);
            }
        }
        answer
    }
}

/// JSON as it is; a problem's is marked as one.
pub(super) fn json(status: StatusCode, body: String) -> Response {
    let is_problem = status.is_client_error() || status.is_server_error();
    let kind = if is_problem { "application/problem+json" } else { "application/json" };
    (status, [(header::CONTENT_TYPE, HeaderValue::from_static(kind))], body).into_response()
}

/// A ticket's version: whatever a program can see of it makes another one.
pub(super) fn etag(ticket: &TicketShape) -> String {
    format!("\"{}\"", HEXLOWER.encode(&Sha256::digest(written(ticket))[..TELLING]))
}

/// Whether a change may be made to what has that version: `If-Match` names it, or is not there.
pub(super) fn matches(headers: &HeaderMap, etag: &str) -> bool {
    let wanted = headers.get(header::IF_MATCH);
    wanted.is_none() || listed(wanted).any(|one| one == "*" || one == etag)
}

fn listed(value: Option<&HeaderValue>) -> impl Iterator<Item = &str> {
    let text = value.and_then(|value| value.to_str().ok()).unwrap_or_default();
    text.split(',').map(str::trim).filter(|one| !one.is_empty())
}

fn written(shape: &impl Serialize) -> String {
    serde_json::to_string(shape).unwrap_or_default()
}
