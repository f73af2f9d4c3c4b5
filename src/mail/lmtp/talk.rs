//! One LMTP connection.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use smtp_proto::{Error, MAIL_BODY_BINARYMIME, MAIL_REQUIRETLS, MailFrom, RcptTo, Request};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use tracing::warn;

use super::Shared;
use super::body::{Body, Refused, hops};
use crate::crash;
use crate::desk::intake::incoming::MOST_HOPS;
use crate::domain::id::{EmailAddress, QueueId};
use crate::listen::slots::{Overdue, Slot};
use crate::mail::clean;
use crate::store::intake::{DeliveryKey, NewMail, Route};

/// How long a last word may take.
const FAREWELL: Duration = Duration::from_millis(100);
/// How long one mail's commit may take; a client waits 10 minutes for the answer to its dot.
const COMMIT: Duration = Duration::from_mins(1);
/// The longest command in bytes, with the room that SMTPUTF8 and DSN parameters ask for.
const LONGEST_LINE: usize = 4096;
/// The longest sender in bytes. RFC 5321 §4.5.3.1.3 says 256; rewritten addresses (SRS, VERP) exceed that.
const LONGEST_SENDER: usize = 1000;
/// How many commands may come without a mail behind them: mail servers ask now and then whether a connection still lives.
const MOST_COMMANDS: usize = 500;
/// How many recipients a mail may have (RFC 5321 §4.5.3.1.8).
const MOST_RECIPIENTS: usize = 100;
/// How long a recipient that was found is not asked for again.
const KNOWN: Duration = Duration::from_secs(2);
/// How much is read at once.
const CHUNK: usize = 64 * 1024;

/// One connection and where it stands.
pub(super) struct Talk<'a> {
    stream: TcpStream,
    shared: &'a Shared,
    slot: &'a Slot,
    /// What was read and not used yet is `input[used..]`.
    input: Vec<u8>,
    used: usize,
    /// What is to be said before the next wait.
    output: Vec<u8>,
    /// A command was too long; the rest of its line is passed over.
    skipping: bool,
    greeted: bool,
    /// How many commands came since the last mail.
    commands: usize,
    envelope: Option<Envelope>,
    /// The recipient that was looked up last: mail servers keep a connection for many mails.
    known: Option<(Instant, EmailAddress, QueueId)>,
}

struct Envelope {
    from: String,
    recipients: Vec<(EmailAddress, QueueId)>,
}

/// What happens after a command was answered.
enum Next {
    Command,
    Data,
    Close,
}

