//! The mail servers: whom the desk reads from, whom it sends through, and how it logs in there.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::time::Duration;

use toml::Value;

use super::super::{
    ImapConfig, MailLogin, MailProof, MailServer, OAuth2Config, OAuth2Grant, SmtpAccountConfig, SmtpConfig, Tls,
};
use super::form::{absolute, duration, size, text};
use super::section::Section;
use super::{MAX_SIZE, Read, Reader};
use crate::domain::queue::Queue;

/// What `oauth2` may consist of; one of these as a variable is as good as the section.
const OAUTH2: [&str; 8] = [
    "token_url",
    "token_file",
    "client_id",
    "client_secret",
    "client_secret_file",
    "refresh_token",
    "refresh_token_file",
    "scope",
];

impl<'a> Reader<'a> {
    pub(super) fn imap(&self) -> Read<Vec<ImapConfig>> {
        self.entries("imap", |entry| {
            let queue = entry.queue();
            let server = entry.server(993, Tls::Implicit);
            if let Ok(server) = &server
                && server.login.is_none()
            {
                entry.missing("user", "\"support@example.org\", with password_file or oauth2");
            }
            let folder = entry.or("folder", "INBOX".to_owned(), "\"INBOX\"", text);
            let processed = entry.or("processed", "Processed".to_owned(), "\"Processed\"", text);
            if let (Ok(folder), Ok(processed)) = (&folder, &processed)
                && folder == processed
            {
                entry.mistake("processed", "is the folder that is read; right is another one");
            }
            let max_size = entry.or("max_size", MAX_SIZE, "\"25MiB\"", size);
            Ok(ImapConfig {
                queue: queue?,
                server: server?,
                folder: folder?,
                processed: processed?,
                max_size: max_size?,
            })
        })
    }

    pub(super) fn smtp(&self) -> Read<SmtpConfig> {
        let smtp = self.section("smtp");
        let server = smtp.server(587, Tls::Starttls);
        let retry = smtp.or("retry_unknown", Duration::from_mins(15), "\"15min\"", duration);
        smtp.end();
        Ok(SmtpConfig { server: server?, retry_unknown: retry? })
    }

    pub(super) fn smtp_accounts(&self) -> Read<Vec<SmtpAccountConfig>> {
        let named = RefCell::new(BTreeSet::new());
        self.entries("smtp_account", |entry| {
            let queue = entry.queue().and_then(|queue| {
                let is_first = named.borrow_mut().insert(queue.clone());
                let another =
                    || entry.mistake("queue", &format!("{queue:?} has another account; right is one a queue"));
                if is_first { Ok(queue.clone()) } else { Err(another()) }
            });
            let server = entry.server(587, Tls::Starttls);
            Ok(SmtpAccountConfig { queue: queue?, server: server? })
        })
    }

    /// A section that may be there several times, in the file or as variables with numbers (`TICKETLOOM_IMAP_1_HOST`).
    fn entries<T>(&self, name: &str, read: impl Fn(&Section<'a, '_>) -> Read<T>) -> Read<Vec<T>> {
        let entries: &'a [Value] = match self.table.get(name) {
            None => &[],
            Some(Value::Array(entries)) => entries,
            Some(_) => return Err(self.tell(format!("{name}: is a list; right is [[{name}]] with two brackets"))),
        };
        let one = |index: usize| {
            let path = format!("{name}[{}]", index + 1);
            let table = match entries.get(index) {
                None => None,
                Some(Value::Table(table)) => Some(table),
                Some(_) => return Err(self.tell(format!("{path}: is no section; right is [[{name}]]"))),
            };
            let section = Section::new(path, table, self);
            let value = read(&section);
            section.end();
            value
        };
        // Collected twice: every entry is read, also behind a broken one.
        let count = entries.len().max(self.variables.entries(name));
        let all: Vec<Read<T>> = (0..count).map(one).collect();
        all.into_iter().collect()
    }
}

