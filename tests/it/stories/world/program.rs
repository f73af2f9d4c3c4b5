//! A program with a token, and what the API answers it.

use std::num::NonZeroU32;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderMap, Method, Request};
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;
use serde_json::Value;
use ticketloom::admin::{self, Command, Door, TokenCommand};
use ticketloom::domain::api_token::Scope;

use super::{World, user};

/// More often than any story asks.
const OFTEN: NonZeroU32 = NonZeroU32::new(100_000).expect("more than nothing");

/// A program with a token.
pub(crate) struct Program {
    service: TowerToHyperService<Router>,
    pub(crate) token: String,
    headers: Vec<(&'static str, String)>,
}

/// What it was answered.
pub(crate) struct Returned {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Bytes,
}

impl World {
    /// A program that acts for somebody, with these scopes, in these queues.
    pub(crate) async fn program(&self, who: &str, scopes: &str, queues: &[&str]) -> Program {
        let scopes = scopes.split(',').map(|scope| Scope::named(scope).expect("a scope")).collect();
        let queues = queues.iter().map(ToString::to_string).collect();
        let said = self.administer(Command::Token(TokenCommand::Add { agent: user(who), scopes, queues })).await;
        let token = said.expect("a token").lines().next().expect("a line").to_owned();
        self.program_with(&token, OFTEN)
    }

    /// A program that shows that token, and may ask so often a second.
    pub(crate) fn program_with(&self, token: &str, rate: NonZeroU32) -> Program {
        let service = TowerToHyperService::new(self.web(rate));
        Program { service, token: token.to_owned(), headers: vec![] }
    }

    /// Does something on the command line.
    pub(crate) async fn administer(&self, command: Command) -> Result<String, String> {
        let mut tx = self.store.begin().await.expect("a transaction");
        let said = admin::run(&mut tx, &self.desk.settings().bot, Door::Program, command).await;
        let said = said.map_err(|error| error.to_string())?;
        tx.commit().await.expect("done");
        Ok(said)
    }
}

impl Program {
    /// The same with another header in its requests.
    pub(crate) fn with(&self, name: &'static str, value: &str) -> Self {
        let mut headers = self.headers.clone();
        headers.push((name, value.to_owned()));
        Self { service: self.service.clone(), token: self.token.clone(), headers }
    }

    /// The same desk, asked with another token.
    pub(crate) fn showing(&self, token: &str) -> Self {
        Self { service: self.service.clone(), token: token.to_owned(), headers: self.headers.clone() }
    }

    pub(crate) async fn get(&self, path: &str) -> Returned {
        self.send(&Method::GET, path, Body::empty()).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Returned {
        self.send(&Method::POST, path, Body::from(body.to_string())).await
    }

    /// A form: JSON, and files by name, media type and bytes.
    pub(crate) async fn post_form(&self, path: &str, body: &Value, files: &[(&str, &str, &[u8])]) -> Returned {
        let boundary = format!("b{}", uuid::Uuid::new_v4().simple());
        let mut form =
            format!("--{boundary}\r\nContent-Disposition: form-data; name=\"json\"\r\n\r\n{body}\r\n").into_bytes();
        for (name, mime, bytes) in files {
            let head = format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"files\"; filename=\"{name}\"\r\nContent-Type: {mime}\r\n\r\n"
            );
            form.extend_from_slice(head.as_bytes());
            form.extend_from_slice(bytes);
            form.extend_from_slice(b"\r\n");
        }
        form.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        let kind = format!("multipart/form-data; boundary={boundary}");
        self.with("content-type", &kind).send(&Method::POST, path, Body::from(form)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Returned {
        self.send(&Method::PATCH, path, Body::from(body.to_string())).await
    }

    /// Any request below `/api/v1`.
    pub(crate) async fn send(&self, method: &Method, path: &str, body: Body) -> Returned {
        let mut request = Request::builder().method(method).uri(format!("/api/v1{path}"));
        if !self.token.is_empty() {
            request = request.header("authorization", format!("Bearer {}", self.token));
        }
        if *method != Method::GET && self.headers.iter().all(|(name, _)| *name != "content-type") {
            request = request.header("content-type", "application/json");
        }
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let request = request.body(body).expect("a request");
        let (parts, body) = self.service.call(request).await.expect("an answer").into_parts();
        let bytes = to_bytes(body, usize::MAX).await.expect("bytes");
        Returned { status: parts.status.as_u16(), headers: parts.headers, bytes }
    }
}

impl Returned {
    /// A header's value; empty if it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }

    /// Its body, of that status.
    #[track_caller]
    pub(crate) fn json(&self, status: u16) -> Value {
        let text = String::from_utf8_lossy(&self.bytes);
        assert_eq!(self.status, status, "{text}");
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    /// It is a problem of that status and code.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16, code: &str) -> Value {
        let body = self.json(status);
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!((body["status"].as_u64(), body["code"].as_str()), (Some(status.into()), Some(code)), "{body}");
        assert!(body["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{body}");
        body
    }
}
