//! A ticket's page.

use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use uuid::Uuid;

use super::answer::{closed, failed};
use super::words::Words as Phrases;
use super::{FILES, answer};
use crate::desk::page::{self, MayReply, Opened, Shown, View, Words, Written};
use crate::domain::article::Sender;
use crate::domain::size;
use crate::store::customer_pages::PageFile;
use crate::web::{Caller, Web};

/// What stands above the form when something was sent.
#[derive(Clone, Debug, Default)]
pub(super) struct Said {
    /// It went well.
    pub(super) status: Option<&'static str>,
    /// It did not, and why.
    pub(super) alert: Option<String>,
    /// What was typed, so that nobody types it twice.
    pub(super) typed: Typed,
}

/// What was typed, and into which form: it stays the same one, since what seems lost may be stored already.
#[derive(Clone, Debug, Default)]
pub(super) struct Typed {
    /// The form's own word; empty: it has none yet.
    pub(super) form: String,
    /// The text.
    pub(super) text: String,
}

impl Typed {
    pub(super) fn of(written: &Written) -> Self {
        Self { form: written.form.clone(), text: written.text.clone() }
    }

    /// The form's word, or a new one. Foreign ones of any length are none of ours.
    pub(super) fn word(&self) -> String {
        let is_ours = Uuid::try_parse(&self.form).is_ok();
        if is_ours { self.form.clone() } else { Uuid::new_v4().simple().to_string() }
    }
}

#[derive(Template)]
#[template(path = "ticket.html", config = "src/web/askama.toml")]
struct TicketPage<'a> {
    language: &'a str,
    root: &'a str,
    token: &'a str,
    words: &'static Phrases,
    title: String,
    queue: &'a str,
    subject: &'a str,
    state: &'a str,
    state_words: &'a str,
    status: Option<&'static str>,
    alert: Option<String>,
    typed: String,
    action: &'a str,
    articles: Vec<ShownArticle>,
    closed_note: Option<String>,
    may_reply: bool,
    may_solve: bool,
    attach: String,
    form: String,
}

struct ShownArticle {
    id: i64,
    class: &'static str,
    who: String,
    time: String,
    machine_time: String,
    words: Words,
    files: Vec<ShownFile>,
}

struct ShownFile {
    position: i32,
    name: String,
    size: String,
}

/// Shows a ticket. However often it is looked at, nothing changes.
pub(super) async fn look(
    State(web): State<Web>,
    caller: Caller,
    Path(token): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    if !web.limits.may_look(caller, &token) {
        return answer::slower(&web.root, &headers);
    }
    let mut tx = match web.desk.store().begin().await {
        Ok(tx) => tx,
        Err(error) => return failed(&web.root, &headers, &error),
    };
    let opened = match page::open(&mut tx, &token).await {
        Ok(Ok(opened)) => opened,
        Ok(Err(why)) => return closed(&web.root, &headers, why),
        Err(error) => return failed(&web.root, &headers, &error),
    };
    let words = Phrases::of(opened.queue.language);
    let status = match query.as_deref() {
        Some("sent") => Some(words.sent),
        Some("mailed") => Some(words.mailed),
        _ => None,
    };
    let said = Said { status, ..Said::default() };
    match page::view(&web.desk, &mut tx, &opened).await {
        Ok(view) => page_of(&web, &token, &opened, view, (StatusCode::OK, said)),
        Err(error) => failed(&web.root, &headers, &error),
    }
}

/// The page of a ticket, with what is to be said of what was sent.
pub(super) fn page_of(
    web: &Web,
    token: &str,
    opened: &Opened,
    view: View,
    (status, said): (StatusCode, Said),
) -> Response {
    let words = Phrases::of(opened.queue.language);
    let closed_note = match view.may_reply {
        MayReply::Yes => None,
        MayReply::Reopens => Some(words.reopens.to_owned()),
        MayReply::Begins => Some(words.begins.to_owned()),
        MayReply::No => Some(words.no_reply(&opened.queue)),
    };
    let page = TicketPage {
        language: opened.queue.language.code(),
        root: &web.root,
        token,
        words,
        title: words.title.replace("{number}", opened.ticket.number.as_str()),
        queue: &opened.queue.title,
        subject: &opened.ticket.subject,
        state: opened.ticket.state.name(),
        state_words: words.of_state(opened.ticket.state),
        status: said.status,
        alert: said.alert,
        form: said.typed.word(),
        action: &format!("{}/t/{token}", web.root),
        typed: said.typed.text,
        articles: view.articles.into_iter().map(|article| shown(words, opened, article)).collect(),
        closed_note,
        may_reply: view.may_reply != MayReply::No,
        may_solve: view.may_solve,
        attach: attach(words, web),
    };
    match page.render() {
        Ok(page) => (status, Html(page)).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page can't be made");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn shown(words: &Phrases, opened: &Opened, article: Shown) -> ShownArticle {
    let (who, class) = match article.sender {
        Sender::Customer => (words.you.to_owned(), "own"),
        Sender::Agent => (opened.queue.title.clone(), "ours"),
        Sender::System => (words.automatic.to_owned(), "ours"),
    };
    let at = article.at.with_timezone(&opened.queue.time_zone);
    ShownArticle {
        id: article.id.0,
        class,
        who,
        time: at.format("%Y-%m-%d %H:%M").to_string(),
        machine_time: article.at.to_rfc3339(),
        words: article.words,
        files: article.files.into_iter().map(file).collect(),
    }
}

/// What stands beside the field for files.
pub(super) fn attach(words: &Phrases, web: &Web) -> String {
    words.attach.replace("{count}", &FILES.to_string()).replace("{size}", &size(web.max_size as u64))
}

fn file(file: PageFile) -> ShownFile {
    ShownFile { position: file.position, name: file.name, size: size(file.size) }
}

/// A size as customers read it.
pub(super) fn size(bytes: u64) -> String {
    size::shown(bytes).replace("iB", "B")
}
