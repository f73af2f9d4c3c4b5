//! A token endpoint that does as it is told.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::http::StatusCode;
use axum::routing::post;
use tokio::net::TcpListener;

use crate::config::{MailLogin, MailProof, OAuth2Config, OAuth2Grant, Secret};

/// It grants `token-1`, `token-2` and so on for an hour, unless it was told what to answer.
pub(in crate::mail) struct Endpoint {
    port: u16,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    script: VecDeque<(u16, String)>,
    asked: Vec<HashMap<String, String>>,
}

impl State {
    fn answer(&mut self, form: &str) -> (u16, String) {
        self.asked.push(url::form_urlencoded::parse(form.as_bytes()).into_owned().collect());
        let token =
            format!(r#"{{"access_token":"token-{}","token_type":"Bearer","expires_in":3600}}"#, self.asked.len());
        self.script.pop_front().unwrap_or((200, token))
    }
}

impl Endpoint {
    pub(in crate::mail) async fn open() -> Self {
        let state = Arc::new(Mutex::new(State::default()));
        let answering = Arc::clone(&state);
        let answer = async move |form: String| {
            let (status, body) = answering.lock().expect("no panic").answer(&form);
            (StatusCode::from_u16(status).expect("a status"), [("location", "http://127.0.0.1:9/")], body)
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("bound").port();
        tokio::spawn(async { axum::serve(listener, Router::new().route("/token", post(answer))).await });
        Self { port, state }
    }

    /// What it answers the next time.
    pub(in crate::mail) fn will(&self, status: u16, body: &str) {
        self.state.lock().expect("no panic").script.push_back((status, body.to_owned()));
    }

    /// Everything that it was asked.
    pub(in crate::mail) fn asked(&self) -> Vec<HashMap<String, String>> {
        self.state.lock().expect("no panic").asked.clone()
    }

    /// What the desk knows of it.
    pub(in crate::mail) fn config(&self, grant: OAuth2Grant) -> OAuth2Config {
        let token_url = format!("http://127.0.0.1:{}/token", self.port).parse().expect("a URL");
        OAuth2Config { token_url, client_id: "desk".to_owned(), grant, scope: Some("mail".to_owned()) }
    }

    /// An account whose tokens come from here.
    pub(in crate::mail) fn login(&self) -> MailLogin {
        let grant = OAuth2Grant::Refresh { token: Secret::new("refresh-0"), client_secret: None };
        MailLogin { user: "support@example.org".to_owned(), proof: MailProof::Grant(self.config(grant)) }
    }
}
