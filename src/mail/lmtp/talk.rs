//! One LMTP connection.

use std::io;
use std::time::Duration;

use smtp_proto::{Error, MailFrom, RcptTo, Request};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::body::{Body, hops};
use crate::config::LmtpConfig;
use crate::crash;
use crate::desk::incoming::MOST_HOPS;
use crate::domain::id::{EmailAddress, QueueId};
use crate::mail::clean;
use crate::store::Store;
use crate::store::intake::{DeliveryKey, NewMail, Route};

/// How long a client may say nothing (RFC 5321 §4.5.3.2.7).
const IDLE: Duration = Duration::from_mins(5);
/// How long one mail's commit may take; a client waits 10 minutes for the answer to its dot.
const COMMIT: Duration = Duration::from_mins(1);
/// The longest command in bytes, with the room that SMTPUTF8 and DSN parameters ask for.
const LONGEST_LINE: usize = 4096;
/// How many recipients a mail may have (RFC 5321 §4.5.3.1.8).
const MOST_RECIPIENTS: usize = 100;
/// How long a recipient that was found is not asked for again.
const KNOWN: Duration = Duration::from_secs(2);
/// How much is read at once.
const CHUNK: usize = 64 * 1024;

/// One connection and where it stands.
pub(super) struct Talk<'a> {
    stream: TcpStream,
    config: &'a LmtpConfig,
    store: &'a Store,
    cancel: &'a CancellationToken,
    /// What was read and not used yet is `input[used..]`.
    input: Vec<u8>,
    used: usize,
    /// What is to be said before the next wait.
    output: Vec<u8>,
    /// A command was too long; the rest of its line is passed over.
    skipping: bool,
    greeted: bool,
    envelope: Option<Envelope>,
    /// The recipient that was looked up last: mail servers keep a connection for many mails.
    known: Option<(Instant, EmailAddress, QueueId)>,
}

struct Envelope {
    from: String,
    size: usize,
    recipients: Vec<(EmailAddress, QueueId)>,
}

/// What happens after a command was answered.
enum Next {
    Command,
    Data,
    Close,
}

impl<'a> Talk<'a> {
    pub(super) fn new(
        stream: TcpStream,
        config: &'a LmtpConfig,
        store: &'a Store,
        cancel: &'a CancellationToken,
    ) -> Self {
        let (input, output) = (Vec::new(), Vec::new());
        Self {
            stream,
            config,
            store,
            cancel,
            input,
            used: 0,
            output,
            skipping: false,
            greeted: false,
            envelope: None,
            known: None,
        }
    }

    /// Talks until the client leaves, is silent for too long, or we are to stop.
    ///
    /// # Errors
    /// If the connection breaks.
    pub(super) async fn run(mut self) -> io::Result<()> {
        self.stream.set_nodelay(true)?;
        self.say("220 ticketloom LMTP");
        loop {
            let Some(line) = self.next_line() else {
                if self.cancel.is_cancelled() && self.envelope.is_none() {
                    return self.leave("421 4.3.2 shutting down").await;
                }
                self.flush().await?;
                match self.read().await? {
                    Read::Some => continue,
                    Read::End => return Ok(()),
                    Read::Silence => return self.leave("421 4.4.2 silent for too long").await,
                    Read::Cancelled => return self.leave("421 4.3.2 shutting down").await,
                }
            };
            match self.obey(&line).await {
                Next::Command => {}
                Next::Data => {
                    if !self.data().await? {
                        return Ok(());
                    }
                }
                Next::Close => return self.flush().await,
            }
        }
    }

    /// The next whole command, if there is one, with its line end.
    fn next_line(&mut self) -> Option<Vec<u8>> {
        loop {
            let rest = &self.input[self.used..];
            let Some(end) = rest.iter().position(|&byte| byte == b'\n') else {
                if rest.len() > LONGEST_LINE {
                    self.skipping = true;
                }
                if self.skipping {
                    self.input.clear();
                    self.used = 0;
                }
                return None;
            };
            let line = rest[..=end].to_vec();
            self.used += end + 1;
            if !std::mem::take(&mut self.skipping) && line.len() <= LONGEST_LINE {
                return Some(line);
            }
            self.say("500 5.5.2 line too long");
        }
    }