impl<'a> Talk<'a> {
    pub(super) fn new(stream: TcpStream, shared: &'a Shared, slot: &'a Slot) -> Self {
        let (input, output) = (Vec::new(), Vec::new());
        let (skipping, greeted, used, commands) = (false, false, 0, 0);
        Self { stream, shared, slot, input, used, output, skipping, greeted, commands, envelope: None, known: None }
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
                if self.shared.cancel.is_cancelled() && self.envelope.is_none() {
                    return self.leave("421 4.3.2 shutting down").await;
                }
                self.flush().await?;
                match self.read().await? {
                    Read::Some => continue,
                    Read::End => return Ok(()),
                    Read::Overdue(why) => return self.leave(farewell(why)).await,
                    Read::Cancelled => return self.leave("421 4.3.2 shutting down").await,
                }
            };
            self.commands += 1;
            if self.commands > MOST_COMMANDS {
                return self.leave("421 4.7.0 too many commands and no mail").await;
            }
            let work = self.slot.busy();
            let next = self.obey(&line).await;
            drop(work);
            match next {
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
            self.shared.cancel.cancelled().await;
        };
        tokio::select! {
            biased; // Mostly there is something to read, and the rest costs a timer.
            read = self.stream.read_buf(&mut self.input) => match read? {
                0 => Ok(Read::End),
                bytes => {
                    self.slot.progressed(bytes);
                    Ok(Read::Some)
                }
            },
            why = self.slot.overdue() => Ok(Read::Overdue(why)),
            () = cancelled => Ok(Read::Cancelled),
        }
    }

    fn say(&mut self, line: &str) {
        self.output.extend_from_slice(line.as_bytes());
        self.output.extend_from_slice(b"\r\n");
    }

    async fn flush(&mut self) -> io::Result<()> {
        if self.output.is_empty() {
            return Ok(());
        }
        tokio::select! {
            biased;
            written = self.stream.write_all(&self.output) => written?,
            why = self.slot.overdue() => return Err(io::Error::new(io::ErrorKind::TimedOut, format!("{why:?}"))),
        }
        self.slot.progressed(self.output.len());
        self.output.clear();
        Ok(())
    }

    /// Says a last word, if it is taken at once: somebody may wait for the slot.
    async fn leave(mut self, line: &str) -> io::Result<()> {
        self.say(line);
        timeout(FAREWELL, self.stream.write_all(&self.output)).await?
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
        let size = format!("250 SIZE {}", self.shared.config.max_size);
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
        } else if self.shared.cancel.is_cancelled() {
            self.say("421 4.3.2 shutting down");
        } else if from.flags & (MAIL_BODY_BINARYMIME | MAIL_REQUIRETLS) != 0 {
            // Taken, a binary mail would lose its bare line ends, and REQUIRETLS is a promise (RFC 3030 §3, RFC 8689 §4).
            self.say("555 5.5.4 neither BINARYMIME nor REQUIRETLS is offered");
        } else if from.address.len() > LONGEST_SENDER {
            self.say("501 5.1.7 sender address too long");
        } else if from.size > self.shared.config.max_size {
            self.say(&format!("552 5.3.4 larger than {} bytes", self.shared.config.max_size));
        } else if !self.shared.memory.has_room_for(from.size) {
            self.say(NO_ROOM);
        } else {
            let sender = clean::line(&from.address);
            self.envelope = Some(Envelope { from: sender, recipients: Vec::new() });
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
        match timeout(COMMIT, self.shared.store.queue_for_address(&address)).await {
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
        let Some(body) = self.body().await? else { return Ok(false) };
        let work = self.slot.busy();
        let count = envelope.recipients.len();
        let replies = match body.into_bytes() {
            Err(Refused::TooLarge) => vec!["552 5.3.4 too large"; count],
            Err(Refused::NoRoom) => vec![NO_ROOM; count],
            Ok((raw, _)) if hops(&raw) > MOST_HOPS => vec!["554 5.4.6 this mail goes round in circles"; count],
            Ok((raw, _share)) => self.commit(&envelope, raw.into()).await,
        };
        // Whether the client takes the answers is its own affair again.
        drop(work);
        self.commands = 0;
        for reply in replies {
            self.say(reply);
        }
        self.flush().await?;
        crash::point("lmtp.after_reply");
        Ok(true)
    }

    /// The text up to its final dot; `None` if the connection ends before.
    async fn body(&mut self) -> io::Result<Option<Body>> {
        let mut body = Body::new(self.shared.config.max_size, self.shared.memory.share());
        loop {
            if let Some(used) = body.take(&self.input[self.used..]) {
                self.used += used;
                return Ok(Some(body));
            }
            self.input.clear();
            self.used = 0;
            self.input.reserve(CHUNK);
            tokio::select! {
                biased;
                read = self.stream.read_buf(&mut self.input) => match read? {
                    0 => return Ok(None),
                    bytes => self.slot.progressed(bytes),
                },
                why = self.slot.overdue() => {
                    let _ = timeout(FAREWELL, self.stream.write_all(format!("{}\r\n", farewell(why)).as_bytes())).await;
                    return Ok(None);
                }
            }
        }
    }

    /// One commit for all recipients; if that fails, each alone, so that every answer is true (R3).
    async fn commit(&self, envelope: &Envelope, raw: Bytes) -> Vec<&'static str> {
        let new = |(address, queue): &(EmailAddress, QueueId)| NewMail {
            queue: *queue,
            route: Route::Lmtp,
            recipient: address.as_str().to_owned(),
            envelope_from: Some(envelope.from.clone()),
            raw: raw.clone(),
            left_behind: None,
            key: DeliveryKey::of_bytes(address.as_str(), &raw),
        };
        let mails: Vec<NewMail> = envelope.recipients.iter().map(new).collect();
        let count = mails.len();
        let deadline = Instant::now() + COMMIT;
        if mutant!("acknowledged_before_commit") {
            let store = self.shared.store.clone();
            tokio::spawn(async move {
                tokio::time::sleep(FAREWELL).await;
                crash::point("lmtp.before_commit");
                store.accept_mails(mails).await
            });
            return vec![STORED; count];
        }
        if self.accept(mails.clone(), deadline).await {
            return vec![STORED; count];
        }
        if count == 1 || !self.shared.store.is_reachable().await {
            return vec![NOT_STORED; count];
        }
        let mut replies = Vec::with_capacity(count);
        for mail in mails {
            let stored = self.accept(vec![mail], deadline).await;
            replies.push(if stored { STORED } else { NOT_STORED });
        }
        replies
    }

    async fn accept(&self, mails: Vec<NewMail>, deadline: Instant) -> bool {
        crash::point("lmtp.before_commit");
        match tokio::time::timeout_at(deadline, self.shared.store.accept_mails(mails)).await {
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
    Overdue(Overdue),
    Cancelled,
}

fn farewell(why: Overdue) -> &'static str {
    match why {
        Overdue::Silent => "421 4.4.2 silent for too long",
        Overdue::Evicted => "421 4.3.2 too many connections, and this one was silent for the longest time",
    }
}

const STORED: &str = "250 2.0.0 stored";
const NOT_STORED: &str = "451 4.3.0 could not be stored now";
const NO_ROOM: &str = "452 4.3.1 too many mails at once, try again later";
