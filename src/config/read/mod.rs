//! Reads the configuration, and tells all its mistakes at once, each with the right form.

mod form;
mod mail;
mod objects;
mod secret;
mod section;
#[cfg(test)]
mod tests;
mod variables;
mod web;
mod webhooks;

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::fmt;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use toml::{Table, Value};

use self::form::{absolute, connections, duration, log_filter, size, text};
pub use self::secret::{Readers, SecretFile};
use self::section::Section;
pub use self::variables::Variables;
use self::variables::meant;
use super::{
    Config, DatabaseConfig, DeskConfig, FILE, HttpConfig, ImapConfig, LmtpConfig, LogConfig, MatrixConfig, MatrixLogin,
};
use crate::domain::id::UserId;

/// What is wrong with a configuration.
#[derive(Debug)]
pub struct Mistakes(pub Vec<String>);

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let many = if self.0.len() == 1 { "mistake" } else { "mistakes" };
        write!(f, "the configuration has {} {many}:", self.0.len())?;
        self.0.iter().try_for_each(|mistake| write!(f, "\n  - {mistake}"))
    }
}

impl std::error::Error for Mistakes {}

impl Config {
    /// Reads a file and the environment over it: `section.key` is `TICKETLOOM_SECTION_KEY`. Where nothing is at the usual
    /// place and the environment has settings, as in a container, these are all.
    ///
    /// # Errors
    /// All [`Mistakes`] at once.
    pub fn load(file: &Path, variables: &Variables) -> Result<Self, Mistakes> {
        match std::fs::read_to_string(file) {
            Ok(text) => Self::parse(&text, variables),
            Err(error)
                if error.kind() == ErrorKind::NotFound && file == Path::new(FILE) && variables.has_settings() =>
            {
                Self::parse("", variables).map_err(|mut mistakes| {
                    mistakes.0.insert(0, format!("{FILE}: is not there, so all settings are to be variables"));
                    mistakes
                })
            }
            Err(error) => Err(Mistakes(vec![format!("{}: {error}; name another file with --config", file.display())])),
        }
    }

    /// Reads the text of a file and the environment over it.
    ///
    /// # Errors
    /// All [`Mistakes`] at once.
    pub fn parse(text: &str, variables: &Variables) -> Result<Self, Mistakes> {
        let table: Table = text.parse().map_err(|error| Mistakes(vec![syntax(text, &error)]))?;
        let reader = Reader {
            table: &table,
            variables,
            known: RefCell::default(),
            mistakes: RefCell::default(),
            secret_files: RefCell::default(),
            has_secrets: Cell::new(false),
        };
        let config = reader.config();
        reader.no_other_section();
        let mut mistakes = reader.mistakes.take();
        mistakes.extend(variables.mistakes(&reader.known.borrow()));
        match config {
            Ok(config) if mistakes.is_empty() => Ok(config),
            _ => Err(Mistakes(mistakes)),
        }
    }
}

/// Where the file is no TOML, and what is wrong there. Never the line itself, as the library would show it: it may have a
/// password in it, and what is printed here ends in logs.
fn syntax(text: &str, error: &toml::de::Error) -> String {
    // Such a message names a key, and behind a quotation mark that is missing anything may look like one.
    let what = match error.message() {
        message if message.starts_with("duplicate key") => "this key or section stands there twice",
        message if message.starts_with("dotted key") => "this key goes on where a value stands already",
        message => message,
    };
    let what = what.lines().map(str::trim).collect::<Vec<_>>().join("; ");
    let Some(span) = error.span() else { return format!("the file is no TOML: {what}") };
    let before = text.get(..span.start).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    format!("line {line}, column {column}: {what}")
}

/// A mistake that has been told already.
#[derive(Clone, Copy, Debug)]
struct Told;

type Read<T> = Result<T, Told>;

const SECTIONS: [&str; 12] = [
    "desk",
    "database",
    "object_store",
    "matrix",
    "lmtp",
    "imap",
    "smtp",
    "smtp_account",
    "http",
    "web",
    "webhooks",
    "log",
];
/// 25 MiB, what most mail servers take.
const MAX_SIZE: usize = 25 << 20;
/// Five mails of the largest size at a time, or some thousand usual ones.
const MAIL_MEMORY: usize = 128 << 20;
/// One every 18 seconds: more new tickets than people can answer, and less mail than would get a server onto a
/// list of spammers when all of their senders were forged.
const AUTOMATIC: u16 = 200;

