//! What stands in tickets.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;

use super::answers::Answer;
use super::cursor::Cursor;
use super::order::{AnswerBody, NoteBody, Order};
use super::problem::Problem;
use super::query::Query;
use super::shape::{ArticleShape, ArticlesShape};
use super::tickets::{linked, word};
use super::visit::seen;
use super::{Api, PATH, body, orders};
use crate::desk::conversation::find;
use crate::domain::api_token::Scope;
use crate::store::page::Page;

/// A ticket's mails, answers and notes, and those of what was merged into it
#[utoipa::path(
    get, path = "/tickets/{number}/articles", tag = "articles",
    params(("number" = String, Path, description = "The ticket's number"),
           ("after" = Option<String>, Query, description = "The page before's `next`"),
           ("limit" = Option<u8>, Query, minimum = 1, maximum = 200, description = "How many at most, 1 to 200; 50 if it is left away")),
    responses((status = 200, body = ArticlesShape, headers(("link" = String, description = "The next page, `rel=next`"))), super::problem::OfReading)
)]
pub(super) async fn list(
    State(api): State<Api>,
    headers: HeaderMap,
    uri: Uri,
    number: Result<Path<String>, PathRejection>,
) -> Result<Response, Problem> {
    let mut visit = api.enter(&headers).await?;
    visit.must_have(Scope::Read)?;
    let number = orders::ticket_number(&word(number)?)?;
    let query = Query::of(&uri, &["after", "limit"])?;
    let (limit, after) = (query.limit()?, query.after()?);
    let after = match after {
        None => None,
        Some(Cursor::Article(article)) => Some(article),
        Some(_) => return Err(Query::no_cursor()),
    };
    let mut context = visit.context(&api);
    let ticket = find::leading(&mut context, &number).await?;
    let (queues, page) = (seen(&mut context).await?, Page { after, most: limit + 1 });
    let mut articles = context.tx.article_readouts().of(ticket, &queues, page).await?;
    visit.tx.commit().await?;
    let limit = usize::try_from(limit).unwrap_or_default();
    let is_more = articles.len() > limit;
    articles.truncate(limit);
    let next = articles.last().filter(|_| is_more).map(|last| Cursor::Article(last.id).word());
    let link = next.as_deref().map(|next| query.next(&format!("{PATH}/tickets/{number}/articles"), next));
    let articles = articles.into_iter().map(ArticleShape::from).collect();
    Ok(linked(Answer::of(StatusCode::OK, &ArticlesShape { articles, next }), link.as_deref()))
}

/// Write an internal note
#[utoipa::path(
    post, path = "/tickets/{number}/notes", tag = "articles", 
    request_body(content((NoteBody = "application/json"), (super::sent::NoteForm = "multipart/form-data"))),
    params(("number" = String, Path, description = "The ticket's number"),
           ("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255, pattern = "^[!-~]+$", description = "The same key is the same answer, for a day")),
    responses((status = 201, body = ArticleShape), super::problem::OfOrders)
)]
pub(super) async fn note(
    State(api): State<Api>,
    number: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, Problem> {
    let read: orders::Read = |headers, number, sent| {
        let note: NoteBody = body::parse(headers, &sent.json)?;
        Ok(Order::Note(number.ok_or_else(Problem::nothing_here)?, note, sent.files.clone()))
    };
    orders::take(&api, request, Some(&word(number)?), read).await
}

/// Mail the customer
///
/// It takes the ticket, as `!answer` does, and is held for a moment, in which agents can take it back.
#[utoipa::path(
    post, path = "/tickets/{number}/answers", tag = "articles", 
    request_body(content((AnswerBody = "application/json"), (super::sent::AnswerForm = "multipart/form-data"))),
    params(("number" = String, Path, description = "The ticket's number"),
           ("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255, pattern = "^[!-~]+$", description = "The same key is the same answer, for a day")),
    responses((status = 201, body = super::shape::AnsweredShape), super::problem::OfOrders)
)]
pub(super) async fn answer(
    State(api): State<Api>,
    number: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, Problem> {
    let read: orders::Read = |headers, number, sent| {
        let answer: AnswerBody = body::parse(headers, &sent.json)?;
        Ok(Order::Answer(number.ok_or_else(Problem::nothing_here)?, answer, sent.files.clone()))
    };
    orders::take(&api, request, Some(&word(number)?), read).await
}
