//! The configuration: one TOML file, `TICKETLOOM_…` variables over it, secrets also from files.

mod allowed;
pub mod ics;
mod read;

use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

pub use allowed::Allowed;
pub use read::{Mistakes, Readers, SecretFile, Variables};

use crate::domain::id::UserId;

/// Where the configuration is, unless another file is named.
pub const FILE: &str = "/etc/ticketloom/ticketloom.toml";

/// Everything that an operator sets. What belongs to a queue or an agent is in PostgreSQL.
#[derive(Clone, Debug)]
pub struct Config {
    /// `[desk]`
    pub desk: DeskConfig,
    /// `[database]`
    pub database: DatabaseConfig,
    /// `[object_store]`, if files are kept there and not in PostgreSQL.
    pub object_store: Option<ObjectStoreConfig>,
    /// `[matrix]`
    pub matrix: MatrixConfig,
    /// `[lmtp]`, if mail comes from one's own mail server.
    pub lmtp: Option<LmtpConfig>,
    /// `[[imap]]`, one for each mailbox that is read.
    pub imap: Vec<ImapConfig>,
    /// `[smtp]`
    pub smtp: SmtpConfig,
    /// `[[smtp_account]]`, one for each queue that sends through an account of its own.
    pub smtp_accounts: Vec<SmtpAccountConfig>,
    /// `[http]`, if health and metrics are served.
    pub http: Option<HttpConfig>,
    /// `[web]`, if customers have pages and programs an API.
    pub web: Option<WebConfig>,
    /// `[webhooks]`
    pub webhooks: WebhooksConfig,
    /// `[log]`
    pub log: LogConfig,
    /// The files that secrets were read from.
    pub secret_files: Vec<SecretFile>,
    /// Whether the file of the configuration itself has secrets in it.
    pub has_secrets_of_its_own: bool,
}

/// `[desk]`: the help desk itself.
#[derive(Clone, Debug)]
pub struct DeskConfig {
    /// The Space's name.
    pub name: String,
    /// Where the Matrix session and its keys are kept. A local disk, one process.
    pub state_dir: PathBuf,
    /// Two digits in every ticket's number.
    pub system_id: u8,
    /// What commands begin with.
    pub prefix: String,
    /// How long an answer can be taken back before it is sent.
    pub answer_delay: Duration,
    /// The name in the Authentication-Results (RFC 8601) of the mail server that is to be believed.
    pub authserv_id: Option<String>,
    /// How many tickets an hour one address may open before its further mails are only counted.
    pub burst: u16,
    /// How many automatic mails an hour the whole desk writes, to whomever.
    pub automatic_an_hour: u16,
    /// How many bytes all mails together may have that are being received.
    pub mail_memory: usize,
}

/// `[database]`: PostgreSQL.
#[derive(Clone, Debug)]
pub struct DatabaseConfig {
    /// `postgres://user:password@host/database`.
    pub url: Secret,
    /// How many connections the desk holds at most.
    pub connections: u32,
}

/// `[matrix]`: the bot's account.
#[derive(Clone, Debug)]
pub struct MatrixConfig {
    /// The homeserver's client URL.
    pub homeserver: url::Url,
    /// The bot's full id.
    pub user: UserId,
    /// How it logs in.
    pub login: MatrixLogin,
    /// What signs a new device of the bot's, so that it is heard in encrypted rooms. `None`: what the desk has made
    /// itself, in `state_dir`.
    pub recovery_key: Option<Secret>,
    /// Whether the rooms may be joined from other servers.
    pub federate: bool,
}

/// How the bot logs in.
#[derive(Clone, Debug)]
pub enum MatrixLogin {
    /// With a password, once; the session is kept in `state_dir`.
    Password(Secret),
    /// With an access token that belongs to a device.
    Token(Secret),
}

/// `[lmtp]`: the listener that one's own mail server delivers to (RFC 2033).
#[derive(Clone, Debug)]
pub struct LmtpConfig {
    /// The address to listen on. Loopback or a private network: LMTP has no authentication.
    pub listen: SocketAddr,
    /// The largest mail in bytes.
    pub max_size: usize,
    /// How many connections at a time.
    pub connections: usize,
}

/// `[[imap]]`: a mailbox that is read into a queue.
#[derive(Clone, Debug)]
pub struct ImapConfig {
    /// The queue's name.
    pub queue: String,
    /// The server.
    pub server: MailServer,
    /// The folder that is read.
    pub folder: String,
    /// The folder that read mails are moved to; made if missing.
    pub processed: String,
    /// The largest mail in bytes; a larger one stays and is reported.
    pub max_size: usize,
}

/// `[smtp]`: the server that takes our mail (RFC 6409).
#[derive(Clone, Debug)]
pub struct SmtpConfig {
    /// The server.
    pub server: MailServer,
    /// How long until an answer whose fate nobody knows is sent again, marked as a possible second copy.
    pub retry_unknown: Duration,
}

