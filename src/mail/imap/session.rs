//! One IMAP connection, with a limit on every wait: async-imap has none of its own.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::{Duration, Instant};

use async_imap::types::{Capability, Fetch, UnsolicitedResponse};
use async_imap::{Authenticator, Client, error::Error};
use futures_util::TryStreamExt;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_util::sync::CancellationToken;

use super::order::Listed;
use crate::config::{ImapConfig, Tls};
use crate::mail::login::{Denial, Login, Shown, xoauth2};
use crate::mail::{clean, wire};

/// How long a command may take.
const PATIENCE: Duration = Duration::from_mins(1);
/// How long the fetching of one mail may take.
const FETCH: Duration = Duration::from_mins(10);

/// The connection is no use any more: why, in one line without addresses or bodies.
pub(super) struct Broken(pub(super) String);

impl From<Error> for Broken {
    fn from(error: Error) -> Self {
        // A parse error quotes what could not be parsed: pieces of a mail are not for the log.
        let why = match &error {
            Error::Io(error) if error.kind() == std::io::ErrorKind::Other => {
                "the server said something that can't be understood".to_owned()
            }
            Error::Parse(_) => "the server said something that can't be understood".to_owned(),
            Error::No(said) => format!("refused: {}", told(said)),
            Error::Bad(said) => format!("not understood by the server: {}", told(said)),
            error => error.to_string(),
        };
        Self(clean::line(clean::cut(&why, 500)))
    }
}

/// The server's own words out of what async-imap makes of them: `code: None, info: Some("words")`.
pub(super) fn told(said: &str) -> &str {
    let words = said.split_once("info: Some(\"").and_then(|(_, rest)| rest.strip_suffix("\")"));
    words.unwrap_or(said)
}

impl From<Broken> for Denial {
    fn from(broken: Broken) -> Self {
        Self::Fault(broken.0)
    }
}

/// What XOAUTH2 has to say: once. The challenge with which a server refuses it wants an empty answer.
struct Bearer(Option<String>);

impl Authenticator for Bearer {
    type Response = String;

    fn process(&mut self, _challenge: &[u8]) -> String {
        self.0.take().unwrap_or_default()
    }
}

/// A connection that is logged in.
pub(super) struct Session {
    imap: async_imap::Session<wire::Wire>,
    can: Abilities,
}

/// What the server says that it can.
#[derive(Clone, Copy)]
struct Abilities {
    idle: bool,
    moving: bool,
    uid_plus: bool,
}

async fn within<T>(limit: Duration, what: &str, wait: impl Future<Output = Result<T, Error>>) -> Result<T, Broken> {
    match timeout(limit, wait).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(Broken(format!("{what}: {}", Broken::from(error).0))),
        Err(_) => Err(Broken(format!("{what}: no answer within {} s", limit.as_secs()))),
    }
}

impl Session {
    /// Connects and logs in; a token that is refused is replaced once, on a new connection.
    pub(super) async fn open(config: &ImapConfig, login: &Login, trust: &TlsConnector) -> Result<Self, Broken> {
        let mut proof = login.proof(Instant::now()).await.map_err(Broken)?;
        loop {
            match Self::enter(config, login.user(), &proof.shown, trust).await {
                Ok(session) => return Ok(session),
                Err(Denial::Refused(why)) => {
                    proof = login.after(&proof, why, Instant::now()).await.map_err(Broken)?;
                }
                Err(Denial::Fault(why)) => return Err(Broken(why)),
            }
        }
    }