    async fn read(&mut self) -> io::Result<Read> {
        self.input.drain(..self.used);
        self.used = 0;
        self.input.reserve(CHUNK);
        let in_transaction = self.envelope.is_some();
        let cancelled = async {
            if in_transaction {
                std::future::pending::<()>().await;
            }
            self.cancel.cancelled().await;
        };
        tokio::select! {
            read = timeout(IDLE, self.stream.read_buf(&mut self.input)) => match read {
                Ok(Ok(0)) => Ok(Read::End),
                Ok(Ok(_)) => Ok(Read::Some),
                Ok(Err(error)) => Err(error),
                Err(_) => Ok(Read::Silence),
            },
            () = cancelled => Ok(Read::Cancelled),
        }
    }

    fn say(&mut self, line: &str) {
        self.output.extend_from_slice(line.as_bytes());
        self.output.extend_from_slice(b"\r\n");
    }

    async fn flush(&mut self) -> io::Result<()> {
        if !self.output.is_empty() {
            timeout(IDLE, self.stream.write_all(&self.output)).await??;
            self.output.clear();
        }
        Ok(())
    }

    async fn leave(mut self, line: &str) -> io::Result<()> {
        self.say(line);
        self.flush().await
    }

    async fn obey(&mut self, line: &[u8]) -> Next {
        match Request::parse(&mut line.iter()) {
            Ok(Request::Lhlo { .. }) => self.hello(),
            Ok(Request::Ehlo { .. } | Request::Helo { .. }) => self.say("500 5.5.1 this is LMTP: say LHLO"),
            Ok(Request::Mail { from }) => self.mail(&from),
            Ok(Request::Rcpt { to }) => self.rcpt(&to).await,
            Ok(Request::Data) => match &self.envelope {
                Some(envelope) if !envelope.recipients.is_empty() => return Next::Data,
                Some(_) => self.say("503 5.5.1 no valid recipients"),
                None => self.say("503 5.5.1 MAIL first"),
            },
            Ok(Request::Rset) => {
                self.envelope = None;
                self.say("250 2.0.0 ok");
            }
            Ok(Request::Noop { .. }) => self.say("250 2.0.0 ok"),
            Ok(Request::Vrfy { .. }) => self.say("252 2.5.0 send a mail and see"),
            Ok(Request::Quit) => {
                self.say("221 2.0.0 bye");
                return Next::Close;
            }
            Ok(_) | Err(Error::UnknownCommand) => self.say("500 5.5.1 no such command here"),
            Err(Error::InvalidSenderAddress) => self.say("501 5.1.7 bad sender address"),
            Err(Error::InvalidRecipientAddress) => self.say("501 5.1.3 bad recipient address"),
            Err(Error::UnsupportedParameter { .. }) => self.say("555 5.5.4 no such parameter here"),
            Err(_) => self.say("501 5.5.2 syntax error"),
        }
        Next::Command
    }

    fn hello(&mut self) {
        self.greeted = true;
        self.envelope = None;
        let size = format!("250 SIZE {}", self.config.max_size);
        for line in
            ["250-ticketloom", "250-PIPELINING", "250-8BITMIME", "250-SMTPUTF8", "250-ENHANCEDSTATUSCODES", &size]
        {
            self.say(line);
        }
    }

    fn mail(&mut self, from: &MailFrom<std::borrow::Cow<'_, str>>) {
        if !self.greeted {
            self.say("503 5.5.1 LHLO first");
        } else if self.envelope.is_some() {
            self.say("503 5.5.1 one mail at a time");
        } else if self.cancel.is_cancelled() {
            self.say("421 4.3.2 shutting down");
        } else if from.size > self.config.max_size {
            self.say(&format!("552 5.3.4 larger than {} bytes", self.config.max_size));
        } else {
            let sender = clean::line(&from.address);
            self.envelope = Some(Envelope { from: sender, size: from.size, recipients: Vec::new() });
            self.say("250 2.1.0 ok");
        }
    }

