//! Hands our mails to the next server (RFC 5321 by RFC 6409's submission), and says precisely what
//! became of each: what can be repeated, what never will work, and what nobody can know.

mod auth;
mod transports;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::Data;
use lettre::transport::smtp::extension::{ClientId, Extension};
use lettre::transport::smtp::response::{Response, Severity};
use tokio::sync::Mutex;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::login::{Accounts, Denial, Login, Proof};
use super::{clean, wire};
use crate::config::MailServer;
use crate::crash;
use crate::desk::seams::{BeforeDot, Delivery, Sealed};
use crate::domain::blob::Blob;
use crate::domain::id::EmailAddress;
use crate::domain::printed::{Part, Printed};
use crate::domain::transfer::base64_lines;

pub use transports::Transports;

/// How long everything up to the server's 354 may take: less than a job's lease.
const BEFORE_DOT: Duration = Duration::from_mins(4);
/// How long the text and the answer to its final dot may take (RFC 5321 §4.5.3.2.6 wants 10 minutes).
const AFTER_DOT: Duration = Duration::from_secs(630);
/// How long one answer may take where nothing depends on it.
const BRIEFLY: Duration = Duration::from_secs(30);
/// How long an unused connection is kept; servers close them after 10 s to 300 s.
const IDLE: Duration = Duration::from_secs(20);
/// How many unused connections are kept.
const KEPT: usize = 4;

/// A mail server that takes our mail, and our account there.
pub struct Smtp {
    server: MailServer,
    login: Option<Login>,
    trust: TlsConnector,
    name: ClientId,
    idle: Mutex<Vec<Idle>>,
}

struct Idle {
    line: Line,
    since: Instant,
}

/// A connection that is logged in.
struct Line {
    smtp: AsyncSmtpConnection,
    /// Set when the final dot is the next thing to be written.
    dot: Arc<AtomicBool>,
}

impl Smtp {
    /// Knows the server; connects to nobody yet.
    ///
    /// # Errors
    /// If the certificate in `ca_file` can't be read.
    pub fn new(server: &MailServer, accounts: &Accounts) -> Result<Self, String> {
        Ok(Self {
            server: server.clone(),
            login: server.login.as_ref().map(|login| accounts.login(login)).transpose()?,
            trust: wire::trust(server)?,
            name: ClientId::default(),
            idle: Mutex::default(),
        })
    }

    /// Connects, secures, logs in and leaves again.
    ///
    /// # Errors
    /// A sentence that names the step that failed.
    pub async fn check(&self) -> Result<(), String> {
        let mut line = timeout(BEFORE_DOT, self.connect()).await.map_err(|_| "no answer in time".to_owned())??;
        let bye = timeout(BRIEFLY, line.smtp.quit()).await;
        bye.map_err(|_| "no answer to QUIT".to_owned())?.map(drop).map_err(|error| said(&error))
    }

    /// Connects and logs in; a token that is refused is replaced once, on a new connection.
    async fn connect(&self) -> Result<Line, String> {
        let Some(login) = &self.login else { return self.open().await };
        let mut proof = login.proof(Instant::now()).await?;
        loop {
            match self.enter(login, &proof).await {
                Ok(line) => return Ok(line),
                Err(Denial::Refused(why)) => proof = login.after(&proof, why, Instant::now()).await?,
                Err(Denial::Fault(why)) => return Err(why),
            }
        }
    }

    async fn enter(&self, login: &Login, proof: &Proof) -> Result<Line, Denial> {
        let mut line = self.open().await.map_err(Denial::Fault)?;
        let entering = auth::log_in(&mut line.smtp, login.user(), &proof.shown);
        match timeout(BRIEFLY, entering).await {
            Ok(Ok(())) => Ok(line),
            Ok(Err(denial)) => Err(denial),
            Err(_) => Err(Denial::Fault("no answer to AUTH within 30 s".to_owned())),
        }
    }

    /// Connects and secures.
    async fn open(&self) -> Result<Line, String> {
        let wire = wire::open::<Talk>(&self.server, &self.trust).await?;
        let dot = wire.dot();
        let connecting = AsyncSmtpConnection::connect_with_transport(Box::new(wire), &self.name);
        let smtp = timeout(BRIEFLY, connecting)
            .await
            .map_err(|_| "no greeting within 30 s".to_owned())?
            .map_err(|error| said(&error))?;
        Ok(Line { smtp, dot })
    }