    async fn enter(config: &ImapConfig, user: &str, shown: &Shown, trust: &TlsConnector) -> Result<Self, Denial> {
        let wire = wire::open::<Talk>(&config.server, trust).await.map_err(Denial::Fault)?;
        let mut client = Client::new(wire);
        // Behind STARTTLS there is no second greeting.
        if config.server.tls != Tls::Starttls {
            let greeting = async { Ok(client.read_response().await?) };
            let greeting = within(PATIENCE, "greeting", greeting).await?;
            greeting.ok_or_else(|| Denial::Fault("no greeting".to_owned()))?;
        }
        let entering = async {
            match shown {
                Shown::Password(password) => client.login(user, password.reveal()).await,
                Shown::Token(token) => client.authenticate("XOAUTH2", Bearer(Some(xoauth2(user, token)))).await,
            }
        };
        let mut imap = match timeout(PATIENCE, entering).await {
            Ok(Ok(imap)) => imap,
            Ok(Err((error, _))) => {
                let is_refusal = matches!(error, Error::No(_));
                let why = format!("login: {}", Broken::from(error).0);
                return Err(if is_refusal { Denial::Refused(why) } else { Denial::Fault(why) });
            }
            Err(_) => return Err(Denial::Fault(format!("login: no answer within {} s", PATIENCE.as_secs()))),
        };
        let said = within(PATIENCE, "CAPABILITY", imap.capabilities()).await?;
        let has = |name: &str| said.has(&Capability::Atom(name.to_owned()));
        let can = Abilities { idle: has("IDLE"), moving: has("MOVE"), uid_plus: has("UIDPLUS") };
        Ok(Self { imap, can })
    }

    /// Whether the server tells of new mail.
    pub(super) fn can_idle(&self) -> bool {
        self.can.idle
    }

    /// Opens a folder; its UIDVALIDITY.
    pub(super) async fn select(&mut self, folder: &str) -> Result<u32, Broken> {
        let mailbox = within(PATIENCE, "SELECT", self.imap.select(folder)).await?;
        mailbox.uid_validity.ok_or_else(|| Broken("the server gives no UIDVALIDITY".to_owned()))
    }

    /// All UIDs in the folder, ascending.
    pub(super) async fn uids(&mut self) -> Result<Vec<u32>, Broken> {
        let found = within(PATIENCE, "UID SEARCH", self.imap.uid_search("UNDELETED")).await?;
        let mut uids: Vec<u32> = found.into_iter().collect();
        uids.sort_unstable();
        Ok(uids)
    }

    /// The sizes and senders of those of the mails that are still there, without marking them as read.
    pub(super) async fn listed(&mut self, uids: &[u32]) -> Result<HashMap<u32, Listed>, Broken> {
        let set = uids.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        // Not ENVELOPE: servers make of a strange From what the protocol's parser can't read.
        let asked = "(UID RFC822.SIZE BODY.PEEK[HEADER.FIELDS (RETURN-PATH FROM)])";
        let fetched = within(PATIENCE, "UID FETCH", async {
            self.imap.uid_fetch(set, asked).await?.try_collect::<Vec<_>>().await
        })
        .await?;
        let listed = |mail: &Fetch| {
            let size = usize::try_from(mail.size?).unwrap_or(usize::MAX);
            Some((mail.uid?, Listed { size, sender: sender(mail.header().unwrap_or_default()) }))
        };
        Ok(fetched.iter().filter_map(listed).collect())
    }

    /// One mail's bytes, without marking it as read; `None` if it is gone.
    pub(super) async fn body(&mut self, uid: u32) -> Result<Option<Vec<u8>>, Broken> {
        let fetched = within(FETCH, "UID FETCH", async {
            self.imap.uid_fetch(uid.to_string(), "(UID BODY.PEEK[])").await?.try_collect::<Vec<_>>().await
        })
        .await?;
        let mail = fetched.iter().find(|mail| mail.uid == Some(uid) && mail.body().is_some());
        Ok(mail.and_then(|mail| mail.body()).map(<[u8]>::to_vec))
    }

    /// The beginning of one mail's header, at most 64 KiB, without marking it as read; `None` if it is gone.
    pub(super) async fn header(&mut self, uid: u32) -> Result<Option<Vec<u8>>, Broken> {
        let fetched = within(PATIENCE, "UID FETCH", async {
            self.imap
                .uid_fetch(uid.to_string(), "(UID BODY.PEEK[HEADER]<0.65536>)")
                .await?
                .try_collect::<Vec<_>>()
                .await
        })
        .await?;
        let mail = fetched.iter().find(|mail| mail.uid == Some(uid) && mail.header().is_some());
        Ok(mail.and_then(|mail| mail.header()).map(<[u8]>::to_vec))
    }

