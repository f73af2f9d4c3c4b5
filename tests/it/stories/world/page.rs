//! Customers at their pages, as a browser asks for them.

use std::fmt::Write;
use std::num::NonZeroU32;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use ticketloom::config::WebConfig;
use ticketloom::listen::memory::MailMemory;
use ticketloom::web::{Web, routes};
use tower::ServiceExt;

use super::World;

/// The largest reply here in bytes.
pub(crate) const MOST: usize = 64 << 10;

/// What a browser got.
#[derive(Clone, Debug)]
pub(crate) struct Answered {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answered {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The ids of the articles that it shows.
    pub(crate) fn articles(&self) -> Vec<String> {
        let text = self.text();
        let ids = text.split("<article data-article=\"").skip(1);
        ids.map(|rest| rest.split('"').next().unwrap_or_default().to_owned()).collect()
    }

    /// What it alerts to.
    pub(crate) fn alert(&self) -> Option<String> {
        let text = self.text();
        let (_, rest) = text.split_once("role=\"alert\"")?;
        Some(rest.split_once('>')?.1.split('<').next()?.to_owned())
    }

    /// The state that it shows.
    pub(crate) fn state(&self) -> String {
        let text = self.text();
        let (_, rest) = text.split_once("data-state=\"").expect("a state");
        rest.split('"').next().expect("a word").to_owned()
    }

    /// The form as it is, to be filled in.
    pub(crate) fn form(&self) -> Form {
        let text = self.text();
        let (_, rest) = text.split_once("name=\"form\" value=\"").expect("a form");
        Form { id: rest.split('"').next().expect("a word").to_owned(), ..Form::default() }
    }
}

/// A reply's form.
#[derive(Clone, Debug, Default)]
pub(crate) struct Form {
    id: String,
    text: String,
    files: Vec<(String, String, Vec<u8>)>,
    site: Option<&'static str>,
}

impl Form {
    pub(crate) fn text(mut self, text: &str) -> Self {
        text.clone_into(&mut self.text);
        self
    }

    pub(crate) fn file(mut self, name: &str, mime: &str, bytes: &[u8]) -> Self {
        self.files.push((name.to_owned(), mime.to_owned(), bytes.to_vec()));
        self
    }

    /// From which site a browser says that it is sent.
    pub(crate) fn sent_from(mut self, site: &'static str) -> Self {
        self.site = Some(site);
        self
    }

    /// As a browser sends it: with a file that is none if there is none.
    fn body(&self) -> Vec<u8> {
        let mut body = String::new();
        for (name, value) in [("form", &self.id), ("text", &self.text)] {
            let _ = write!(body, "--=b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        }
        let mut body = body.into_bytes();
        let none = [(String::new(), "application/octet-stream".to_owned(), Vec::new())];
        let files = if self.files.is_empty() { &none[..] } else { &self.files[..] };
        for (name, mime, bytes) in files {
            let head = format!(
                "--=b\r\nContent-Disposition: form-data; name=\"files\"; filename=\"{name}\"\r\nContent-Type: {mime}\r\n\r\n"
            );
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--=b--\r\n");
        body
    }
}

impl World {
    /// What `[web]` serves, for tokens that may ask so often a second.
    pub(super) fn web(&self, api_rate: NonZeroU32) -> axum::Router {
        let config = WebConfig {
            listen: "127.0.0.1:0".parse().expect("an address"),
            url: "https://help.test".parse().expect("a URL"),
            connections: 1,
            connections_per_address: 1,
            proxies: vec![],
            max_size: MOST,
            api_rate,
        };
        routes(Web::new(self.desk.clone(), MailMemory::of(1 << 20), &config))
    }

    async fn ask(&self, request: Request<Body>) -> Answered {
        let answer = self.web(NonZeroU32::MIN).oneshot(request).await.expect("an answer");
        let (head, body) = answer.into_parts();
        let body = to_bytes(body, usize::MAX).await.expect("a body").to_vec();
        Answered { status: head.status, headers: head.headers, body }
    }

    /// Somebody, or their mail filter, follows a link.
    pub(crate) async fn follow(&self, link: &str) -> Answered {
        let path = link.strip_prefix("https://help.test").unwrap_or(link);
        self.ask(Request::get(path).body(Body::empty()).expect("a request")).await
    }

    /// Somebody sends a form from a page.
    pub(crate) async fn send(&self, link: &str, form: &Form) -> Answered {
        let path = link.strip_prefix("https://help.test").unwrap_or(link);
        let kind = "multipart/form-data; boundary=\"=b\"";
        let mut request = Request::post(path).header(header::CONTENT_TYPE, kind);
        if let Some(site) = form.site {
            request = request.header("sec-fetch-site", site);
        }
        self.ask(request.body(Body::from(form.body())).expect("a request")).await
    }

    /// Somebody presses the button that closes.
    pub(crate) async fn solve(&self, link: &str) -> Answered {
        let path = format!("{}/solved", link.strip_prefix("https://help.test").unwrap_or(link));
        self.ask(Request::post(path).body(Body::empty()).expect("a request")).await
    }

    /// Somebody presses the button that mails a link to all of their tickets.
    pub(crate) async fn ask_for_all(&self, link: &str) -> Answered {
        let path = format!("{}/requests", link.strip_prefix("https://help.test").unwrap_or(link));
        self.ask(Request::post(path).body(Body::empty()).expect("a request")).await
    }

    /// Somebody types an address where anybody may ask for that.
    pub(crate) async fn type_address(&self, address: &str) -> Answered {
        let body: String =
            url::form_urlencoded::Serializer::new(String::new()).append_pair("address", address).finish();
        let request = Request::post("/requests").header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.ask(request.body(Body::from(body)).expect("a request")).await
    }
}