    /// A connection that answers: a kept one if it is still there, else a new one.
    async fn line(&self) -> Result<Line, String> {
        loop {
            let Some(kept) = self.idle.lock().await.pop() else { break };
            let Idle { mut line, since } = kept;
            if since.elapsed() < IDLE && timeout(BRIEFLY, line.smtp.test_connected()).await == Ok(true) {
                return Ok(line);
            }
        }
        self.connect().await
    }

    async fn keep(&self, line: Line) {
        let mut idle = self.idle.lock().await;
        idle.retain(|kept| kept.since.elapsed() < IDLE);
        if idle.len() < KEPT {
            idle.push(Idle { line, since: Instant::now() });
        }
    }

    /// Everything up to the server's "go on" (354).
    async fn prepare(&self, mail: &Sealed<Blob>) -> Result<Line, Delivery> {
        let mut line = self.line().await.map_err(|why| Delivery::Deferred { why })?;
        let answers = greet(&mut line.smtp, mail).await;
        match answers {
            Ok(()) => Ok(line),
            Err(No::Answer(delivery)) => {
                // The server said no to this mail only: the connection is as good as before.
                if matches!(timeout(BRIEFLY, line.smtp.command("RSET\r\n")).await, Ok(Ok(_))) {
                    self.keep(line).await;
                }
                Err(delivery)
            }
            Err(No::Connection(why)) => Err(Delivery::Deferred { why }),
        }
    }

    /// Hands one mail over, as [`crate::desk::seams::Mailer::send`] wants it.
    pub async fn send(&self, mail: &Sealed<Blob>, before_dot: &dyn BeforeDot) -> Delivery {
        let mut line = match timeout(BEFORE_DOT, self.prepare(mail)).await {
            Ok(Ok(line)) => line,
            Ok(Err(delivery)) => return delivery,
            Err(_) => return Delivery::Deferred { why: "the server took too long before DATA".to_owned() },
        };
        crash::point("smtp.before_mark");
        if let Err(fault) = before_dot.mark().await {
            // Dropped in the middle of DATA: without a final dot the server takes nothing.
            return Delivery::Deferred { why: format!("not sent: {fault}") };
        }
        crash::point("smtp.after_mark");
        // lettre takes the text piece by piece and asks for the next before it writes the dot.
        let dot = Arc::clone(&line.dot);
        let pieces = pieces(&mail.mail).chain(std::iter::from_fn(|| {
            dot.store(true, Ordering::Relaxed);
            None
        }));
        let outcome = timeout(AFTER_DOT, line.smtp.message_iter(pieces)).await;
        let dotted = line.dot.swap(false, Ordering::Relaxed);
        let delivery = judge(outcome.map_err(|_| "no answer to the final dot within 10 minutes"), dotted);
        if matches!(&delivery, Delivery::Accepted { .. }) {
            self.keep(line).await;
        }
        delivery
    }
}

impl fmt::Debug for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Smtp({}:{})", self.server.host, self.server.port)
    }
}

/// What the answer to the final dot, or its absence, means.
fn judge(outcome: Result<Result<Response, lettre::transport::smtp::Error>, &str>, dotted: bool) -> Delivery {
    match outcome {
        Ok(Ok(reply)) if reply.code().severity == Severity::PositiveCompletion => {
            Delivery::Accepted { reply: words(&reply) }
        }
        Ok(Ok(reply)) => Delivery::Unknown { why: format!("an answer that fits no question: {}", words(&reply)) },
        Ok(Err(error)) if error.is_permanent() => Delivery::Refused { why: said(&error) },
        Ok(Err(error)) if error.is_transient() || !dotted => Delivery::Deferred { why: said(&error) },
        Ok(Err(error)) => Delivery::Unknown { why: said(&error) },
        Err(why) if dotted => Delivery::Unknown { why: why.to_owned() },
        Err(_) => Delivery::Deferred { why: "the server stopped taking the text".to_owned() },
    }
}

/// Why a mail did not get to its text.
enum No {
    /// The server's word about this mail.
    Answer(Delivery),
    /// The connection is no use any more.
    Connection(String),
}

impl From<lettre::transport::smtp::Error> for No {
    fn from(error: lettre::transport::smtp::Error) -> Self {
        let why = said(&error);
        if error.is_permanent() {
            Self::Answer(Delivery::Refused { why })
        } else if error.status().is_some_and(|code| u16::from(code) != 421) {
            Self::Answer(Delivery::Deferred { why })
        } else {
            Self::Connection(why)
        }
    }
}

