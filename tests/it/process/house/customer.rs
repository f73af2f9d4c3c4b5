//! A customer's mail program: hands mail to Postfix, reads the mailbox in Dovecot.

use futures_util::TryStreamExt;
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::Response;
use mail_parser::MessageParser;
use tokio::net::TcpStream;

use super::world::{unique, until, world};

/// Somebody with a mailbox.
#[derive(Clone)]
pub(crate) struct Customer {
    pub(crate) address: String,
}

/// A mail that arrived.
#[derive(Clone, Debug)]
pub(crate) struct Mail {
    pub(crate) subject: String,
    pub(crate) id: String,
    pub(crate) reply_to: String,
    pub(crate) text: String,
}

impl Customer {
    /// An address that nobody else has.
    pub(crate) fn new() -> Self {
        Self { address: format!("carol-{}@{}", unique(), world().customer_domain) }
    }

    /// A mail's bytes.
    pub(crate) fn compose(&self, to: &str, subject: &str, text: &str, headers: &str) -> Vec<u8> {
        let id = unique();
        let date = chrono::Utc::now().to_rfc2822();
        format!(
            "From: Carol <{}>\r\nTo: {to}\r\nSubject: {subject}\r\nDate: {date}\r\n\
             Message-ID: <{id}@customer.test>\r\n{headers}\r\n{text}\r\n",
            self.address
        )
        .into_bytes()
    }

    /// Writes a mail.
    pub(crate) async fn write(&self, to: &str, subject: &str, text: &str) {
        self.send(&[to], &self.compose(to, subject, text, "")).await;
    }

    /// Writes a mail with a file.
    pub(crate) async fn write_with_file(&self, to: &str, subject: &str, text: &str) {
        let headers = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n";
        let body = format!(
            "--b\r\nContent-Type: text/plain\r\n\r\n{text}\r\n--b\r\nContent-Type: application/pdf; name=form.pdf\r\n\
             Content-Disposition: attachment; filename=form.pdf\r\n\r\n%PDF {text}\r\n--b--"
        );
        self.send(&[to], &self.compose(to, subject, &body, headers)).await;
    }

    /// Answers a mail as mail programs do.
    pub(crate) async fn reply(&self, mail: &Mail, text: &str) {
        let headers = format!("In-Reply-To: <{0}>\r\nReferences: <{0}>\r\n", mail.id);
        let subject = format!("Re: {}", mail.subject.trim_start_matches("Re: "));
        self.send(&[&mail.reply_to], &self.compose(&mail.reply_to, &subject, text, &headers)).await;
    }

    /// Hands bytes to Postfix.
    pub(crate) async fn send(&self, to: &[&str], raw: &[u8]) {
        deliver(&self.address, to, raw).await;
    }

    /// Everything in the mailbox, in the order of its coming.
    pub(crate) async fn inbox(&self) -> Vec<Mail> {
        fetch(&self.address).await.iter().map(|raw| read(raw)).collect()
    }

    /// The answers of agents.
    pub(crate) async fn answers(&self) -> Vec<Mail> {
        self.inbox().await.into_iter().filter(|mail| mail.subject.starts_with("Re: ")).collect()
    }

    /// The desk's acknowledgements.
    pub(crate) async fn acknowledgements(&self) -> Vec<Mail> {
        self.inbox().await.into_iter().filter(|mail| !mail.subject.starts_with("Re: ")).collect()
    }

    /// The first answer of an agent.
    pub(crate) async fn answer(&self) -> Mail {
        until(&format!("an answer in {}'s mailbox", self.address), 60, async || self.answers().await.into_iter().next())
            .await
    }
}

fn read(raw: &[u8]) -> Mail {
    let mail = MessageParser::default().parse(raw).expect("a mail");
    let reply_to = mail.reply_to().or(mail.from()).and_then(|list| list.first()?.address()).unwrap_or_default();
    Mail {
        subject: mail.subject().unwrap_or_default().to_owned(),
        id: mail.message_id().unwrap_or_default().to_owned(),
        reply_to: reply_to.to_owned(),
        text: mail.body_text(0).unwrap_or_default().into_owned(),
    }
}

/// Hands a mail to Postfix.
pub(crate) async fn deliver(from: &str, to: &[&str], raw: &[u8]) {
    let address = (world().smtp.host.as_str(), world().smtp.port);
    let mut smtp = AsyncSmtpConnection::connect_tokio1(address, None, &ClientId::default(), None, None)
        .await
        .expect("Postfix answers");
    let mut say = async |line: String| {
        let answer = smtp.command(format!("{line}\r\n")).await;
        assert!(answer.as_ref().is_ok_and(Response::is_positive), "{line}: {answer:?}");
    };
    say(format!("MAIL FROM:<{from}>")).await;
    for to in to {
        say(format!("RCPT TO:<{to}>")).await;
    }
    say("DATA".to_owned()).await;
    smtp.message(raw).await.expect("Postfix takes it");
    let _ = smtp.quit().await;
}

/// An IMAP session without encryption, which the test servers allow.
pub(crate) async fn open_mailbox(address: &str) -> async_imap::Session<TcpStream> {
    let imap = &world().imap;
    let stream = TcpStream::connect((imap.host.as_str(), imap.port)).await.expect("Dovecot answers");
    let mut client = async_imap::Client::new(stream);
    client.read_response().await.expect("a greeting");
    client.login(address, &imap.customer_password).await.map_err(|(error, _)| error).expect("a login")
}

/// The mails in a mailbox.
pub(crate) async fn fetch(address: &str) -> Vec<Vec<u8>> {
    fetch_from(address, "INBOX").await
}

/// The mails in a folder.
pub(crate) async fn fetch_from(address: &str, folder: &str) -> Vec<Vec<u8>> {
    let mut session = open_mailbox(address).await;
    let mut mails = Vec::new();
    if session.examine(folder).await.is_ok_and(|folder| folder.exists > 0) {
        let fetched = session.uid_fetch("1:*", "(UID BODY.PEEK[])").await.expect("FETCH");
        let fetched: Vec<_> = fetched.try_collect().await.expect("mails");
        mails.extend(fetched.iter().filter_map(|mail| mail.body().map(<[u8]>::to_vec)));
    }
    let _ = session.logout().await;
    mails
}
