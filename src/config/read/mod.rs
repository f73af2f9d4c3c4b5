//! Reads the configuration, and tells all its mistakes at once, each with the right form.

#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use toml::{Table, Value};

use super::{
    Config, DatabaseConfig, DeskConfig, HttpConfig, ImapConfig, LmtpConfig, LogConfig, MailLogin, MailServer,
    MatrixConfig, MatrixLogin, Secret, SmtpConfig, Tls,
};
use crate::domain::id::UserId;
use crate::domain::queue::Queue;

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

const SECTIONS: [&str; 8] = ["desk", "database", "matrix", "lmtp", "imap", "smtp", "http", "log"];
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
        let (lmtp, imap, smtp) = (self.lmtp(), self.imap(), self.smtp());
        let (http, log) = (self.http(), self.log());
        Ok(Config {
            desk: desk?,
            database: database?,
            matrix: matrix?,
            lmtp: lmtp?,
            imap: imap?,
            smtp: smtp?,
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

    fn imap(&self) -> Read<Vec<ImapConfig>> {
        let entries = match self.table.get("imap") {
            None => return Ok(Vec::new()),
            Some(Value::Array(entries)) => entries,
            Some(_) => return Err(self.tell("imap: is a list; right is [[imap]] with two brackets".to_owned())),
        };
        let read = |(index, entry): (usize, &'a Value)| {
            let path = format!("imap[{}]", index + 1);
            let Value::Table(table) = entry else {
                return Err(self.tell(format!("{path}: is no section; right is [[imap]]")));
            };
            self.mailbox(&path, table)
        };
        // Collected twice: every entry is read, also behind a broken one.
        let all: Vec<Read<ImapConfig>> = entries.iter().enumerate().map(read).collect();
        all.into_iter().collect()
    }

    fn tell(&self, mistake: String) -> Told {
        self.mistakes.borrow_mut().push(mistake);
        Told
    }

    fn mailbox(&self, path: &str, table: &'a Table) -> Read<ImapConfig> {
        let entry = Section { path: path.to_owned(), table: Some(table), reader: self, asked: RefCell::default() };
        let queue = entry
            .required("queue", "\"support\", a queue's name", |word| Queue::is_name(word).then(|| word.to_owned()));
        let server = entry.server(993, Tls::Implicit);
        if let Ok(server) = &server
            && server.login.is_none()
        {
            entry.missing("user", "\"support@example.org\", with password_file");
        }
        let folder = entry.or("folder", "INBOX".to_owned(), "\"INBOX\"", text);
        let processed = entry.or("processed", "Processed".to_owned(), "\"Processed\"", text);
        if let (Ok(folder), Ok(processed)) = (&folder, &processed)
            && folder == processed
        {
            entry.mistake("processed", "is the folder that is read; right is another one");
        }
        let max_size = entry.or("max_size", MAX_SIZE, "\"25MiB\"", size);
        entry.end();
        Ok(ImapConfig { queue: queue?, server: server?, folder: folder?, processed: processed?, max_size: max_size? })
    }

    fn smtp(&self) -> Read<SmtpConfig> {
        let smtp = self.section("smtp");
        let server = smtp.server(587, Tls::Starttls);
        let retry = smtp.or("retry_unknown", Duration::from_mins(15), "\"15min\"", duration);
        smtp.end();
        Ok(SmtpConfig { server: server?, retry_unknown: retry? })
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
        let level = log.or("level", "info".to_owned(), "\"info\"", |word| {
            word.parse::<tracing_subscriber::filter::EnvFilter>().is_ok().then(|| word.to_owned())
        });
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
        Section { path: name.to_owned(), table, reader: self, asked: RefCell::default() }
    }

    fn no_other_section(&self) {
        for name in self.table.keys().filter(|name| !SECTIONS.contains(&name.as_str())) {
            self.mistakes
                .borrow_mut()
                .push(format!("{name}: there is no such section; there are {}", SECTIONS.join(", ")));
        }
    }
}

/// A section, and what of it was asked for.
struct Section<'a, 'r> {
    path: String,
    table: Option<&'a Table>,
    reader: &'r Reader<'a>,
    asked: RefCell<BTreeSet<String>>,
}

impl Section<'_, '_> {
    /// A value that must be there.
    fn required<T>(&self, key: &str, form: &str, read: impl Fn(&str) -> Option<T>) -> Read<T> {
        match self.word(key, form)? {
            Some(word) => self.understand(key, &word, form, read),
            None => Err(self.missing(key, form)),
        }
    }

    /// A value, or its default.
    fn or<T>(&self, key: &str, default: T, form: &str, read: impl Fn(&str) -> Option<T>) -> Read<T> {
        match self.word(key, form)? {
            Some(word) => self.understand(key, &word, form, read),
            None => Ok(default),
        }
    }

    /// A secret, itself or in a file, if there is one. Never shown in a mistake.
    fn secret(&self, key: &str, form: &str) -> Read<Option<Secret>> {
        let file_key = format!("{key}_file");
        let (word, file) = (self.word(key, form), self.word(&file_key, "\"/path/of/a/file\""));
        match (word?, file?) {
            (Some(_), Some(_)) => Err(self.mistake(&file_key, &format!("stands beside {key}; one of them is enough"))),
            (Some(secret), None) if secret.is_empty() => Err(self.mistake(key, "is empty")),
            (Some(secret), None) => Ok(Some(Secret::new(secret))),
            (None, Some(file)) => self.secret_in(&file_key, &file).map(Some),
            (None, None) => Ok(None),
        }
    }

    fn secret_in(&self, key: &str, file: &str) -> Read<Secret> {
        match std::fs::read_to_string(file) {
            Ok(secret) => match secret.trim_end_matches(['\r', '\n']) {
                "" => Err(self.mistake(key, &format!("{file} is empty"))),
                secret => Ok(Secret::new(secret)),
            },
            Err(error) => Err(self.mistake(key, &format!("{file} can't be read: {error}"))),
        }
    }

    fn server(&self, port: u16, tls: Tls) -> Read<MailServer> {
        let host = self.required("host", "\"mail.example.org\"", text);
        let port = self.or("port", port, "587", |word| word.parse().ok().filter(|port| *port > 0));
        let tls = self.or("tls", tls, "\"starttls\", \"implicit\" or \"none\"", |word| match word {
            "none" => Some(Tls::None),
            "starttls" => Some(Tls::Starttls),
            "implicit" => Some(Tls::Implicit),
            _ => None,
        });
        let ca_file = self.or("ca_file", None, "\"/path/of/ca.pem\", a file that can be read", |word| {
            absolute(word).filter(|path| path.is_file()).map(Some)
        });
        let user = self.or("user", None, "\"support@example.org\"", |word| text(word).map(Some));
        let password = self.secret("password", "\"…\"");
        let login = match (user?, password?) {
            (Some(user), Some(password)) => Some(MailLogin { user, password }),
            (None, None) => None,
            (Some(_), None) => {
                return Err(self.missing("password_file", "\"/path/of/a/file\", since there is a user"));
            }
            (None, Some(_)) => {
                return Err(self.missing("user", "\"support@example.org\", since there is a password"));
            }
        };
        Ok(MailServer { host: host?, port: port?, tls: tls?, login, ca_file: ca_file? })
    }

    fn understand<T>(&self, key: &str, word: &str, form: &str, read: impl Fn(&str) -> Option<T>) -> Read<T> {
        read(word).ok_or_else(|| self.mistake(key, &format!("{word:?} is not right; right is {key} = {form}")))
    }

    /// The value as a word, from the environment or the file; `None` if there is none.
    fn word(&self, key: &str, form: &str) -> Read<Option<String>> {
        self.asked.borrow_mut().insert(key.to_owned());
        if let Some(word) = self.variable(key).and_then(|name| (self.reader.environment)(&name)) {
            return Ok(Some(word));
        }
        match self.table.and_then(|table| table.get(key)) {
            None => Ok(None),
            Some(Value::String(word)) => Ok(Some(word.clone())),
            Some(Value::Integer(number)) => Ok(Some(number.to_string())),
            Some(Value::Boolean(flag)) => Ok(Some(flag.to_string())),
            Some(_) => Err(self.mistake(key, &format!("is not one value; right is {key} = {form}"))),
        }
    }

    /// The variable that stands for a key; the entries of a list have none.
    fn variable(&self, key: &str) -> Option<String> {
        let has_one = !self.path.contains('[');
        has_one.then(|| format!("TICKETLOOM_{}_{}", self.path.to_uppercase(), key.to_uppercase()))
    }

    fn is_absent(&self, keys: &[&str]) -> bool {
        self.table.is_none()
            && keys.iter().all(|key| self.variable(key).and_then(|name| (self.reader.environment)(&name)).is_none())
    }

    fn missing(&self, key: &str, form: &str) -> Told {
        let variable = self.variable(key).map(|name| format!(" (or {name})")).unwrap_or_default();
        self.mistake(key, &format!("is missing; right is {key} = {form}{variable}"))
    }

    fn mistake(&self, key: &str, what: &str) -> Told {
        self.reader.tell(format!("{}.{key}: {what}", self.path))
    }

    /// Tells of keys that nobody asked for: a misspelt one would otherwise be silently without effect.
    fn end(&self) {
        let asked = self.asked.borrow();
        for key in self.table.into_iter().flat_map(Table::keys).filter(|key| !asked.contains(*key)) {
            let known = asked.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
            self.mistake(key, &format!("there is no such key; there are {known}"));
        }
    }
}

fn text(word: &str) -> Option<String> {
    let word = word.trim();
    (!word.is_empty() && !word.contains(char::is_control)).then(|| word.to_owned())
}

fn absolute(word: &str) -> Option<PathBuf> {
    let path = PathBuf::from(word);
    path.is_absolute().then_some(path)
}

fn duration(word: &str) -> Option<Duration> {
    humantime::parse_duration(word).ok()
}

/// Bytes: a number, or one with KiB or MiB.
fn size(word: &str) -> Option<usize> {
    let word = word.trim();
    let (number, unit) = match (word.strip_suffix("MiB"), word.strip_suffix("KiB")) {
        (Some(number), _) => (number, 1 << 20),
        (_, Some(number)) => (number, 1 << 10),
        _ => (word, 1),
    };
    number.trim().parse::<usize>().ok().and_then(|number| number.checked_mul(unit)).filter(|size| *size >= 1 << 10)
}