struct Reader<'a> {
    table: &'a Table,
    variables: &'a Variables,
    /// The variables that there are.
    known: RefCell<BTreeSet<String>>,
    mistakes: RefCell<Vec<String>>,
    secret_files: RefCell<Vec<SecretFile>>,
    /// Whether the file itself has one.
    has_secrets: Cell<bool>,
}

impl<'a> Reader<'a> {
    /// Reads every section before it gives up, so that every mistake is told.
    fn config(&self) -> Read<Config> {
        let (desk, database, matrix) = (self.desk(), self.database(), self.matrix());
        let object_store = self.object_store();
        let (lmtp, imap, smtp, smtp_accounts) = (self.lmtp(), self.imap(), self.smtp(), self.smtp_accounts());
        let (http, web, webhooks, log) = (self.http(), self.web(), self.webhooks(), self.log());
        if let (Ok(desk), Ok(lmtp), Ok(imap)) = (&desk, &lmtp, &imap) {
            self.any_mail_fits(desk.mail_memory, lmtp.as_ref(), imap);
        }
        Ok(Config {
            desk: desk?,
            database: database?,
            object_store: object_store?,
            matrix: matrix?,
            lmtp: lmtp?,
            imap: imap?,
            smtp: smtp?,
            smtp_accounts: smtp_accounts?,
            http: http?,
            web: web?,
            webhooks: webhooks?,
            log: log?,
            secret_files: self.secret_files.take(),
            has_secrets_of_its_own: self.has_secrets.get(),
        })
    }

    /// A mail that is larger than the memory for all of them would be put off for ever.
    fn any_mail_fits(&self, memory: usize, lmtp: Option<&LmtpConfig>, imap: &[ImapConfig]) {
        let sizes = lmtp.map(|lmtp| lmtp.max_size).into_iter().chain(imap.iter().map(|imap| imap.max_size));
        if let Some(largest) = sizes.max().filter(|largest| *largest > memory) {
            self.tell(format!("desk.mail_memory: has no room for a mail of {largest} bytes, which max_size allows"));
        }
    }

    fn desk(&self) -> Read<DeskConfig> {
        let desk = self.section("desk");
        let name = desk.or("name", "Help Desk".to_owned(), "\"Example Help Desk\"", text);
        let state_dir = desk.required("state_dir", "\"/var/lib/ticketloom\"", absolute);
        let system_id = desk.or("system_id", 10, "10, two digits", |word| word.parse().ok().filter(|id| *id < 100));
        let prefix = desk.or("prefix", "!".to_owned(), "\"!\", one to three signs that are no letters", |word| {
            let sound = (1..=3).contains(&word.chars().count())
                && !word.contains(|c: char| c.is_alphanumeric() || c.is_whitespace());
            sound.then(|| word.to_owned())
        });
        let answer_delay = desk.or("answer_delay", Duration::from_secs(10), "\"10s\"", duration);
        let authserv_id =
            desk.or("authserv_id", None, "\"mail.example.org\", as the mail server calls itself", |word| {
                let sound = !word.is_empty() && !word.contains(|c: char| c.is_whitespace() || c == ';');
                sound.then(|| Some(word.to_lowercase()))
            });
        let burst = desk.or("burst", 20, "20, tickets an hour from one address", |word| {
            word.parse().ok().filter(|burst| *burst > 0)
        });
        let automatic = desk.or("automatic_an_hour", AUTOMATIC, "200, from 1 to 10000", |word| {
            word.parse().ok().filter(|most| (1..=10_000).contains(most))
        });
        let mail_memory = desk.or("mail_memory", MAIL_MEMORY, "\"128MiB\"", size);
        desk.end();
        Ok(DeskConfig {
            name: name?,
            state_dir: state_dir?,
            system_id: system_id?,
            prefix: prefix?,
            answer_delay: answer_delay?,
            authserv_id: authserv_id?,
            burst: burst?,
            automatic_an_hour: automatic?,
            mail_memory: mail_memory?,
        })
    }

