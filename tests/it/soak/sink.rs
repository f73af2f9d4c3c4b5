//! The next mail server: takes what the desk sends, as it is told to, and keeps what it got and what it said to that.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use data_encoding::HEXLOWER;
use mail_parser::{MessageParser, MimeHeaders};
use serde_json::json;
use sha2::{Digest, Sha256};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::task::AbortOnDropHandle;

use super::ledger::Ledger;

/// What it does with a mail once that is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// Takes it.
    Takes,
    /// 451: not now.
    Later,
    /// 550: never.
    Never,
    /// Takes it, and the connection ends before it says so (RFC 1047).
    TakesSilently,
    /// The connection ends in the middle of the text: it has nothing.
    Loses,
    /// Takes it after a while.
    Slow(Duration),
}

/// A mail's text that came.
#[derive(Clone, Debug)]
pub(super) struct Got {
    pub(super) to: Vec<String>,
    pub(super) message_id: String,
    pub(super) digest: String,
    /// Header and all texts, decoded.
    pub(super) text: String,
    /// Whether it is responsible now, whatever the desk heard of that.
    pub(super) is_taken: bool,
    /// What it meant to say; nothing if it broke off.
    pub(super) said: Option<u16>,
}

/// Keeps listening until it is dropped.
pub(super) struct Sink {
    pub(super) port: u16,
    inside: Arc<Inside>,
    _serving: AbortOnDropHandle<()>,
}

struct Inside {
    mode: Mutex<Mode>,
    got: Mutex<Vec<Got>>,
    /// The newest mail's reply address, by whom it is for.
    reply_to: Mutex<HashMap<String, String>>,
    ledger: Arc<Ledger>,
}

impl Sink {
    pub(super) async fn open(ledger: Arc<Ledger>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (mode, got, reply_to) = (Mutex::new(Mode::Takes), Mutex::default(), Mutex::default());
        let inside = Arc::new(Inside { mode, got, reply_to, ledger });
        let serving = Arc::clone(&inside);
        let serve = async move {
            while let Ok((stream, _)) = listener.accept().await {
                let inside = Arc::clone(&serving);
                tokio::spawn(async move { inside.talk(stream).await });
            }
        };
        Self { port, inside, _serving: AbortOnDropHandle::new(tokio::spawn(serve)) }
    }

    /// From now on.
    pub(super) fn set(&self, mode: Mode) {
        *lock(&self.inside.mode) = mode;
    }

    /// All that came so far.
    pub(super) fn got(&self) -> Vec<Got> {
        lock(&self.inside.got).clone()
    }

    /// Where somebody who got a mail may answer it.
    pub(super) fn reply_to(&self, address: &str) -> Option<String> {
        lock(&self.inside.reply_to).get(address).cloned()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("no panic meanwhile")
}

impl Inside {
    async fn talk(&self, stream: TcpStream) -> std::io::Result<()> {
        let (read, mut write) = stream.into_split();
        let mut read = BufReader::new(read);
        write.write_all(b"220 sink\r\n").await?;
        let (mut to, mut line) = (Vec::new(), Vec::new());
        loop {
            line.clear();
            if read.read_until(b'\n', &mut line).await? == 0 {
                return Ok(());
            }
            let said = String::from_utf8_lossy(&line).trim_end().to_owned();
            let answer = match said.get(..4).unwrap_or_default().to_ascii_uppercase().as_str() {
                "EHLO" => "250-sink\r\n250 8BITMIME",
                "QUIT" => return write.write_all(b"221 bye\r\n").await,
                "RCPT" => {
                    to.push(said.split(['<', '>']).nth(1).unwrap_or_default().to_owned());
                    "250 ok"
                }
                "MAIL" | "RSET" => {
                    to.clear();
                    "250 ok"
                }
                "DATA" => {
                    write.write_all(b"354 go on\r\n").await?;
                    let Some(code) = self.data(&mut read, std::mem::take(&mut to)).await? else { return Ok(()) };
                    if code == 250 {
                        "250 2.0.0 taken"
                    } else if code == 451 {
                        "451 4.3.0 not now"
                    } else {
                        "550 5.7.1 never"
                    }
                }
                _ => "250 ok",
            };
            write.write_all(format!("{answer}\r\n").as_bytes()).await?;
        }
    }

    /// A mail's text, and what to say to it; nothing: break off.
    async fn data(&self, read: &mut (impl AsyncBufReadExt + Unpin), to: Vec<String>) -> std::io::Result<Option<u16>> {
        if *lock(&self.mode) == Mode::Loses {
            return Ok(None);
        }
        let (mut raw, mut line) = (Vec::new(), Vec::new());
        loop {
            line.clear();
            if read.read_until(b'\n', &mut line).await? == 0 {
                return Ok(None); // without its dot it is no mail
            }
            if line == b".\r\n" {
                break;
            }
            raw.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
        }
        let mode = *lock(&self.mode);
        let (is_taken, said) = match mode {
            Mode::Takes | Mode::Slow(_) => (true, Some(250)),
            Mode::Later => (false, Some(451)),
            Mode::Never => (false, Some(550)),
            Mode::TakesSilently => (true, None),
            Mode::Loses => (false, None),
        };
        // Before it is answered for.
        self.keep(&raw, to, is_taken, said);
        if let Mode::Slow(time) = mode {
            tokio::time::sleep(time).await;
        }
        Ok(said)
    }

    fn keep(&self, raw: &[u8], to: Vec<String>, is_taken: bool, said: Option<u16>) {
        let mail = MessageParser::default().parse(raw).expect("the desk writes mails");
        let mut text = String::from_utf8_lossy(raw).replace("=\r\n", "");
        for part in &mail.parts {
            text.push('\n');
            text.push_str(part.text_contents().unwrap_or_default());
            text.push_str(part.attachment_name().unwrap_or_default());
        }
        text.push_str(mail.subject().unwrap_or_default());
        let reply_to = mail.reply_to().or(mail.from()).and_then(|list| list.first()?.address()).unwrap_or_default();
        let message_id = mail.message_id().unwrap_or_default().to_owned();
        let digest = HEXLOWER.encode(&Sha256::digest(raw));
        let noted = json!({ "to": to, "message_id": message_id, "digest": digest, "is_taken": is_taken, "said": said });
        self.ledger.note("mail out", noted);
        if is_taken {
            let mut newest = lock(&self.reply_to);
            newest.extend(to.iter().map(|to| (to.clone(), reply_to.to_owned())));
        }
        let got = Got { to, message_id, digest, text, is_taken, said };
        lock(&self.got).push(got);
    }
}
