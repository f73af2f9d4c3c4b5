//! A mail server that takes access tokens, as Google and Microsoft do it.

use std::sync::{Arc, Mutex};

use data_encoding::BASE64;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::mail::oauth2::tests::Endpoint;

/// Lets `token` in, and nobody else; every answer to AUTH can be another one.
struct Server {
    config: MailServer,
    state: Arc<Mutex<State>>,
}

struct State {
    token: String,
    offer: &'static str,
    answer: Option<&'static str>,
    heard: Vec<String>,
}

impl Server {
    async fn open(token: &str, login: MailLogin) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("bound").port();
        let state = State { token: token.to_owned(), offer: "PLAIN XOAUTH2", answer: None, heard: Vec::new() };
        let state = Arc::new(Mutex::new(state));
        let serving = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(talk(stream, Arc::clone(&serving)));
            }
        });
        let (host, tls, login, ca_file) = ("127.0.0.1".to_owned(), Tls::None, Some(login), None);
        Self { config: MailServer { host, port, tls, login, ca_file }, state }
    }

    fn set(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock().expect("no panic"));
    }

    /// What was said, without the mails.
    fn heard(&self) -> Vec<String> {
        self.state.lock().expect("no panic").heard.clone()
    }

    /// The decoded responses.
    fn shown(&self) -> Vec<String> {
        let shown = |line: &String| {
            let response = BASE64.decode(line.strip_prefix("AUTH XOAUTH2 ")?.as_bytes()).expect("base64");
            Some(String::from_utf8(response).expect("text"))
        };
        self.heard().iter().filter_map(shown).collect()
    }

    fn client(&self) -> Smtp {
        Smtp::new(&self.config, &Accounts::new(Path::new("/nowhere"))).expect("sound")
    }
}

async fn talk(stream: TcpStream, state: Arc<Mutex<State>>) {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    let mut in_data = false;
    let mut answer = "220 test".to_owned();
    loop {
        if write.write_all(format!("{answer}\r\n").as_bytes()).await.is_err() {
            return;
        }
        let Some(line) = next(&mut lines, in_data).await else { return };
        let mut state = state.lock().expect("no panic");
        state.heard.push(line.clone());
        answer = match line.get(..4).unwrap_or_default() {
            "EHLO" => format!("250-test\r\n250 AUTH {}", state.offer),
            "AUTH" => match state.answer {
                Some(answer) => answer.to_owned(),
                None if lets_in(&state.token, &line) => "235 2.7.0 Accepted".to_owned(),
                // {"status":"401"}
                None => "334 eyJzdGF0dXMiOiI0MDEifQ==".to_owned(),
            },
            "" if !in_data => "535 5.7.8 Username and Password not accepted".to_owned(),
            "DATA" => "354 go".to_owned(),
            "QUIT" => "221 bye".to_owned(),
            _ => "250 ok".to_owned(),
        };
        in_data = line == "DATA";
    }
}

/// The next command, or a whole mail as an empty one.
async fn next(lines: &mut tokio::io::Lines<BufReader<tokio::net::tcp::OwnedReadHalf>>, mail: bool) -> Option<String> {
    loop {
        let line = lines.next_line().await.ok()??;
        if !mail || line == "." {
            return Some(line);
        }
    }
}

fn lets_in(token: &str, line: &str) -> bool {
    let right = format!("user=support@example.org\x01auth=Bearer {token}\x01\x01");
    line.strip_prefix("AUTH XOAUTH2 ") == Some(&BASE64.encode(right.as_bytes()))
}

async fn send_through(smtp: &Smtp) -> Delivery {
    let to = EmailAddress::parse("carol@customer.test").expect("sound");
    smtp.send(&Sealed { from: None, to, mail: Printed::plain(b"Subject: x\r\n\r\ny\r\n".to_vec()) }, &Mark(Ok(())))
        .await
}

