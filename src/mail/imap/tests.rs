use std::path::Path;

use data_encoding::BASE64;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use super::session::told;
use super::*;
use crate::config::{MailLogin, MailServer, Tls};
use crate::mail::oauth2::tests::Endpoint;

#[test]
fn a_mail_that_breaks_the_connection_is_passed_over_after_some_tries() {
    let mut memory = Memory::default();
    assert_eq!(memory.blame(), None);
    for given_up in [None, None, Some(7)] {
        // What the connection's task noted is seen though the task is gone.
        memory.clone().fetching.store(7, Ordering::Relaxed);
        assert_eq!(memory.blame(), given_up);
    }
    assert!(memory.is_left(7) && !memory.is_left(8));
}

/// A server with an empty mailbox that lets `token` in, and nobody else.
async fn server(token: &'static str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("bound").port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(talk(stream, token));
        }
    });
    port
}

async fn talk(stream: TcpStream, token: &str) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    let right = BASE64.encode(format!("user=support@example.org\x01auth=Bearer {token}\x01\x01").as_bytes());
    write.write_all(b"* OK test\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        let (tag, command) = line.split_once(' ').unwrap_or_default();
        let answer = match command.split_once(' ').map_or(command, |(verb, _)| verb) {
            "AUTHENTICATE" if command == "AUTHENTICATE XOAUTH2" => {
                write.write_all(b"+ \r\n").await?;
                if lines.next_line().await? == Some(right.clone()) {
                    format!("{tag} OK in\r\n")
                } else {
                    // {"status":"400"}; wants an empty line (Google's and Microsoft's way).
                    write.write_all(b"+ eyJzdGF0dXMiOiI0MDAifQ==\r\n").await?;
                    let is_empty = lines.next_line().await?.is_some_and(|line| line.is_empty());
                    if is_empty { format!("{tag} NO AUTHENTICATE failed.\r\n") } else { format!("{tag} BAD\r\n") }
                }
            }
            "CAPABILITY" => format!("* CAPABILITY IMAP4rev1 IDLE MOVE\r\n{tag} OK\r\n"),
            "SELECT" => format!("* 0 EXISTS\r\n* OK [UIDVALIDITY 1] ok\r\n{tag} OK\r\n"),
            "LOGOUT" => format!("* BYE\r\n{tag} OK\r\n"),
            _ => format!("{tag} BAD\r\n"),
        };
        write.write_all(answer.as_bytes()).await?;
    }
    Ok(())
}

async fn mailbox(token: &'static str, login: MailLogin) -> Mailbox {
    let (host, port, tls) = ("127.0.0.1".to_owned(), server(token).await, Tls::None);
    let config = ImapConfig {
        queue: "support".to_owned(),
        server: MailServer { host, port, tls, login: Some(login), ca_file: None },
        folder: "INBOX".to_owned(),
        processed: "Processed".to_owned(),
        max_size: 1 << 20,
    };
    Mailbox::new(&config, &Accounts::new(Path::new("/nowhere"))).expect("sound")
}

#[tokio::test]
async fn a_mailbox_is_opened_with_a_token_and_a_refused_one_is_replaced_once() {
    let endpoint = Endpoint::open().await;
    let mailbox = mailbox("token-2", endpoint.login()).await;
    check(&mailbox).await.expect("let in with the second token");
    check(&mailbox).await.expect("let in with the same");
    assert_eq!(endpoint.asked().len(), 2);
}

#[tokio::test]
async fn a_refusal_says_how_to_mend_it() {
    let endpoint = Endpoint::open().await;
    let mailbox = mailbox("another", endpoint.login()).await;
    let why = check(&mailbox).await.expect_err("refused");
    assert!(why.contains("AUTHENTICATE failed") && why.contains("must be allowed to log in this way"), "{why}");
    assert_eq!(endpoint.asked().len(), 2);
    endpoint.will(401, r#"{"error":"invalid_client"}"#);
    let why = check(&mailbox).await.expect_err("no token");
    assert!(why.contains("oauth2.client_secret") && !why.contains("refresh-0"), "{why}");
}

#[test]
fn a_refusal_is_told_in_the_servers_words() {
    assert_eq!(
        told("code: None, info: Some(\"[AUTHENTICATIONFAILED] Authentication failed.\")"),
        "[AUTHENTICATIONFAILED] Authentication failed."
    );
    assert_eq!(told("code: None, info: None"), "code: None, info: None");
}