    fn database(&self) -> Read<DatabaseConfig> {
        let database = self.section("database");
        let form = "\"postgres://user:password@host/database\"";
        let url = database.secret("url", form);
        if let Ok(Some(url)) = &url
            && !url.reveal().starts_with("postgres://")
            && !url.reveal().starts_with("postgresql://")
        {
            database.mistake("url", &format!("is no PostgreSQL URL; right is url = {form}"));
        }
        let url = url.and_then(|url| url.ok_or_else(|| database.missing("url", form)));
        let connections =
            database.or("connections", 16, "16", |word| word.parse().ok().filter(|most| (4..=1000).contains(most)));
        database.end();
        Ok(DatabaseConfig { url: url?, connections: connections? })
    }

    fn matrix(&self) -> Read<MatrixConfig> {
        let matrix = self.section("matrix");
        let homeserver = matrix.required("homeserver", "\"https://matrix.example.org\"", |word| {
            url::Url::parse(word).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        });
        let user = matrix.required("user", "\"@tickets:example.org\"", |word| {
            UserId::parse(word).filter(|user| !user.server().is_empty() && !user.localpart().is_empty())
        });
        let password = matrix.secret("password", "\"…\"");
        let token = matrix.secret("access_token", "\"…\"");
        let login = match (password, token) {
            (Ok(Some(password)), Ok(None)) => Ok(MatrixLogin::Password(password)),
            (Ok(None), Ok(Some(token))) => Ok(MatrixLogin::Token(token)),
            (Ok(Some(_)), Ok(Some(_))) => {
                Err(matrix.mistake("password", "stands beside access_token; one of them is enough"))
            }
            (Ok(None), Ok(None)) => {
                Err(matrix.missing("password_file", "\"/etc/ticketloom/matrix-password\", or access_token_file"))
            }
            _ => Err(Told),
        };
        let recovery_key = matrix.secret("recovery_key", "\"EsT…\"");
        let federate = matrix.or("federate", false, "false or true", |word| word.parse().ok());
        matrix.end();
        Ok(MatrixConfig {
            homeserver: homeserver?,
            user: user?,
            login: login?,
            recovery_key: recovery_key?,
            federate: federate?,
        })
    }

    /// `None`: not configured.
    fn lmtp(&self) -> Read<Option<LmtpConfig>> {
        let lmtp = self.section("lmtp");
        if lmtp.is_absent(&["listen", "max_size", "connections"]) {
            return Ok(None);
        }
        let listen = lmtp.required("listen", "\"127.0.0.1:2400\"", |word| SocketAddr::from_str(word).ok());
        let max_size = lmtp.or("max_size", MAX_SIZE, "\"25MiB\"", size);
        let connections = lmtp.or("connections", 128, "128", connections);
        lmtp.end();
        Ok(Some(LmtpConfig { listen: listen?, max_size: max_size?, connections: connections? }))
    }

    fn tell(&self, mistake: String) -> Told {
        self.mistakes.borrow_mut().push(mistake);
        Told
    }

    fn http(&self) -> Read<Option<HttpConfig>> {
        let http = self.section("http");
        if http.is_absent(&["listen", "connections", "connections_per_address"]) {
            return Ok(None);
        }
        let listen = http.required("listen", "\"127.0.0.1:8080\"", |word| SocketAddr::from_str(word).ok());
        let most = http.or("connections", 128, "128", connections);
        let per_address = http.or("connections_per_address", 64, "64", connections);
        http.end();
        Ok(Some(HttpConfig { listen: listen?, connections: most?, connections_per_address: per_address? }))
    }

    fn log(&self) -> Read<LogConfig> {
        let log = self.section("log");
        let json = log.or("format", true, "\"json\" or \"text\"", |word| match word {
            "json" => Some(true),
            "text" => Some(false),
            _ => None,
        });
        let level = log.or("level", "info".to_owned(), "\"info\", or \"info,ticketloom::mail=debug\"", log_filter);
        log.end();
        Ok(LogConfig { json: json?, level: level? })
    }

    fn section(&self, name: &str) -> Section<'a, '_> {
        let table = match self.table.get(name) {
            Some(Value::Table(table)) => Some(table),
            Some(_) => {
                self.mistakes.borrow_mut().push(format!("{name}: is no section; right is [{name}]"));
                None
            }
            None => None,
        };
        Section::new(name, table, self)
    }

    fn no_other_section(&self) {
        for name in self.table.keys().filter(|name| !SECTIONS.contains(&name.as_str())) {
            self.mistakes.borrow_mut().push(format!(
                "{name}: there is no such section{}; there are {}",
                meant(name, SECTIONS.into_iter()),
                SECTIONS.join(", ")
            ));
        }
    }
}