#[tokio::test]
async fn one_token_does_for_two_mails() {
    let endpoint = Endpoint::open().await;
    let server = Server::open("token-1", endpoint.login()).await;
    let smtp = server.client();
    let two = tokio::join!(send_through(&smtp), send_through(&smtp));
    assert!(matches!(two, (Delivery::Accepted { .. }, Delivery::Accepted { .. })), "{two:?}");
    assert_eq!(server.shown(), ["user=support@example.org\x01auth=Bearer token-1\x01\x01"; 2], "two connections");
    assert_eq!(endpoint.asked().len(), 1);
}

#[tokio::test]
async fn a_refused_token_is_replaced_once() {
    let endpoint = Endpoint::open().await;
    let server = Server::open("token-2", endpoint.login()).await;
    let smtp = server.client();
    assert_eq!(send_through(&smtp).await, Delivery::Accepted { reply: "250 ok".to_owned() });
    let shown = ["token-1", "token-2"].map(|token| format!("user=support@example.org\x01auth=Bearer {token}\x01\x01"));
    assert_eq!(server.shown(), shown);
    server.set(|state| state.token = "another".to_owned());
    let smtp = server.client();
    let Delivery::Deferred { why } = send_through(&smtp).await else { panic!("a mail is never lost by a login") };
    assert!(why.contains("535") && why.contains("must be allowed to log in this way"), "{why}");
    assert!(!why.contains("token-") && !why.contains("support@"), "{why}");
    assert_eq!(server.shown().len(), 4, "no third try");
    assert_eq!(smtp.check().await.expect_err("it is told").matches("535").count(), 1);
}

#[tokio::test]
async fn without_a_token_nobody_connects_and_the_mail_is_for_later() {
    let endpoint = Endpoint::open().await;
    let server = Server::open("token-2", endpoint.login()).await;
    endpoint.will(400, r#"{"error":"invalid_grant"}"#);
    let smtp = server.client();
    let Delivery::Deferred { why } = send_through(&smtp).await else { panic!("a mail is never lost by a login") };
    assert!(why.contains("invalid_grant") && why.contains("sign in again"), "{why}");
    assert_eq!(server.heard(), Vec::<String>::new());
    let delivery = send_through(&smtp).await;
    assert!(matches!(delivery, Delivery::Accepted { .. }), "{delivery:?}");
}

#[tokio::test]
async fn what_is_no_refusal_of_the_token_brings_no_other() {
    let endpoint = Endpoint::open().await;
    let server = Server::open("token-1", endpoint.login()).await;
    let smtp = server.client();
    server.set(|state| state.answer = Some("454 4.7.0 Temporary authentication failure"));
    assert!(matches!(send_through(&smtp).await, Delivery::Deferred { why } if why.contains("454")));
    server.set(|state| state.offer = "PLAIN LOGIN");
    assert!(matches!(send_through(&smtp).await, Delivery::Deferred { why } if why.contains("no XOAUTH2")));
    assert_eq!(endpoint.asked().len(), 1);
}

#[tokio::test]
async fn a_token_in_a_file_is_read_anew() {
    let folder = tempfile::tempdir().expect("a directory");
    let file = folder.path().join("token");
    let login = MailLogin { user: "support@example.org".to_owned(), proof: MailProof::TokenFile(file.clone()) };
    let server = Server::open("fresh", login).await;
    let smtp = server.client();
    assert!(matches!(send_through(&smtp).await, Delivery::Deferred { why } if why.contains("can't be read")));
    std::fs::write(&file, "stale\n").expect("written");
    assert!(matches!(send_through(&smtp).await, Delivery::Deferred { why } if why.contains("oauth2.token_file")));
    assert_eq!(server.shown().len(), 1, "the same token is not shown twice");
    std::fs::write(&file, "fresh\n").expect("written");
    assert!(matches!(send_through(&smtp).await, Delivery::Accepted { .. }));
}
