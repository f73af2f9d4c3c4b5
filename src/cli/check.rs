//! `ticketloom check`: looks at everything the configuration names, and says how to mend what is wrong.

use std::fmt::Write;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use ticketloom::config::{Config, ImapConfig, MailServer, ObjectStoreConfig, Readers};
use ticketloom::domain::queue::{Intake, Queue};
use ticketloom::listen::files;
use ticketloom::mail::login::Accounts;
use ticketloom::matrix::Matrix;
use ticketloom::store::{Schema, Store};
use ticketloom::webhook::{Receivers, System};
use ticketloom::{mail, objects, service};

use super::reach::{self, Found};
use super::{print, world_readable};

/// What was looked at, and what was found.
#[derive(Default)]
struct Findings {
    text: String,
    wrong: usize,
}

impl Findings {
    fn good(&mut self, what: &str) {
        let _ = writeln!(self.text, "ok    {what}");
    }

    /// Not wrong, and not looked at either.
    fn later(&mut self, what: &str, why: &str) {
        let _ = writeln!(self.text, "--    {what}: {why}");
    }

    fn bad(&mut self, what: &str, why: &str) {
        self.wrong += 1;
        let _ = writeln!(self.text, "WRONG {what}: {why}");
    }

    fn note(&mut self, what: &str, result: Result<(), String>) {
        match result {
            Ok(()) => self.good(what),
            Err(why) => self.bad(what, &why),
        }
    }
}

