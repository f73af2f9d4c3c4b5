//! What happened, for programs that were away.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::answers::Answer;
use super::problem::Problem;
use super::query::Query;
use super::tickets::linked;
use super::visit::seen;
use super::{Api, PATH};
use crate::desk::feed::EventJson;
use crate::domain::api_token::Scope;
use crate::domain::id::FeedId;

/// A part of the feed
#[derive(Serialize, ToSchema)]
#[schema(as = Events)]
pub(super) struct EventsShape {
    /// The events as webhooks are told of them, oldest first; the ticket in each is as it is now
    #[schema(value_type = Vec<Object>)]
    events: Vec<EventJson>,
    /// The `after` of the next question: also if there is nothing new, and past what other queues' tickets were
    next: i64,
}

/// What happened to tickets, in the order of the commits
///
/// Nothing ever appears before what was read already. The same events in the same form as webhooks have them, for whoever was away.
#[utoipa::path(
    get, path = "/events", tag = "events",
    params(("after" = Option<i64>, Query, minimum = 0, description = "Behind which event: the `next` of the answer before, or an event's `id`"),
           ("limit" = Option<u8>, Query, minimum = 1, maximum = 200, description = "How many are looked at, 1 to 200; 50 if it is left away")),
    responses((status = 200, body = EventsShape, headers(("link" = String, description = "What follows, `rel=next`"))), super::problem::OfReading)
)]
pub(super) async fn list(State(api): State<Api>, headers: HeaderMap, uri: Uri) -> Result<Response, Problem> {
    let mut visit = api.enter(&headers).await?;
    visit.must_have(Scope::Read)?;
    let query = Query::of(&uri, &["after", "limit"])?;
    let limit = query.limit()?;
    let after = match query.get("after") {
        None => 0,
        Some(word) => word.parse().ok().filter(|after| *after >= 0).ok_or_else(Query::no_cursor)?,
    };
    let mut context = visit.context(&api);
    let queues = seen(&mut context).await?;
    let page = context.tx.feed().after(FeedId(after), limit, Some(&queues)).await?;
    visit.tx.commit().await?;
    let next = page.next.0;
    let link = (next > after).then(|| query.next(&format!("{PATH}/events"), &next.to_string()));
    let events = page.events.iter().map(EventJson::from).collect();
    Ok(linked(Answer::of(StatusCode::OK, &EventsShape { events, next }), link.as_deref()))
}
