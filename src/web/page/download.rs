//! A file of an article.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::answer::{closed, failed, slower};
use crate::desk::page::{self, Closed};
use crate::domain::id::ArticleId;
use crate::store::files::FileRow;
use crate::web::{Caller, Web};

/// What stands as it is in a name (RFC 8187 §3.2.1).
const NAME: &AsciiSet = &NON_ALPHANUMERIC.remove(b'.').remove(b'-').remove(b'_');

/// Gives a file to be kept: never to be shown, whatever it says that it is.
pub(super) async fn file(
    State(web): State<Web>,
    caller: Caller,
    Path((token, article, position)): Path<(String, i64, i32)>,
    headers: HeaderMap,
) -> Response {
    if !web.limits.may_look(caller, &token) {
        return slower(&web.root, &headers);
    }
    let found = async {
        let mut tx = web.desk.store().begin().await?;
        let opened = match page::open(&mut tx, &token).await? {
            Ok(opened) => opened,
            Err(why) => return Ok(Err(why)),
        };
        let Some(file) = page::file(&mut tx, &opened, ArticleId(article), position).await? else {
            return Ok(Err(Closed::Unknown));
        };
        drop(tx);
        let bytes = web.desk.store().file_bytes(&file).await?;
        Ok(Ok((file, bytes)))
    };
    match found.await {
        Ok(Ok((file, bytes))) => attachment(&file, bytes),
        Ok(Err(why)) => closed(&web.root, &headers, why),
        Err(error) => failed(&web.root, &headers, &error),
    }
}

fn attachment(file: &FileRow, bytes: Vec<u8>) -> Response {
    let name = utf8_percent_encode(&file.name, NAME);
    let disposition = HeaderValue::from_str(&format!("attachment; filename*=UTF-8''{name}"));
    let mut answer = (StatusCode::OK, Body::from(bytes)).into_response();
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'"));
    if let Ok(disposition) = disposition {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    answer
}