/// `[[smtp_account]]`: the server or the account that takes one queue's mail in place of `[smtp]`'s.
#[derive(Clone, Debug)]
pub struct SmtpAccountConfig {
    /// The queue's name.
    pub queue: String,
    /// The server.
    pub server: MailServer,
}

/// Where a mail server is and how one talks to it.
#[derive(Clone, Debug)]
pub struct MailServer {
    /// Its name: checked against its certificate.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is secured.
    pub tls: Tls,
    /// Who we are to it. `None`: no AUTH (a relay that trusts our address).
    pub login: Option<MailLogin>,
    /// A PEM file with the authority that signed its certificate, if the system does not know it.
    pub ca_file: Option<PathBuf>,
}

/// A mail account.
#[derive(Clone, Debug)]
pub struct MailLogin {
    /// The account's name.
    pub user: String,
    /// What shows that we may use it.
    pub proof: MailProof,
}

/// What shows a mail server that an account is ours.
#[derive(Clone, Debug)]
pub enum MailProof {
    /// Its password.
    Password(Secret),
    /// An access token that is asked for when it is needed (SASL XOAUTH2).
    Grant(OAuth2Config),
    /// An access token in a file that something else keeps fresh, read anew at every login (SASL XOAUTH2).
    TokenFile(PathBuf),
}

/// `oauth2` in a section: where access tokens come from (RFC 6749).
#[derive(Clone, Debug)]
pub struct OAuth2Config {
    /// The token endpoint.
    pub token_url: url::Url,
    /// As what the desk is registered there.
    pub client_id: String,
    /// What it shows for a token.
    pub grant: OAuth2Grant,
    /// What the token is to be good for, if the endpoint has to be told.
    pub scope: Option<String>,
}

/// What the desk shows for an access token.
#[derive(Clone, Debug)]
pub enum OAuth2Grant {
    /// Somebody signed in once and let the desk go on in their name (RFC 6749 §6).
    Refresh {
        /// What they left it.
        token: Secret,
        /// The desk's own secret, if it has one.
        client_secret: Option<Secret>,
    },
    /// The desk has rights of its own (RFC 6749 §4.4).
    Client {
        /// Its secret.
        client_secret: Secret,
    },
}

/// How a connection to a mail server is secured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tls {
    /// Not at all.
    None,
    /// By STARTTLS; without it nothing is said.
    Starttls,
    /// From the first byte (RFC 8314).
    Implicit,
}

/// `[http]`: health and metrics.
#[derive(Clone, Debug)]
pub struct HttpConfig {
    /// The address to listen on.
    pub listen: SocketAddr,
    /// How many connections at a time.
    pub connections: usize,
    /// How many of them from one address.
    pub connections_per_address: usize,
}

/// `[web]`: the customers' pages and the API, on a listener of their own.
#[derive(Clone, Debug)]
pub struct WebConfig {
    /// The address to listen on. TLS is a reverse proxy's.
    pub listen: SocketAddr,
    /// Where customers reach it: what links in mails begin with. Without a slash at its end.
    pub url: url::Url,
    /// How many connections at a time.
    pub connections: usize,
    /// How many of them from one address; a proxy's count as one address.
    pub connections_per_address: usize,
    /// The proxies whose `X-Forwarded-For` says who asks.
    pub proxies: Vec<IpAddr>,
    /// The largest request in bytes: a reply with its files.
    pub max_size: usize,
    /// How many requests a second each token of the API may make.
    pub api_rate: NonZeroU32,
}

/// `[object_store]`: S3, or what speaks its protocol.
#[derive(Clone, Debug)]
pub struct ObjectStoreConfig {
    /// Its address; `None`: Amazon's for the region.
    pub endpoint: Option<url::Url>,
    /// The bucket, which must be there.
    pub bucket: String,
    /// The region.
    pub region: String,
    /// What the names of all objects begin with.
    pub prefix: String,
    /// Who asks.
    pub access_key_id: String,
    /// What proves it.
    pub secret_access_key: Secret,
    /// Whether anything is put there; else only what is there is read.
    pub writes: bool,
}

/// `[webhooks]`: the programs that are called when something happens.
#[derive(Clone, Debug, Default)]
pub struct WebhooksConfig {
    /// What may be called though it is not public, or by http. Admins add webhooks, only the operator allows this.
    pub allow: Vec<Allowed>,
}

/// `[log]`: what is logged, on standard error.
#[derive(Clone, Debug)]
pub struct LogConfig {
    /// One JSON object a line, or text.
    pub json: bool,
    /// `error`, `warn`, `info`, `debug`, `trace`, or a filter of tracing-subscriber.
    pub level: String,
}

/// A value that is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The secret itself, for the one call that needs it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}
