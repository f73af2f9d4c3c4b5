//! A mail provider that lets nobody in without an access token: what no real server does on demand.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::http::StatusCode;
use axum::routing::post;
use data_encoding::BASE64;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// Its token endpoint grants `access-1`, `access-2`, and so on; its mail server takes the newest one only.
pub(crate) struct Provider {
    smtp: u16,
    http: u16,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    is_away: bool,
    granted: usize,
    asked: Vec<HashMap<String, String>>,
    shown: Vec<String>,
    mails: usize,
}

impl State {
    fn answer(&mut self, form: &str) -> (StatusCode, String) {
        if self.is_away {
            return (StatusCode::SERVICE_UNAVAILABLE, "away".to_owned());
        }
        self.asked.push(url::form_urlencoded::parse(form.as_bytes()).into_owned().collect());
        self.granted += 1;
        let number = self.granted;
        let tokens = format!(r#""access_token":"access-{number}","refresh_token":"refresh-{number}""#);
        (StatusCode::OK, format!(r#"{{{tokens},"token_type":"Bearer","expires_in":3600}}"#))
    }

    fn lets_in(&mut self, line: &str) -> bool {
        let response = line.strip_prefix("AUTH XOAUTH2 ").and_then(|text| BASE64.decode(text.as_bytes()).ok());
        let shown = String::from_utf8(response.unwrap_or_default()).unwrap_or_default();
        let is_newest = shown == format!("user=support@example.org\x01auth=Bearer access-{}\x01\x01", self.granted);
        self.shown.push(shown);
        is_newest
    }
}

impl Provider {
    pub(crate) async fn open() -> Self {
        let state = Arc::new(Mutex::new(State { is_away: true, ..State::default() }));
        let web = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let mail = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = |listener: &TcpListener| listener.local_addr().expect("an address").port();
        let provider = Self { smtp: port(&mail), http: port(&web), state: Arc::clone(&state) };
        let answering = Arc::clone(&state);
        let answer = async move |form: String| answering.lock().expect("no panic").answer(&form);
        tokio::spawn(async { axum::serve(web, Router::new().route("/token", post(answer))).await });
        tokio::spawn(async move {
            while let Ok((stream, _)) = mail.accept().await {
                tokio::spawn(talk(stream, Arc::clone(&state)));
            }
        });
        provider
    }

    /// What a desk has to know of it.
    pub(crate) fn section(&self) -> String {
        format!(
            "[smtp]\nhost = \"127.0.0.1\"\nport = {}\ntls = \"none\"\nuser = \"support@example.org\"\n\
             [smtp.oauth2]\ntoken_url = \"http://127.0.0.1:{}/token\"\nclient_id = \"desk\"\n\
             refresh_token = \"refresh-0\"\n",
            self.smtp, self.http
        )
    }

    /// Whether its token endpoint answers.
    pub(crate) fn set_away(&self, is_away: bool) {
        self.state().is_away = is_away;
    }

    /// All tokens that it has granted are worth nothing any more.
    pub(crate) fn revoke(&self) {
        self.state().granted += 1;
    }

    /// What it was asked for tokens.
    pub(crate) fn asked(&self) -> Vec<HashMap<String, String>> {
        self.state().asked.clone()
    }

    /// What its mail server was shown.
    pub(crate) fn shown(&self) -> Vec<String> {
        self.state().shown.clone()
    }

    /// How many mails it took.
    pub(crate) fn mails(&self) -> usize {
        self.state().mails
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no panic")
    }
}

/// Takes one mail a connection, so that each needs a login.
async fn talk(stream: TcpStream, state: Arc<Mutex<State>>) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    let (mut in_data, mut is_in) = (false, false);
    write.write_all(b"220 provider\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        if in_data {
            if line == "." {
                state.lock().expect("no panic").mails += 1;
                return write.write_all(b"250 2.0.0 taken\r\n").await;
            }
            continue;
        }
        let answer = match line.get(..4).unwrap_or_default() {
            "EHLO" => "250-provider\r\n250 AUTH XOAUTH2",
            "AUTH" => {
                is_in = state.lock().expect("no panic").lets_in(&line);
                // {"status":"400"}
                if is_in { "235 2.7.0 in" } else { "334 eyJzdGF0dXMiOiI0MDAifQ==" }
            }
            "" => "535 5.7.8 not accepted",
            "QUIT" => "221 bye",
            _ if !is_in => "530 5.7.0 first log in",
            "DATA" => "354 go",
            _ => "250 ok",
        };
        in_data = answer.starts_with("354");
        write.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
    Ok(())
}