impl Section<'_, '_> {
    fn queue(&self) -> Read<String> {
        self.required("queue", "\"support\", a queue's name", |word| Queue::is_name(word).then(|| word.to_owned()))
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
        let login = self.login();
        Ok(MailServer { host: host?, port: port?, tls: tls?, login: login?, ca_file: ca_file? })
    }

    fn login(&self) -> Read<Option<MailLogin>> {
        let user = self.or("user", None, "\"support@example.org\"", |word| text(word).map(Some));
        let (password, oauth2) = (self.secret("password", "\"…\""), self.oauth2());
        let (user, password, oauth2) = (user?, password?, oauth2?);
        let proof = match (password, oauth2) {
            (Some(_), Some(_)) => {
                return Err(self.mistake("oauth2", "stands beside password; one of them is enough"));
            }
            (Some(password), None) => Some(MailProof::Password(password)),
            (None, oauth2) => oauth2,
        };
        match (user, proof) {
            (Some(user), Some(proof)) => Ok(Some(MailLogin { user, proof })),
            (None, None) => Ok(None),
            (Some(_), None) => {
                Err(self.missing("password_file", "\"/path/of/a/file\" (or oauth2), since there is a user"))
            }
            (None, Some(MailProof::Password(_))) => {
                Err(self.missing("user", "\"support@example.org\", since there is a password"))
            }
            (None, Some(_)) => Err(self.missing("user", "\"support@example.org\", since there is oauth2")),
        }
    }

    /// How an access token is come by; `None` if the account has none.
    fn oauth2(&self) -> Read<Option<MailProof>> {
        let oauth2 = self.child("oauth2")?;
        if oauth2.is_absent(&OAUTH2) {
            return Ok(None);
        }
        let form = "\"https://login.example.org/oauth2/token\"";
        let url = oauth2.or("token_url", None, form, |word| token_url(word).map(Some));
        let client = oauth2.or("client_id", None, "\"…\"", |word| text(word).map(Some));
        let client_secret = oauth2.secret("client_secret", "\"…\"");
        let refresh_token = oauth2.secret("refresh_token", "\"…\"");
        let scope = oauth2.or("scope", None, "\"…\"", |word| text(word).map(Some));
        let file = oauth2.or("token_file", None, "\"/run/example/token\"", |word| absolute(word).map(Some));
        oauth2.end();
        let (url, client, client_secret) = (url?, client?, client_secret?);
        let (refresh_token, scope) = (refresh_token?, scope?);
        if let Some(file) = file? {
            oauth2.notes_secret_file("token_file", &file);
            let is_alone = url.is_none() && client.is_none() && client_secret.is_none() && refresh_token.is_none();
            return if is_alone && scope.is_none() {
                Ok(Some(MailProof::TokenFile(file)))
            } else {
                Err(oauth2.mistake("token_file", "stands beside what asks for a token; one of them is enough"))
            };
        }
        let token_url = url.ok_or_else(|| oauth2.missing("token_url", &format!("{form}, or token_file")));
        let client_id = client.ok_or_else(|| oauth2.missing("client_id", "\"…\""));
        let grant = match (refresh_token, client_secret) {
            (Some(token), client_secret) => Ok(OAuth2Grant::Refresh { token, client_secret }),
            (None, Some(client_secret)) => Ok(OAuth2Grant::Client { client_secret }),
            (None, None) => Err(oauth2.missing(
                "refresh_token_file",
                "\"/path/of/a/file\" (or client_secret_file alone, where the program has rights of its own)",
            )),
        };
        Ok(Some(MailProof::Grant(OAuth2Config { token_url: token_url?, client_id: client_id?, grant: grant?, scope })))
    }
}

/// Secrets go there, so it is https (RFC 6749 §3.2), unless it is on this very machine.
fn token_url(word: &str) -> Option<url::Url> {
    let url = url::Url::parse(word).ok()?;
    let is_here = match url.host()? {
        url::Host::Domain(name) => name == "localhost",
        url::Host::Ipv4(ip) => ip.is_loopback(),
        url::Host::Ipv6(ip) => ip.is_loopback(),
    };
    (url.scheme() == "https" || (url.scheme() == "http" && is_here)).then_some(url)
}