    async fn rcpt(&mut self, to: &RcptTo<std::borrow::Cow<'_, str>>) {
        let Some(envelope) = &self.envelope else { return self.say("503 5.5.1 MAIL first") };
        if envelope.recipients.len() >= MOST_RECIPIENTS {
            return self.say("452 4.5.3 too many recipients for one mail");
        }
        let Some(address) = EmailAddress::parse(&to.address) else { return self.say("550 5.1.1 no such queue") };
        if let Some((at, known, queue)) = &self.known
            && at.elapsed() < KNOWN
            && known.as_str() == address.as_str()
        {
            let queue = *queue;
            if let Some(envelope) = &mut self.envelope {
                envelope.recipients.push((address, queue));
            }
            return self.say("250 2.1.5 ok");
        }
        match timeout(COMMIT, self.store.queue_for_address(&address)).await {
            Ok(Ok(Some(queue))) => {
                self.known = Some((Instant::now(), address.clone(), queue));
                if let Some(envelope) = &mut self.envelope {
                    envelope.recipients.push((address, queue));
                }
                self.say("250 2.1.5 ok");
            }
            Ok(Ok(None)) => self.say("550 5.1.1 no such queue"),
            Ok(Err(error)) => {
                warn!(%error, "LMTP: a recipient could not be looked up");
                self.say("451 4.3.0 can't look up recipients now");
            }
            Err(_) => self.say("451 4.3.0 can't look up recipients now"),
        }
    }

    /// Reads a mail's text, commits it and answers for each recipient. Whether the connection lives.
    async fn data(&mut self) -> io::Result<bool> {
        let Some(envelope) = self.envelope.take() else { return Ok(true) };
        self.say("354 go on");
        self.flush().await?;
        let mut body = Body::new(self.config.max_size, envelope.size);
        loop {
            if let Some(used) = body.take(&self.input[self.used..]) {
                self.used += used;
                break;
            }
            self.input.clear();
            self.used = 0;
            self.input.reserve(CHUNK);
            match timeout(IDLE, self.stream.read_buf(&mut self.input)).await {
                Ok(Ok(0)) => return Ok(false),
                Ok(read) => read.map(drop)?,
                Err(_) => {
                    self.say("421 4.4.2 silent for too long");
                    self.flush().await?;
                    return Ok(false);
                }
            }
        }
        let count = envelope.recipients.len();
        let replies = match body.into_bytes() {
            None => vec!["552 5.3.4 too large"; count],
            Some(raw) if hops(&raw) > MOST_HOPS => vec!["554 5.4.6 this mail goes round in circles"; count],
            Some(raw) => self.commit(&envelope, &raw).await,
        };
        for reply in replies {
            self.say(reply);
        }
        self.flush().await?;
        crash::point("lmtp.after_reply");
        Ok(true)
    }

    /// One commit for all recipients; if that fails, each alone, so that every answer is true (R3).
    async fn commit(&self, envelope: &Envelope, raw: &[u8]) -> Vec<&'static str> {
        let mails: Vec<NewMail<'_>> = envelope
            .recipients
            .iter()
            .map(|(address, queue)| NewMail {
                queue: *queue,
                route: Route::Lmtp,
                recipient: address.as_str(),
                envelope_from: Some(&envelope.from),
                raw,
                left_behind: None,
                key: DeliveryKey::of_bytes(address.as_str(), raw),
            })
            .collect();
        let deadline = Instant::now() + COMMIT;
        if self.accept(&mails, deadline).await {
            return vec![STORED; mails.len()];
        }
        if mails.len() == 1 || !self.store.is_reachable().await {
            return vec![NOT_STORED; mails.len()];
        }
        let mut replies = Vec::with_capacity(mails.len());
        for mail in &mails {
            let stored = self.accept(std::slice::from_ref(mail), deadline).await;
            replies.push(if stored { STORED } else { NOT_STORED });
        }
        replies
    }

    async fn accept(&self, mails: &[NewMail<'_>], deadline: Instant) -> bool {
        crash::point("lmtp.before_commit");
        match tokio::time::timeout_at(deadline, self.store.accept_mails(mails)).await {
            Ok(Ok(_)) => {
                crash::point("lmtp.after_commit");
                true
            }
            Ok(Err(error)) => {
                warn!(%error, "LMTP: a mail could not be committed; it stays with the mail server");
                false
            }
            Err(_) => {
                warn!("LMTP: a mail's commit took too long; it stays with the mail server");
                false
            }
        }
    }
}

enum Read {
    Some,
    End,
    Silence,
    Cancelled,
}

const STORED: &str = "250 2.0.0 stored";
const NOT_STORED: &str = "451 4.3.0 could not be stored now";
