//! Answers that are no ticket's page: what a link leads to that opens nothing, and what went wrong.

use askama::Template;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

use super::show::{Typed, attach};
use super::words::Words;
use crate::desk::page::Closed;
use crate::domain::language::Language;
use crate::store::StoreError;
use crate::web::Web;

#[derive(Template)]
#[template(path = "alert.html", config = "src/web/askama.toml")]
struct AlertPage<'a> {
    language: &'a str,
    root: &'a str,
    what: &'a str,
    then: &'a str,
}

#[derive(Template)]
#[template(path = "unsent.html", config = "src/web/askama.toml")]
struct UnsentPage<'a> {
    language: &'a str,
    root: &'a str,
    words: &'static Words,
    alert: Option<String>,
    form: String,
    action: &'a str,
    typed: String,
    attach: String,
}

/// What was typed, in a form that sends it again: nothing else can be shown.
pub(super) fn given_back(
    web: &Web,
    language: Language,
    (status, alert, typed): (StatusCode, String, Typed),
) -> Response {
    let words = Words::of(language);
    let page = UnsentPage {
        language: language.code(),
        root: &web.root,
        words,
        alert: Some(alert),
        form: typed.word(),
        // Where it was sent to.
        action: "",
        typed: typed.text,
        attach: attach(words, web),
    };
    (status, Html(page.render().unwrap_or_default())).into_response()
}

/// A page that says one thing, and what to do then.
fn alert(root: &str, language: Language, status: StatusCode, (what, then): (&str, &str)) -> Response {
    let page = AlertPage { language: language.code(), root, what, then }.render();
    (status, Html(page.unwrap_or_default())).into_response()
}

/// A link that opens nothing: it says so, and nothing of what it once opened.
pub(super) fn closed(root: &str, headers: &HeaderMap, why: Closed) -> Response {
    let language = wished(headers);
    let words = Words::of(language);
    let (status, what) = match why {
        Closed::Unknown => (StatusCode::NOT_FOUND, words.unknown),
        Closed::Revoked => (StatusCode::GONE, words.revoked),
        Closed::Expired => (StatusCode::GONE, words.expired),
    };
    alert(root, language, status, (what, words.instead))
}

/// Too much in too short a time.
pub(super) fn slower(root: &str, headers: &HeaderMap) -> Response {
    let language = wished(headers);
    let words = Words::of(language);
    let mut answer = alert(root, language, StatusCode::TOO_MANY_REQUESTS, (words.slower, words.instead));
    answer.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from_static("60"));
    answer
}

/// The record is away.
pub(super) fn failed(root: &str, headers: &HeaderMap, error: &StoreError) -> Response {
    tracing::warn!(%error, "a page can't be shown");
    let language = wished(headers);
    alert(root, language, StatusCode::SERVICE_UNAVAILABLE, (Words::of(language).later, Words::of(language).instead))
}

/// The language that a browser asks for first and that we have (RFC 9110 §12.5.4, in the order in which it names them).
pub(super) fn wished(headers: &HeaderMap) -> Language {
    let wished =
        headers.get(header::ACCEPT_LANGUAGE).map(|value| String::from_utf8_lossy(value.as_bytes())).unwrap_or_default();
    let code = |one: &str| one.trim().get(..2).map(str::to_ascii_lowercase);
    wished.split(',').filter_map(code).find_map(|code| Language::coded(&code)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_language_that_is_known_is_taken() {
        for (wish, language) in [
            ("de-AT,de;q=0.9,en;q=0.8", Language::De),
            ("ja, fr;q=0.5", Language::Fr),
            ("ja", Language::En),
            ("", Language::En),
            ("é,x,FI", Language::Fi),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, header::HeaderValue::from_bytes(wish.as_bytes()).expect("a value"));
            assert_eq!(wished(&headers), language, "{wish}");
        }
    }
}
