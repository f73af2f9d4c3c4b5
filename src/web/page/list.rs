//! All tickets of a customer: where the link to them is asked for, and what it opens.

use askama::Template;
use axum::extract::{Form, Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::answer::{closed, failed, slower, wished};
use super::form::refused;
use super::words::Words;
use crate::desk::page::{self, List, Listed};
use crate::domain::id::EmailAddress;
use crate::domain::language::Language;
use crate::store::StoreError;
use crate::web::{Caller, Web};

#[derive(Template)]
#[template(path = "list.html", config = "src/web/askama.toml")]
struct ListPage<'a> {
    language: &'a str,
    root: &'a str,
    words: &'static Words,
    queue: &'a str,
    address: &'a str,
    tickets: Vec<Line>,
}

struct Line {
    number: String,
    subject: String,
    state: &'static str,
    state_words: &'static str,
    token: Option<String>,
}

#[derive(Template)]
#[template(path = "ask.html", config = "src/web/askama.toml")]
struct AskPage<'a> {
    language: &'a str,
    root: &'a str,
    words: &'static Words,
    status: Option<&'a str>,
    alert: Option<&'a str>,
    typed: &'a str,
}

/// What is typed where anybody may ask.
#[derive(Debug, Deserialize)]
pub(super) struct Typed {
    #[serde(default)]
    address: String,
}

/// The list. However often it is looked at, nothing changes.
pub(super) async fn look(
    State(web): State<Web>,
    caller: Caller,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Response {
    if !web.limits.may_look(caller, &token) {
        return slower(&web.root, &headers);
    }
    let opened = async {
        let mut tx = web.desk.store().begin().await?;
        page::open_list(&mut tx, &token).await
    };
    match opened.await {
        Ok(Ok(list)) => shown(&web.root, list),
        Ok(Err(why)) => closed(&web.root, &headers, why),
        Err(error) => failed(&web.root, &headers, &error),
    }
}

fn shown(root: &str, list: List) -> Response {
    let words = Words::of(list.queue.language);
    let line = |Listed { number, subject, state, token }| Line {
        number: words.title.replace("{number}", number.as_str()),
        subject,
        state: state.name(),
        state_words: words.of_state(state),
        token,
    };
    let page = ListPage {
        language: list.queue.language.code(),
        root,
        words,
        queue: &list.queue.title,
        address: list.customer.address.as_str(),
        tickets: list.tickets.into_iter().map(line).collect(),
    };
    Html(page.render().unwrap_or_default()).into_response()
}

/// Mails the link to whom a ticket's page is for.
pub(super) async fn mail_mine(
    State(web): State<Web>,
    caller: Caller,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Response {
    if let Some(refusal) = refused(&web, caller, &token, &headers) {
        return refusal;
    }
    let mailed = async {
        let mut tx = web.desk.store().begin().await?;
        let opened = match page::open(&mut tx, &token).await? {
            Ok(opened) => opened,
            Err(why) => return Ok(Err(why)),
        };
        let is_mailed = page::mail_list(&web.desk, &mut tx, &opened.queue, &opened.customer).await?;
        tx.commit().await?;
        Ok::<_, StoreError>(Ok(is_mailed))
    };
    match mailed.await {
        Ok(Ok(true)) => Redirect::to(&format!("{}/t/{token}?mailed", web.root)).into_response(),
        Ok(Ok(false)) => slower(&web.root, &headers),
        Ok(Err(why)) => closed(&web.root, &headers, why),
        Err(error) => failed(&web.root, &headers, &error),
    }
}

/// Where anybody may ask for the link to their own list.
pub(super) async fn ask(State(web): State<Web>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let language = wished(&headers);
    let status = (query.as_deref() == Some("mailed")).then_some(Words::of(language).mailed_perhaps);
    asking(&web, language, (StatusCode::OK, status, None), "")
}

/// Mails the link to an address, if it is a customer's. What is answered is the same for every address.
pub(super) async fn mail_any(
    State(web): State<Web>,
    caller: Caller,
    headers: HeaderMap,
    Form(typed): Form<Typed>,
) -> Response {
    let key = typed.address.trim().to_lowercase();
    if let Some(refusal) = refused(&web, caller, &key, &headers) {
        return refusal;
    }
    let language = wished(&headers);
    let Some(address) = EmailAddress::parse(typed.address.trim()) else {
        let alert = Some(Words::of(language).no_address);
        return asking(&web, language, (StatusCode::UNPROCESSABLE_ENTITY, None, alert), &typed.address);
    };
    let mailed = async {
        let mut tx = web.desk.store().begin().await?;
        page::mail_list_to(&web.desk, &mut tx, &address).await?;
        tx.commit().await
    };
    match mailed.await {
        Ok(()) => Redirect::to(&format!("{}/requests?mailed", web.root)).into_response(),
        Err(error) => failed(&web.root, &headers, &error),
    }
}

fn asking(
    web: &Web,
    language: Language,
    (code, status, alert): (StatusCode, Option<&str>, Option<&str>),
    typed: &str,
) -> Response {
    let words = Words::of(language);
    let page = AskPage { language: language.code(), root: &web.root, words, status, alert, typed };
    (code, Html(page.render().unwrap_or_default())).into_response()
}
