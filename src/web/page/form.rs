//! What is sent from a page.

use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{Multipart, Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};

use super::FILES;
use super::answer::{closed, failed, given_back, slower, wished};
use super::show::{Said, Typed, page_of, size};
use super::words::Words;
use crate::desk::page::{self, NotTaken, Opened, ReplyFile, Written};
use crate::listen::memory::Reservation;
use crate::store::{StoreError, Tx};
use crate::web::{Caller, Web};

/// The longest text in bytes.
const TEXT: usize = 256 << 10;

/// What came of reading a form, with what was typed.
enum Form {
    Whole(Written),
    /// It is larger than is taken.
    TooLarge(Typed),
    /// It has too many files.
    TooMany(Typed),
    /// There is no memory for it now.
    NoRoom(Typed),
    /// Its sender broke it off, or it is no form.
    Broken,
}

/// Takes a reply.
pub(super) async fn receive(
    State(web): State<Web>,
    caller: Caller,
    Path(token): Path<String>,
    headers: HeaderMap,
    form: Multipart,
) -> Response {
    if let Some(refusal) = refused(&web, caller, &token, &headers) {
        return refusal;
    }
    let mut held = web.memory.share();
    // Only for who has a good link does anybody read on, or if nobody knows whether it is one.
    let opened = match opened(&web, &token).await {
        Ok(Ok((_, opened))) => opened,
        Ok(Err(why)) => return closed(&web.root, &headers, why),
        Err(error) => {
            tracing::warn!(%error, "nobody knows whom a reply is from");
            return unsent(&web, &headers, read(form, &mut held, web.max_size).await);
        }
    };
    let words = Words::of(opened.queue.language);
    let written = match told(&web, words, read(form, &mut held, web.max_size).await) {
        Ok(written) => Written { token: token.clone(), ..written },
        Err(Some(told)) => return again(&web, &opened, &token, told).await,
        Err(None) => return StatusCode::BAD_REQUEST.into_response(),
    };
    let typed = Typed::of(&written);
    let outcome = match web.desk.store().begin().await {
        Ok(tx) => page::take(&web.desk, tx, &opened, written).await,
        Err(error) => Err(error),
    };
    let (status, alert) = match outcome {
        Ok(Ok(_)) => return Redirect::to(&format!("{}/t/{token}?sent", web.root)).into_response(),
        Ok(Err(NotTaken::Empty)) => (StatusCode::UNPROCESSABLE_ENTITY, words.empty.to_owned()),
        Ok(Err(NotTaken::Closed)) => (StatusCode::CONFLICT, words.no_reply(&opened.queue)),
        Ok(Err(NotTaken::NotComposable(what))) => {
            tracing::error!(what, "a reply from a page can't be taken");
            (StatusCode::UNPROCESSABLE_ENTITY, words.later.to_owned())
        }
        Err(error) => {
            tracing::warn!(%error, "a reply from a page was not stored");
            (StatusCode::SERVICE_UNAVAILABLE, words.later.to_owned())
        }
    };
    again(&web, &opened, &token, (status, alert, typed)).await
}

/// What was wrong: the answer's status, what is said, and what was typed.
type Wrong = (StatusCode, String, Typed);

/// A whole form, or what is to be said of it; nothing of one that is none.
fn told(web: &Web, words: &Words, form: Form) -> Result<Written, Option<Wrong>> {
    match form {
        Form::Whole(written) => Ok(written),
        Form::TooLarge(typed) => {
            let alert = words.large.replace("{size}", &size(web.max_size as u64));
            Err(Some((StatusCode::PAYLOAD_TOO_LARGE, alert, typed)))
        }
        Form::TooMany(typed) => {
            let alert = words.many.replace("{count}", &FILES.to_string());
            Err(Some((StatusCode::PAYLOAD_TOO_LARGE, alert, typed)))
        }
        Form::NoRoom(typed) => Err(Some((StatusCode::SERVICE_UNAVAILABLE, words.later.to_owned(), typed))),
        Form::Broken => Err(None),
    }
}

/// What can't be stored is given back.
fn unsent(web: &Web, headers: &HeaderMap, form: Form) -> Response {
    let language = wished(headers);
    let words = Words::of(language);
    match told(web, words, form) {
        Ok(written) => {
            let later = (StatusCode::SERVICE_UNAVAILABLE, words.later.to_owned(), Typed::of(&written));
            given_back(web, language, later)
        }
        Err(Some(wrong)) => given_back(web, language, wrong),
        Err(None) => StatusCode::BAD_REQUEST.into_response(),
    }
}

