mod xoauth2;

use std::path::Path;

use async_trait::async_trait;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

use super::*;
use crate::config::{MailLogin, MailProof, Secret, Tls};
use crate::desk::seams::Fault;
use crate::domain::id::EmailAddress;

/// What a scripted server does in place of its usual answer.
#[derive(Clone, Copy)]
enum Trick {
    /// Answers so to the command.
    Say(&'static str, &'static str),
    /// Closes the connection instead of answering the command.
    Close(&'static str),
}

/// A server for one connection; returns everything that it was told.
async fn serve(listener: TcpListener, trick: Option<Trick>) -> String {
    let (stream, _) = listener.accept().await.expect("a client");
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read);
    let mut heard = String::new();
    let mut in_data = false;
    write.write_all(b"220 test\r\n").await.expect("open");
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line).await.unwrap_or(0) == 0 {
            return heard;
        }
        heard.push_str(&line);
        if in_data && line != ".\r\n" {
            continue;
        }
        let (command, usual) = match line.get(..4).unwrap_or(".") {
            "EHLO" => ("EHLO", "250-test\r\n250 AUTH PLAIN"),
            "AUTH" => ("AUTH", "235 ok"),
            "DATA" => ("DATA", "354 go"),
            "QUIT" => ("QUIT", "221 bye"),
            other => (if in_data { "." } else { other }, "250 ok"),
        };
        in_data = command == "DATA";
        let answer = match trick {
            Some(Trick::Say(at, words)) if at == command => {
                in_data = in_data && words.starts_with('3');
                words
            }
            Some(Trick::Close(at)) if at == command => return heard,
            _ => usual,
        };
        write.write_all(format!("{answer}\r\n").as_bytes()).await.expect("open");
    }
}

struct Mark(Result<(), Fault>);

#[async_trait]
impl BeforeDot for Mark {
    async fn mark(&self) -> Result<(), Fault> {
        self.0.clone()
    }
}

async fn send_to(trick: Option<Trick>, mark: Result<(), Fault>, to: &str) -> (Delivery, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("bound").port();
    let server = tokio::spawn(serve(listener, trick));
    let login = Some(MailLogin { user: "desk".to_owned(), proof: MailProof::Password(Secret::new("secret")) });
    let server_config = MailServer { host: "127.0.0.1".to_owned(), port, tls: Tls::None, login, ca_file: None };
    let smtp = Smtp::new(&server_config, &Accounts::new(Path::new("/nowhere"))).expect("sound");
    let text = b"Subject: x\r\n\r\n.dot\r\nend\r\n".to_vec();
    let mail = Sealed { from: None, to: EmailAddress::parse(to).expect("sound"), mail: Printed::plain(text) };
    let delivery = smtp.send(&mail, &Mark(mark)).await;
    drop(smtp);
    (delivery, server.await.expect("the server"))
}

async fn send(trick: Option<Trick>) -> Delivery {
    send_to(trick, Ok(()), "carol@customer.test").await.0
}

#[tokio::test]
async fn a_mail_goes_out_as_it_is() {
    let (delivery, heard) = send_to(None, Ok(()), "carol@customer.test").await;
    assert_eq!(delivery, Delivery::Accepted { reply: "250 ok".to_owned() });
    assert!(heard.contains("MAIL FROM:<>\r\nRCPT TO:<carol@customer.test>\r\nDATA\r\n"), "{heard}");
    assert!(heard.contains("DATA\r\nSubject: x\r\n\r\n..dot\r\nend\r\n.\r\n"), "{heard}");
}