/// MAIL, RCPT and DATA for one mail. The addresses are free of brackets and control characters by
/// their type, and of blanks outside of quotes.
async fn greet(smtp: &mut AsyncSmtpConnection, mail: &Sealed<Blob>) -> Result<(), No> {
    let server = smtp.server_info();
    let from = mail.from.as_ref().map(EmailAddress::to_send).unwrap_or_default();
    let to = mail.to.to_send();
    let mut options = String::new();
    if !(from.is_ascii() && to.is_ascii()) {
        if !server.supports_feature(Extension::SmtpUtfEight) {
            let why = "the mail server takes no addresses with letters beyond ASCII (no SMTPUTF8)".to_owned();
            return Err(No::Answer(Delivery::Refused { why }));
        }
        options.push_str(" SMTPUTF8");
    }
    if !mail.mail.text().is_ascii() && server.supports_feature(Extension::EightBitMime) {
        options.push_str(" BODY=8BITMIME");
    }
    smtp.command(format!("MAIL FROM:<{from}>{options}\r\n")).await?;
    smtp.command(format!("RCPT TO:<{to}>\r\n")).await?;
    smtp.command(Data).await?;
    Ok(())
}

/// The mail as lettre is to get it, piece by piece: a file is never in memory encoded as a whole. The last line end is left to
/// lettre, which writes it before the dot.
fn pieces(mail: &Printed<Blob>) -> impl Iterator<Item = Cow<'_, [u8]>> + Send {
    let mut parts = mail.parts().peekable();
    let parts = std::iter::from_fn(move || {
        let part = parts.next()?;
        Some((part, parts.peek().is_none()))
    });
    parts.flat_map(|(part, is_last)| match part {
        Part::Text(text) if is_last => Box::new(std::iter::once(canonical(text))) as Pieces<'_>,
        // Beside it are letters of base64: what ends a line in it ends it there.
        Part::Text(text) => Box::new(std::iter::once(with_crlf(text))),
        Part::File(file) => Box::new(base64_lines(file.as_ref()).map(Cow::Owned)),
    })
}

type Pieces<'a> = Box<dyn Iterator<Item = Cow<'a, [u8]>> + Send + 'a>;

/// The text with nothing but CRLF for line ends, but for the last one.
fn canonical(text: &[u8]) -> Cow<'_, [u8]> {
    match with_crlf(text) {
        Cow::Borrowed(text) => Cow::Borrowed(text.strip_suffix(b"\r\n").unwrap_or(text)),
        Cow::Owned(mut text) => {
            text.truncate(text.strip_suffix(b"\r\n").map_or(text.len(), <[u8]>::len));
            Cow::Owned(text)
        }
    }
}

/// Line ends are CRLF (RFC 5321 §2.3.8), so that a bare LF can end nothing.
fn with_crlf(bytes: &[u8]) -> Cow<'_, [u8]> {
    let bare = |at: usize| match bytes[at] {
        b'\n' => at == 0 || bytes[at - 1] != b'\r',
        b'\r' => bytes.get(at + 1) != Some(&b'\n'),
        _ => false,
    };
    if !(0..bytes.len()).any(bare) {
        return bytes.into();
    }
    let mut whole = Vec::with_capacity(bytes.len() + bytes.len() / 32);
    for (at, &byte) in bytes.iter().enumerate() {
        if bare(at) {
            whole.extend_from_slice(b"\r\n");
        } else {
            whole.push(byte);
        }
    }
    whole.into()
}

/// The server's answer, or what went wrong, in one line.
fn said(error: &lettre::transport::smtp::Error) -> String {
    let mut said = match error.status() {
        Some(code) => {
            let words = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
            format!("{code} {words}")
        }
        None => error.to_string(),
    };
    said.truncate(clean::cut(&said, 1000).len());
    clean::line(&said)
}

fn words(reply: &Response) -> String {
    let words = reply.message().collect::<Vec<_>>().join(" ");
    clean::line(clean::cut(&format!("{} {words}", reply.code()), 1000))
}

/// SMTP up to STARTTLS (RFC 3207). That the server offers it shows in its consent.
enum Talk {}

impl wire::Starttls for Talk {
    const WORDS: &'static [&'static str] = &["EHLO localhost\r\n", "STARTTLS\r\n"];
    const GREETING: &'static [u8] = b"220 secured\r\n";

    fn ends(line: &str) -> bool {
        line.as_bytes().get(3) != Some(&b'-')
    }

    fn agrees(reply: &str) -> bool {
        reply.starts_with('2')
    }
}

#[cfg(test)]
mod tests;