/// The customer says that it is solved.
pub(super) async fn solve(
    State(web): State<Web>,
    caller: Caller,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Response {
    if let Some(refusal) = refused(&web, caller, &token, &headers) {
        return refusal;
    }
    match opened(&web, &token).await {
        Ok(Ok((tx, opened))) => match page::solve(tx, &opened).await {
            Ok(true) => Redirect::to(&format!("{}/t/{token}", web.root)).into_response(),
            Ok(false) => StatusCode::FORBIDDEN.into_response(),
            Err(error) => failed(&web.root, &headers, &error),
        },
        Ok(Err(why)) => closed(&web.root, &headers, why),
        Err(error) => failed(&web.root, &headers, &error),
    }
}

/// Refuses what comes too often, and what another site's page sends (Fetch Metadata): a page of ours sends it from here.
pub(super) fn refused(web: &Web, caller: Caller, token: &str, headers: &HeaderMap) -> Option<Response> {
    let site = headers.get("sec-fetch-site").and_then(|value| value.to_str().ok());
    if !matches!(site, None | Some("same-origin" | "none")) {
        return Some(StatusCode::FORBIDDEN.into_response());
    }
    (!web.limits.may_send(caller, token)).then(|| slower(&web.root, headers))
}

async fn opened(web: &Web, token: &str) -> Result<Result<(Tx, Opened), page::Closed>, StoreError> {
    let mut tx = web.desk.store().begin().await?;
    let opened = page::open(&mut tx, token).await?;
    Ok(opened.map(|opened| (tx, opened)))
}

/// The page again, with what was wrong and what was typed; or that alone, if not even the page can be shown.
async fn again(web: &Web, opened: &Opened, token: &str, (status, alert, typed): Wrong) -> Response {
    let shown = async {
        let mut tx = web.desk.store().begin().await?;
        let Ok(opened) = page::open(&mut tx, token).await? else { return Ok(None) };
        let view = page::view(&web.desk, &mut tx, &opened).await?;
        let said = Said { alert: Some(alert.clone()), typed: typed.clone(), status: None };
        Ok::<_, StoreError>(Some(page_of(web, token, &opened, view, (status, said))))
    };
    let mut answer = match shown.await {
        Ok(Some(page)) => page,
        Ok(None) | Err(_) => given_back(web, opened.queue.language, (status, alert, typed)),
    };
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        // What is still under way is not read.
        answer.headers_mut().insert(header::CONNECTION, header::HeaderValue::from_static("close"));
    }
    answer
}

/// Reads a form, no more of it than may be, and holds memory for what it has of it.
async fn read(mut form: Multipart, held: &mut Reservation, most: usize) -> Form {
    let (mut written, mut size) = (Written::default(), 0);
    loop {
        let mut field = match form.next_field().await {
            Ok(Some(field)) => field,
            Ok(None) => return Form::Whole(written),
            Err(error) => return ended(&error, Typed::of(&written)),
        };
        let name = field.name().unwrap_or_default().to_owned();
        let limit = if name == "files" { most } else { TEXT };
        if name == "files" && written.files.len() == FILES && !is_blank(&field) {
            return Form::TooMany(Typed::of(&written));
        }
        let bytes = match bytes_of(&mut field, (held, &mut size), limit.min(most)).await {
            Ok(Some(bytes)) => bytes,
            Ok(None) if size > most || size > TEXT => return Form::TooLarge(Typed::of(&written)),
            Ok(None) => return Form::NoRoom(Typed::of(&written)),
            Err(error) => return ended(&error, Typed::of(&written)),
        };
        match name.as_str() {
            "text" => written.text = String::from_utf8_lossy(&bytes).replace('\0', ""),
            "form" => written.form = String::from_utf8_lossy(&bytes).into_owned(),
            // A browser sends a field without a file, too.
            "files" if !(is_blank(&field) && bytes.is_empty()) => written.files.push(file(&field, bytes)),
            _ => {}
        }
    }
}

fn is_blank(field: &Field<'_>) -> bool {
    field.file_name().is_none_or(str::is_empty)
}

fn file(field: &Field<'_>, bytes: Vec<u8>) -> ReplyFile {
    let name = field.file_name().filter(|name| !name.is_empty()).unwrap_or("file").to_owned();
    let mime = field.content_type().unwrap_or("application/octet-stream").to_owned();
    ReplyFile { name, mime, bytes }
}

/// A field's bytes; `None` if they are more than may be, or than there is memory for.
async fn bytes_of(
    field: &mut Field<'_>,
    (held, size): (&mut Reservation, &mut usize),
    most: usize,
) -> Result<Option<Vec<u8>>, MultipartError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await? {
        *size += chunk.len();
        // Once here, and once as a mail, where Base64 makes a third more of it.
        if bytes.len() + chunk.len() > most || !held.grow_to(*size * 5 / 2) {
            return Ok(None);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Some(bytes))
}

fn ended(error: &MultipartError, typed: Typed) -> Form {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE { Form::TooLarge(typed) } else { Form::Broken }
}
