//! Tickets.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

use super::answers::Answer;
use super::order::{self, Order};
use super::problem::Problem;
use super::query::Query;
use super::shape::{TicketShape, TicketsShape};
use super::{Api, PATH, body, orders, selection};
use crate::desk::conversation::find;
use crate::domain::api_token::Scope;

/// List and find tickets
#[utoipa::path(
    get, path = "/tickets", tag = "tickets",
    params(
        ("queue" = Option<String>, Query, description = "The queue's name"),
        ("state" = Option<String>, Query, description = "A state's name or type, such as open, pending or closed; several with commas"),
        ("owner" = Option<String>, Query, description = "Who has it: a Matrix id, `me`, or `none`"),
        ("customer" = Option<String>, Query, description = "The customer's address"),
        ("q" = Option<String>, Query, description = "Words, as `!search` takes them; then the best come first, of at most 2,000 hits"),
        ("after" = Option<String>, Query, description = "The page before's `next`"),
        ("limit" = Option<u8>, Query, minimum = 1, maximum = 200, description = "How many at most, 1 to 200; 50 if it is left away"),
    ),
    responses((status = 200, body = TicketsShape, headers(("link" = String, description = "The next page, `rel=next`"))), super::problem::OfReading)
)]
pub(super) async fn list(State(api): State<Api>, headers: HeaderMap, uri: Uri) -> Result<Response, Problem> {
    let mut visit = api.enter(&headers).await?;
    visit.must_have(Scope::Read)?;
    let query = Query::of(&uri, &["queue", "state", "owner", "customer", "q", "after", "limit"])?;
    let (tickets, next) = Box::pin(selection::page(&mut visit.context(&api), &query)).await?;
    visit.tx.commit().await?;
    let link = next.as_deref().map(|next| query.next(&format!("{PATH}/tickets"), next));
    let answer = Answer::of(StatusCode::OK, &TicketsShape { tickets, next });
    Ok(linked(answer, link.as_deref()))
}

/// The same with a `Link` to the next page.
pub(super) fn linked(answer: Answer, next: Option<&str>) -> Response {
    let mut answer = answer.into_response();
    if let Some(link) = next.and_then(|next| HeaderValue::try_from(format!("<{next}>; rel=\"next\"")).ok()) {
        answer.headers_mut().insert(header::LINK, link);
    }
    answer
}

/// A ticket
///
/// The number of one that was merged leads to what it is part of, and `merged_into` says so.
#[utoipa::path(
    get, path = "/tickets/{number}", tag = "tickets",
    params(("number" = String, Path, description = "The ticket's number")),
    responses((status = 200, body = TicketShape, headers(("etag" = String, description = "Its version"))),
              (status = 304, description = "It is still what `If-None-Match` names"), super::problem::OfReading)
)]
pub(super) async fn get(
    State(api): State<Api>,
    headers: HeaderMap,
    number: Result<Path<String>, PathRejection>,
) -> Result<Response, Problem> {
    let mut visit = api.enter(&headers).await?;
    visit.must_have(Scope::Read)?;
    let number = orders::ticket_number(&word(number)?)?;
    let mut context = visit.context(&api);
    let ticket = find::leading(&mut context, &number).await?;
    let shape = order::shape(&mut context, ticket).await?;
    visit.tx.commit().await?;
    let is_led = shape.number() != number.as_str();
    let answer = Answer::ticket(shape, is_led);
    Ok(if answer.is_known(&headers) { answer.not_modified() } else { answer }.into_response())
}

/// Make a ticket
#[utoipa::path(
    post, path = "/tickets", tag = "tickets",
    request_body(content((order::TicketBody = "application/json"), (super::sent::TicketForm = "multipart/form-data"))),
    params(("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255, pattern = "^[!-~]+$", description = "The same key is the same answer, for a day")),
    responses((status = 201, body = super::shape::CreatedShape), super::problem::OfOrders)
)]
pub(super) async fn create(State(api): State<Api>, request: Request) -> Result<Response, Problem> {
    let read: orders::Read =
        |headers, _, sent| Ok(Order::Create(body::parse(headers, &sent.json)?, sent.files.clone()));
    orders::take(&api, request, None, read).await
}

/// Change a ticket: owner, state, priority, tags, queue, subject, links
#[utoipa::path(
    patch, path = "/tickets/{number}", tag = "tickets", request_body = super::changes::ChangeBody,
    params(("number" = String, Path, description = "The ticket's number"),
           ("If-Match" = Option<String>, Header, description = "The `ETag` that it must still have")),
    responses((status = 200, body = TicketShape, headers(("etag" = String, description = "Its version"))), super::problem::OfOrders)
)]
pub(super) async fn change(
    State(api): State<Api>,
    number: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, Problem> {
    let read: orders::Read = |headers, number, sent| {
        sent.must_have_no_files()?;
        let number = number.ok_or_else(Problem::nothing_here)?;
        Ok(Order::Change(number, body::parse(headers, &sent.json)?, headers.clone()))
    };
    orders::take(&api, request, Some(&word(number)?), read).await
}

/// Lock a ticket
#[utoipa::path(
    post, path = "/tickets/{number}/lock", tag = "tickets",
    params(("number" = String, Path, description = "The ticket's number"),
           ("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255, pattern = "^[!-~]+$", description = "The same key is the same answer, for a day")),
    responses((status = 200, body = TicketShape), super::problem::OfOrders)
)]
pub(super) async fn lock(
    State(api): State<Api>,
    number: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, Problem> {
    let read: orders::Read = |_, number, _| number.map(Order::Lock).ok_or_else(Problem::nothing_here);
    orders::take(&api, request, Some(&word(number)?), read).await
}

/// Unlock a ticket
#[utoipa::path(
    post, path = "/tickets/{number}/unlock", tag = "tickets",
    params(("number" = String, Path, description = "The ticket's number"),
           ("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255, pattern = "^[!-~]+$", description = "The same key is the same answer, for a day")),
    responses((status = 200, body = TicketShape), super::problem::OfOrders)
)]
pub(super) async fn unlock(
    State(api): State<Api>,
    number: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, Problem> {
    let read: orders::Read = |_, number, _| number.map(Order::Unlock).ok_or_else(Problem::nothing_here);
    orders::take(&api, request, Some(&word(number)?), read).await
}

/// What stands in a path.
pub(super) fn word(path: Result<Path<String>, PathRejection>) -> Result<String, Problem> {
    path.map(|Path(word)| word).map_err(|_| Problem::nothing_here())
}
