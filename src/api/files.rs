//! Files of articles.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::Api;
use super::problem::Problem;
use crate::domain::api_token::Scope;
use crate::domain::id::ArticleId;

/// What a name keeps as it is (RFC 8187).
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'.').remove(b'-').remove(b'_');

/// A file
#[utoipa::path(
    get, path = "/articles/{id}/files/{position}", tag = "articles",
    params(("id" = i64, Path, description = "The article"), ("position" = i32, Path, description = "Its place, from 1")),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream", description = "Its bytes, with its own media type"), super::problem::OfReading)
)]
pub(super) async fn get(
    State(api): State<Api>,
    headers: HeaderMap,
    place: Result<Path<(String, String)>, PathRejection>,
) -> Result<Response, Problem> {
    let mut visit = api.enter(&headers).await?;
    visit.must_have(Scope::Read)?;
    let Path((id, position)) = place.map_err(|_| Problem::nothing_here())?;
    let (Ok(id), Ok(position)) = (id.parse(), position.parse()) else { return Err(Problem::nothing_here()) };
    let found = visit.tx.article_readouts().file(ArticleId(id), position).await?;
    // What one may not see is not told from what is not there.
    let found = found.filter(|(_, queue)| visit.agent.sees(*queue)).ok_or_else(Problem::nothing_here)?;
    let file = visit.tx.files().get(found.0).await?;
    visit.tx.commit().await?;
    let bytes = api.desk.store().file_bytes(&file).await?;
    let kind = HeaderValue::try_from(&file.mime);
    let kind = kind.unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let name = format!("attachment; filename*=UTF-8''{}", utf8_percent_encode(&file.name, PLAIN));
    let name = HeaderValue::try_from(name).unwrap_or(HeaderValue::from_static("attachment"));
    let apart = HeaderValue::from_static("sandbox; default-src 'none'");
    let headers =
        [(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name), (header::CONTENT_SECURITY_POLICY, apart)];
    Ok((headers, bytes).into_response())
}