    /// Makes a folder unless it is there.
    pub(super) async fn ensure_folder(&mut self, folder: &str) -> Result<(), Broken> {
        match timeout(PATIENCE, self.imap.create(folder)).await {
            // NO: it is there already, or the move will tell.
            Ok(Ok(()) | Err(Error::No(_))) => Ok(()),
            Ok(Err(error)) => Err(error.into()),
            Err(_) => Err(Broken("CREATE: no answer".to_owned())),
        }
    }

    /// Moves one mail (RFC 6851), or copies it and removes it by its UID (RFC 4315). A server that has
    /// neither keeps it, marked as deleted: a plain EXPUNGE would take others' mails along.
    pub(super) async fn move_away(&mut self, uid: u32, folder: &str) -> Result<(), Broken> {
        let uid = uid.to_string();
        if self.can.moving {
            return within(PATIENCE, "UID MOVE", self.imap.uid_mv(&uid, folder)).await;
        }
        within(PATIENCE, "UID COPY", self.imap.uid_copy(&uid, folder)).await?;
        within(PATIENCE, "UID STORE", async {
            self.imap.uid_store(&uid, "+FLAGS.SILENT (\\Deleted)").await?.try_collect::<Vec<_>>().await
        })
        .await?;
        if self.can.uid_plus {
            within(PATIENCE, "UID EXPUNGE", async { self.imap.uid_expunge(&uid).await?.try_collect::<Vec<_>>().await })
                .await?;
        }
        Ok(())
    }

    /// Forgets what the server told by itself so far: a look into the folder is about to begin.
    pub(super) fn forget_news(&mut self) {
        while self.imap.unsolicited_responses.try_recv().is_ok() {}
    }

    /// Waits until the server tells of new mail, at most `limit`. Whatever ends the wait, a look into
    /// the folder is due: async-imap says the same of a dead connection as of an interruption.
    pub(super) async fn wait(self, limit: Duration, cancel: &CancellationToken) -> Result<Self, Broken> {
        let Self { mut imap, can } = self;
        if !can.idle {
            tokio::select! {
                () = tokio::time::sleep(limit) => {}
                () = cancel.cancelled() => {}
            }
            within(PATIENCE, "NOOP", imap.noop()).await?;
            return Ok(Self { imap, can });
        }
        let news = imap.unsolicited_responses.clone();
        let mut idle = imap.idle();
        within(PATIENCE, "IDLE", idle.init()).await?;
        // What came between the look and IDLE is news as well.
        let mut told = false;
        while let Ok(response) = news.try_recv() {
            told |= matches!(response, UnsolicitedResponse::Exists(_) | UnsolicitedResponse::Recent(_));
        }
        if !told {
            let (wait, interrupt) = idle.wait_with_timeout(limit);
            tokio::select! {
                // The limit is ours: a server's "still here" starts async-imap's anew.
                ended = timeout(limit, wait) => if let Ok(ended) = ended { ended?; },
                () = cancel.cancelled() => {}
            }
            drop(interrupt);
        }
        let imap = within(PATIENCE, "DONE", idle.done()).await?;
        Ok(Self { imap, can })
    }

    /// Says good-bye; what comes of it does not matter.
    pub(super) async fn leave(mut self) {
        let _ = timeout(Duration::from_secs(5), self.imap.logout()).await;
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Session")
    }
}

/// Who wrote a mail, as a number, by these few headers: the envelope's sender, or else what stands in From.
fn sender(headers: &[u8]) -> u64 {
    let headers = String::from_utf8_lossy(headers).to_lowercase();
    let value = |name: &str| headers.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    let known = value("return-path:").filter(|path| !matches!(*path, "" | "<>")).or_else(|| value("from:"));
    let mut hasher = DefaultHasher::new();
    known.unwrap_or_default().hash(&mut hasher);
    hasher.finish()
}

/// IMAP up to STARTTLS (RFC 9051 §6.2.1).
enum Talk {}

impl wire::Starttls for Talk {
    const WORDS: &'static [&'static str] = &["a STARTTLS\r\n"];
    const GREETING: &'static [u8] = b"";

    fn ends(line: &str) -> bool {
        line.starts_with("* OK") || line.starts_with("* BYE") || line.starts_with("a ")
    }

    fn agrees(reply: &str) -> bool {
        reply.starts_with("* OK") || reply.starts_with("a OK")
    }
}