#[tokio::test]
async fn every_answer_has_its_meaning() {
    for command in ["MAIL", "RCPT", "DATA", "."] {
        let delivery = send(Some(Trick::Say(command, "550 5.1.1 no"))).await;
        assert_eq!(delivery, Delivery::Refused { why: "550 5.1.1 no".to_owned() }, "{command}");
        let delivery = send(Some(Trick::Say(command, "451 4.3.0 later"))).await;
        assert_eq!(delivery, Delivery::Deferred { why: "451 4.3.0 later".to_owned() }, "{command}");
    }
    for command in ["EHLO", "AUTH", "MAIL", "RCPT", "DATA"] {
        let delivery = send(Some(Trick::Close(command))).await;
        assert!(matches!(delivery, Delivery::Deferred { .. }), "{command}: {delivery:?}");
    }
    let delivery = send(Some(Trick::Close("."))).await;
    assert!(matches!(delivery, Delivery::Unknown { .. }), "{delivery:?}");
}

#[tokio::test]
async fn a_refused_login_bounces_nothing() {
    let delivery = send(Some(Trick::Say("AUTH", "535 5.7.8 no"))).await;
    assert!(matches!(delivery, Delivery::Deferred { .. }), "{delivery:?}");
}

#[tokio::test]
async fn without_the_mark_there_is_no_dot() {
    let (delivery, heard) = send_to(None, Err(Fault::later("lease lost")), "carol@customer.test").await;
    assert!(matches!(delivery, Delivery::Deferred { .. }), "{delivery:?}");
    assert!(heard.ends_with("DATA\r\n"), "{heard}");
}

#[tokio::test]
async fn letters_beyond_ascii_need_a_server_that_takes_them() {
    let (delivery, heard) = send_to(None, Ok(()), "j\u{fc}rgen@customer.test").await;
    assert!(matches!(delivery, Delivery::Refused { .. }), "{delivery:?}");
    assert!(!heard.contains("MAIL"), "{heard}");
}

#[tokio::test]
async fn nobody_there_is_for_later() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("bound").port();
    drop(listener);
    let server = MailServer { host: "127.0.0.1".to_owned(), port, tls: Tls::None, login: None, ca_file: None };
    let smtp = Smtp::new(&server, &Accounts::new(Path::new("/nowhere"))).expect("sound");
    let to = EmailAddress::parse("carol@customer.test").expect("sound");
    let delivery = smtp.send(&Sealed { from: None, to, mail: Printed::plain(Vec::new()) }, &Mark(Ok(()))).await;
    assert!(matches!(delivery, Delivery::Deferred { .. }), "{delivery:?}");
}

#[test]
fn a_text_on_the_wire_has_crlf_only() {
    assert_eq!(canonical(b"a\r\nb\r\n").as_ref(), b"a\r\nb");
    assert_eq!(canonical(b"a\n.\nb\r.\r\rc\n").as_ref(), b"a\r\n.\r\nb\r\n.\r\n\r\nc");
    assert_eq!(canonical(b"").as_ref(), b"");
}

#[test]
fn files_go_out_between_their_lines_whatever_the_text_is() {
    let sent = |text: &[u8], files: Vec<(usize, Blob)>| {
        let mail = Printed::new(text.to_vec(), files).expect("sound");
        let whole: Vec<u8> = pieces(&mail).flat_map(Cow::into_owned).collect();
        (whole, mail.bytes())
    };
    let file = Blob::from(b"Man".repeat(100_000));
    let text = b"a\r\n\r\n--b\r\n\r\n\r\n--b--\r\n";
    let (whole, printed) = sent(text, vec![(12, file)]);
    assert_eq!([&whole[..], b"\r\n"].concat(), printed, "what is frozen is what is sent");
    assert!(whole.ends_with(b"TWFu\r\n--b--") && whole.len() > 400_000);
    assert_eq!(sent(b"a\nb", vec![(2, Blob::from(b"Man".to_vec()))]).0, b"a\r\nTWFub");
    assert_eq!(sent(b"a\r\n", vec![(3, Blob::from(Vec::new()))]).0, b"a\r\n");
}

#[test]
fn silence_after_the_dot_is_unknown_and_before_it_is_not() {
    assert!(matches!(judge(Err("silence"), true), Delivery::Unknown { .. }));
    assert!(matches!(judge(Err("silence"), false), Delivery::Deferred { .. }));
}
