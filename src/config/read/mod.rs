//! Reads the configuration, and tells all its mistakes at once, each with the right form.

mod form;
mod mail;
mod section;
#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::fmt;
use std::net::SocketAddr;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use toml::{Table, Value};

use self::form::{absolute, duration, log_filter, size, text};
use self::section::Section;
use super::{Config, DatabaseConfig, DeskConfig, HttpConfig, LmtpConfig, LogConfig, MatrixConfig, MatrixLogin};
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

/// Looks a variable up; the process' environment, or a test's.
pub type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

impl Config {
    /// Reads a file and the environment over it: `section.key` is `TICKETLOOM_SECTION_KEY`.
    ///
    /// # Errors
    /// All [`Mistakes`] at once.
    pub fn load(file: &Path, environment: Environment<'_>) -> Result<Self, Mistakes> {
        let text = std::fs::read_to_string(file)
            .map_err(|error| Mistakes(vec![format!("{}: {error}; name another file with --config", file.display())]))?;
        Self::parse(&text, environment)
    }

    /// Reads the text of a file and the environment over it.
    ///
    /// # Errors
    /// All [`Mistakes`] at once.
    pub fn parse(text: &str, environment: Environment<'_>) -> Result<Self, Mistakes> {
        let table: Table =
            text.parse().map_err(|error: toml::de::Error| Mistakes(vec![error.to_string().trim().to_owned()]))?;
        let mistakes = RefCell::new(Vec::new());
        let reader = Reader { table: &table, environment, mistakes: &mistakes };
        let config = reader.config();
        reader.no_other_section();
        match (config, mistakes.into_inner()) {
            (Ok(config), mistakes) if mistakes.is_empty() => Ok(config),
            (_, mistakes) => Err(Mistakes(mistakes)),
        }
    }
}

/// A mistake that has been told already.
#[derive(Clone, Copy, Debug)]
struct Told;

type Read<T> = Result<T, Told>;

const SECTIONS: [&str; 9] = ["desk", "database", "matrix", "lmtp", "imap", "smtp", "smtp_account", "http", "log"];
/// 25 MiB, what most mail servers take.
const MAX_SIZE: usize = 25 << 20;
/// One every 18 seconds: more new tickets than people can answer, and less mail than would get a server onto a
/// list of spammers when all of their senders were forged.
const AUTOMATIC: u16 = 200;

struct Reader<'a> {
    table: &'a Table,
    environment: Environment<'a>,
    mistakes: &'a RefCell<Vec<String>>,
}

impl<'a> Reader<'a> {
    /// Reads every section before it gives up, so that every mistake is told.
    fn config(&self) -> Read<Config> {
        let (desk, database, matrix) = (self.desk(), self.database(), self.matrix());
        let (lmtp, imap, smtp, smtp_accounts) = (self.lmtp(), self.imap(), self.smtp(), self.smtp_accounts());
        let (http, log) = (self.http(), self.log());
        Ok(Config {
            desk: desk?,
            database: database?,
            matrix: matrix?,
            lmtp: lmtp?,
            imap: imap?,
            smtp: smtp?,
            smtp_accounts: smtp_accounts?,
            http: http?,
            log: log?,
        })
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
        let federate = matrix.or("federate", false, "false or true", |word| word.parse().ok());
        matrix.end();
        Ok(MatrixConfig { homeserver: homeserver?, user: user?, login: login?, federate: federate? })
    }

    /// `None`: not configured.
    fn lmtp(&self) -> Read<Option<LmtpConfig>> {
        let lmtp = self.section("lmtp");
        if lmtp.is_absent(&["listen"]) {
            return Ok(None);
        }
        let listen = lmtp.required("listen", "\"127.0.0.1:2400\"", |word| SocketAddr::from_str(word).ok());
        let max_size = lmtp.or("max_size", MAX_SIZE, "\"25MiB\"", size);
        let connections = lmtp.or("connections", 64, "64", |word| word.parse().ok().filter(|most| *most > 0));
        lmtp.end();
        Ok(Some(LmtpConfig { listen: listen?, max_size: max_size?, connections: connections? }))
    }

    fn tell(&self, mistake: String) -> Told {
        self.mistakes.borrow_mut().push(mistake);
        Told
    }

    fn http(&self) -> Read<Option<HttpConfig>> {
        let http = self.section("http");
        if http.is_absent(&["listen"]) {
            return Ok(None);
        }
        let listen = http.required("listen", "\"127.0.0.1:8080\"", |word| SocketAddr::from_str(word).ok());
        http.end();
        Ok(Some(HttpConfig { listen: listen? }))
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
            self.mistakes
                .borrow_mut()
                .push(format!("{name}: there is no such section; there are {}", SECTIONS.join(", ")));
        }
    }
}