pub(super) async fn check(config: &Config, file: &Path) -> anyhow::Result<ExitCode> {
    let mut findings = Findings::default();
    findings.good("configuration");
    secrets(config, file, &mut findings);
    beliefs(config, &mut findings);
    findings.note("open files", files::check(config));
    let store = database(config, &mut findings).await;
    let accounts = Accounts::new(&config.desk.state_dir);
    findings.note("smtp: connection, TLS and login", smtp(&config.smtp.server, &accounts).await);
    for account in &config.smtp_accounts {
        let what = format!("smtp_account for queue {}: connection, TLS and login", account.queue);
        findings.note(&what, smtp(&account.server, &accounts).await);
    }
    for mailbox in &config.imap {
        let what = format!("imap for queue {}: connection, TLS, login, folder and IDLE", mailbox.queue);
        findings.note(&what, imap(mailbox, &accounts).await);
    }
    if let Some(lmtp) = &config.lmtp {
        findings.note(&format!("lmtp listener at {}", lmtp.listen), lmtp_port(lmtp.listen).await);
    }
    if let Some(store) = &config.object_store {
        findings.note("object store: put, read and delete", object_store(store).await);
    }
    if let Some(web) = &config.web {
        for (what, found) in reach::look(web).await {
            match found {
                Found::Good => findings.good(&what),
                Found::Later(why) => findings.later(&what, &why),
                Found::Wrong(why) => findings.bad(&what, &why),
            }
        }
    }
    if let Some(store) = store {
        if store.is_sending_paused().await? {
            findings.later(
                "sending",
                "is paused: `ticketloom sending` shows what waits, `ticketloom sending --resume` goes on",
            );
        }
        queues(config, &store, &mut findings).await;
        webhooks(config, &store, &mut findings).await;
        matrix(config, store, &mut findings).await;
    }
    print(&findings.text)?;
    Ok(if findings.wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn object_store(config: &ObjectStoreConfig) -> Result<(), String> {
    let objects = objects::open(config).map_err(|error| error.to_string())?;
    objects.check().await.map_err(|error| format!("{error}; see object_store.endpoint, bucket and access_key_id"))
}

/// Whether each webhook may be called, and takes what it is told. Nothing is called for that.
async fn webhooks(config: &Config, store: &Store, findings: &mut Findings) {
    let all = async { store.begin().await?.webhooks().all().await };
    let all = match all.await {
        Ok(all) => all,
        Err(error) => return findings.bad("webhooks", &error.to_string()),
    };
    let receivers = Receivers::new(config.webhooks.allow.clone(), Arc::new(System));
    for webhook in all {
        let id = webhook.id;
        let what = format!("webhook {id}");
        let may = match &receivers {
            Ok(receivers) => receivers.would_call(&webhook.url).await,
            Err(why) => Err(why.clone()),
        };
        match (may, webhook.disabled, webhook.failing_since, webhook.last) {
            (_, Some((_, why)), ..) => {
                findings
                    .bad(&what, &format!("it is disabled: {why}; `ticketloom webhook enable {id}`, or `remove {id}`"));
            }
            (Err(why), ..) => findings.bad(&what, &why),
            (Ok(()), None, Some(since), Some((result, _))) => {
                findings
                    .bad(&what, &format!("it takes nothing since {}: {result}", since.format("%Y-%m-%d %H:%M UTC")));
            }
            _ => findings.good(&what),
        }
    }
}

/// Who can read the secrets besides the desk.
fn secrets(config: &Config, file: &Path, findings: &mut Findings) {
    let what = "files with secrets";
    let mut is_good = true;
    for mistake in config.secret_files.iter().filter_map(world_readable) {
        findings.bad(what, &mistake);
        is_good = false;
    }
    for file in config.secret_files.iter().filter(|file| file.readers == Readers::Group) {
        let (key, path) = (&file.key, file.path.display());
        findings
            .later(what, &format!("{key}: the group of {path} can read it; right if only the desk is in that group"));
        is_good = false;
    }
    if config.has_secrets_of_its_own && Readers::of(file) == Readers::World {
        let path = file.display();
        findings.later(what, &format!("{path} has secrets in it, and everybody can read it; `chmod o-rwx {path}`"));
        is_good = false;
    }
    if is_good {
        findings.good(what);
    }
}

/// What a sender's address is worth.
fn beliefs(config: &Config, findings: &mut Findings) {
    if config.desk.authserv_id.is_some() {
        return findings.good("desk.authserv_id");
    }
    findings.later(
        "desk.authserv_id",
        "is not set, so a sender is who the mail says: whoever writes as a customer with the number of their ticket in \
         the subject joins it. Name the mail server of yours that checks SPF, DKIM and DMARC",
    );
}

async fn database(config: &Config, findings: &mut Findings) -> Option<Store> {
    let store = match Store::connect(config.database.url.reveal(), 4).await {
        Ok(store) => store,
        Err(error) => {
            findings.bad("database", &format!("{error}; see database.url"));
            return None;
        }
    };
    findings.good("database: connection");
    match store.schema().await {
        Ok(Schema::Current) => {
            findings.good("database: schema");
            return Some(store);
        }
        Ok(Schema::Behind(missing)) => {
            findings.bad("database: schema", &format!("{missing} migrations are missing; run `ticketloom migrate`"));
        }
        Ok(Schema::Newer) => {
            findings.later("database: schema", service::NEWER);
            return Some(store);
        }
        Ok(Schema::Ahead) => findings.bad("database: schema", service::AHEAD),
        Err(error) => findings.bad("database: schema", &error.to_string()),
    }
    None
}

async fn smtp(server: &MailServer, accounts: &Accounts) -> Result<(), String> {
    mail::smtp::Smtp::new(server, accounts)?.check().await
}

async fn imap(config: &ImapConfig, accounts: &Accounts) -> Result<(), String> {
    mail::imap::check(&mail::imap::Mailbox::new(config, accounts)?).await
}

/// Either the running desk answers there, or the port is free for it.
async fn lmtp_port(address: std::net::SocketAddr) -> Result<(), String> {
    if tokio::net::TcpStream::connect(address).await.is_ok() {
        return Ok(());
    }
    tokio::net::TcpListener::bind(address).await.map(drop).map_err(|error| format!("{error}; see lmtp.listen"))
}

async fn queues(config: &Config, store: &Store, findings: &mut Findings) {
    let queues = match store.begin().await {
        Ok(mut tx) => tx.queues().all().await.unwrap_or_default(),
        Err(_) => Vec::new(),
    };
    if queues.is_empty() {
        findings.bad("queues", "there are none; `ticketloom queue add support support@example.org` adds one");
    }
    for queue in queues.iter().filter(|queue| !queue.archived) {
        way_in(config, queue, findings);
    }
    let is_there = |name: &str| queues.iter().any(|queue| queue.name == name);
    for name in config.imap.iter().map(|imap| &imap.queue).filter(|name| !is_there(name)) {
        let mend = format!("`ticketloom queue add {name} ADDRESS --intake imap` adds it");
        findings.bad("imap", &format!("there is no queue {name}; {mend}"));
    }
    for name in config.smtp_accounts.iter().map(|account| &account.queue).filter(|name| !is_there(name)) {
        let mend = format!("`ticketloom queue add {name} ADDRESS` adds it");
        findings.bad("smtp_account", &format!("there is no queue {name}; {mend}"));
    }
}

/// Whether a queue's mail can come in the way the queue says.
fn way_in(config: &Config, queue: &Queue, findings: &mut Findings) {
    let is_read = config.imap.iter().any(|imap| imap.queue == queue.name);
    let (name, what) = (&queue.name, format!("queue {}: mail in", queue.name));
    match queue.intake {
        Intake::Imap if !is_read => {
            let mend = format!("no [[imap]] names it; add one, or `ticketloom queue set {name} --intake lmtp`");
            findings.bad(&what, &mend);
        }
        Intake::Lmtp | Intake::None if is_read => {
            findings.bad(&what, &format!("an [[imap]] names it; `ticketloom queue set {name} --intake imap`"));
        }
        Intake::Lmtp if config.lmtp.is_none() => {
            findings.later(&what, "there is no [lmtp] listener: only `ticketloom deliver` brings it mail");
        }
        _ => findings.good(&what),
    }
}

/// The Matrix side is one process' at a time: while a desk runs, its session is not taken up again.
async fn matrix(config: &Config, store: Store, findings: &mut Findings) {
    let desk = service::desk(config, store.clone());
    if !store.matrix_side_is_free().await.unwrap_or(false) {
        findings.later(
            "matrix",
            "not looked at, since a running desk has the session; stop it to have login and rooms checked",
        );
        return;
    }
    let encrypts = match store.has_encrypted_queues().await {
        Ok(encrypts) => encrypts,
        Err(error) => return findings.bad("matrix", &error.to_string()),
    };
    let matrix = match Matrix::connect(&config.matrix, &config.desk.state_dir, encrypts).await {
        Ok(matrix) => matrix,
        Err(error) => return findings.bad("matrix: login", &error.to_string()),
    };
    findings.good("matrix: login");
    match desk.room_drift(&matrix).await {
        Ok(drift) if drift.is_empty() => findings.good("matrix: rooms, members and power levels"),
        Ok(drift) if matches!(drift.as_slice(), [only] if only.starts_with("the Space is not made yet")) => {
            findings.later("matrix: rooms", "none are made yet; `ticketloom run` makes them at its first start");
        }
        Ok(drift) => drift.iter().for_each(|what| findings.bad("matrix: rooms", what)),
        Err(error) => findings.bad("matrix: rooms", &error.to_string()),
    }
}
