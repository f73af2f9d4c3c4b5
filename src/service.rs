//! Puts the house together and takes it down again: the record, both adapters, the workers.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::{AbortOnDropHandle, TaskTracker};

use crate::config::Config;
use crate::desk::{Desk, Settings};
use crate::dispatch::{Calling, Door, Reading, Sending, Speaking};
use crate::listen::memory::MailMemory;
use crate::listen::{files, http};
use crate::mail;
use crate::matrix::{ConnectError, Matrix, sync};
use crate::store::jobs::Class;
use crate::store::leader::{Held, Leadership};
use crate::store::presence::{Lease, Presence};
use crate::store::{self, Schema, Store, StoreError};
use crate::telemetry::{self, MatrixSide, Vitals};
use crate::web::{self, Web};
use crate::{gate, objects, webhook, worker};

/// How many jobs of each class are worked on at a time. A room takes 8 to 16 events at a time before
/// Synapse is one core's worth of busy.
const INTAKE_JOBS: usize = 4;
const COMMAND_JOBS: usize = 4;
const CHAT_JOBS: usize = 16;
const MAIL_JOBS: usize = 8;
const WEBHOOK_JOBS: usize = 16;
/// How often what happened is numbered: so late webhooks are told at most.
const NUMBERING: Duration = Duration::from_secs(1);
/// How often an instance shows that it is alive, and looks whether the others are.
const HEARTBEAT: Duration = Duration::from_secs(2);
/// How long that look may take: who shows nothing for 15 s is not there any more.
const LOOK: Duration = Duration::from_secs(8);
/// How long a stop may take before it is as good as a kill.
const GRACE: Duration = Duration::from_secs(25);

/// What is said of a schema of a newer version that this one can't work on.
pub const AHEAD: &str =
    "the database was migrated by a newer ticketloom, and this one can't work on it any more: install the newer one";
/// What is said of one that it can work on.
pub const NEWER: &str = "the database was migrated by a newer ticketloom; this one can work on it while instances are replaced one by one: install the newer one soon";

/// Runs the desk until it is told to stop.
///
/// # Errors
/// If it can't start, or can't go on: the schema is not this version's, a port is taken, the
/// homeserver does not know the bot.
pub async fn run(config: Config) -> anyhow::Result<()> {
    files::ask_for(&config).map_err(anyhow::Error::msg).context("open files")?;
    let store = connect(&config).await?;
    let house = House::new(config, store)?;
    let stop = CancellationToken::new();
    let tasks = TaskTracker::new();
    let (failed, mut failure) = tokio::sync::mpsc::channel::<anyhow::Error>(1);

    // Before anything is sent.
    house.desk.look_where_it_is().await?;
    let presence = house.store.show_presence(house.config.database.url.reveal()).await?;
    // To the very end: what is still under way during a stop is nobody else's.
    let _heartbeat = AbortOnDropHandle::new(tokio::spawn(house.clone().heartbeat(presence)));
    house.serve_pages(&tasks, &stop).await?;
    let memory = MailMemory::of(house.config.desk.mail_memory);
    house.serve_web(&tasks, &stop, &memory).await?;
    house.take_mail(&tasks, &stop, &memory).await?;
    house.work(&tasks, &stop);
    let matrix = house.clone();
    let matrix_stop = stop.clone();
    tasks.spawn(async move {
        if let Err(error) = matrix.matrix_side(&matrix_stop).await {
            let _ = failed.send(error).await;
        }
    });
    let _ = sd_notify::notify(false, &[sd_notify::NotifyState::Ready]);
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "the desk is open");

    let error = tokio::select! {
        () = asked_to_stop() => None,
        error = failure.recv() => error,
    };
    tracing::info!("the desk closes");
    let _ = sd_notify::notify(false, &[sd_notify::NotifyState::Stopping]);
    stop.cancel();
    tasks.close();
    if tokio::time::timeout(GRACE, tasks.wait()).await.is_err() {
        tracing::warn!("some work did not end in time; it is taken up again at the next start");
    }
    house.store.close().await;
    error.map_or(Ok(()), Err)
}

/// The record, its schema checked.
///
/// # Errors
/// If PostgreSQL can't be reached, or the schema is not this version's.
pub async fn connect(config: &Config) -> anyhow::Result<Store> {
    let store = current(Store::connect(config.database.url.reveal(), config.database.connections).await).await?;
    with_objects(config, store)
}

/// The same without limits of time, for what may take long.
///
/// # Errors
/// If PostgreSQL can't be reached, or the schema is not this version's.
pub async fn connect_for_long_work(config: &Config) -> anyhow::Result<Store> {
    let store = Store::connect_for_long_work(config.database.url.reveal(), config.database.connections).await;
    with_objects(config, current(store).await?)
}

fn with_objects(config: &Config, store: Store) -> anyhow::Result<Store> {
    match &config.object_store {
        Some(config) => Ok(store.with_objects(objects::open(config).context("object_store")?)),
        None => Ok(store),
    }
}

async fn current(store: store::Result<Store>) -> anyhow::Result<Store> {
    let store = store.map_err(|error| match error {
        StoreError::NoSession => anyhow::Error::from(error),
        _ => anyhow::Error::from(error).context("PostgreSQL can't be reached; see database.url"),
    })?;
    match store.schema().await? {
        Schema::Current => Ok(store),
        Schema::Newer => {
            tracing::warn!("{NEWER}");
            Ok(store)
        }
        Schema::Behind(missing) => bail!("{missing} migrations are missing: run `ticketloom migrate`"),
        Schema::Ahead => bail!("{AHEAD}"),
    }
}

/// The desk on a record, as the configuration says.
#[must_use]
pub fn desk(config: &Config, store: Store) -> Desk {
    let settings = Settings {
        bot: config.matrix.user.clone(),
        prefix: config.desk.prefix.clone(),
        answer_delay: config.desk.answer_delay,
        burst: config.desk.burst,
        automatic_an_hour: config.desk.automatic_an_hour,
        system_id: config.desk.system_id,
        name: config.desk.name.clone(),
        federate: config.matrix.federate,
        retry_unknown: config.smtp.retry_unknown,
        authserv_id: config.desk.authserv_id.clone(),
        page: config.web.as_ref().map(|web| web.url.as_str().trim_end_matches('/').to_owned()),
    };
    Desk::new(store, Arc::new(mail::compose::MailComposer), settings)
}

/// Has the webhooks told what happens, until it is to stop.
async fn tell_events(desk: Desk, stop: CancellationToken) {
    while !stop.is_cancelled() {
        match desk.tell_events().await {
            Ok(_) => {}
            Err(error) if error.is_passing() => tracing::debug!(%error, "what happened can't be numbered yet"),
            Err(error) => tracing::error!(%error, "what happened can't be numbered"),
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(NUMBERING) => {}
        }
    }
}

#[derive(Clone)]
struct House {
    config: Arc<Config>,
    store: Store,
    desk: Desk,
    transports: Arc<mail::smtp::Transports>,
    receivers: Arc<webhook::Receivers>,
    mailboxes: Vec<mail::imap::Mailbox>,
    side: watch::Sender<MatrixSide>,
}

impl House {
    fn new(config: Config, store: Store) -> anyhow::Result<Self> {
        let accounts = mail::login::Accounts::new(&config.desk.state_dir);
        let transports = Arc::new(mail::smtp::Transports::new(&config, &accounts).map_err(anyhow::Error::msg)?);
        let mailbox = |imap| mail::imap::Mailbox::new(imap, &accounts).map_err(anyhow::Error::msg).context("imap");
        let mailboxes = config.imap.iter().map(mailbox).collect::<Result<_, _>>()?;
        let receivers = webhook::Receivers::new(config.webhooks.allow.clone(), Arc::new(webhook::System));
        let receivers = Arc::new(receivers.map_err(anyhow::Error::msg)?);
        let desk = desk(&config, store.clone());
        let side = watch::Sender::default();
        Ok(Self { config: Arc::new(config), store, desk, transports, receivers, mailboxes, side })
    }

    async fn serve_pages(&self, tasks: &TaskTracker, stop: &CancellationToken) -> anyhow::Result<()> {
        let vitals = Vitals::new(self.store.clone(), self.side.subscribe());
        let Some(config) = &self.config.http else { return Ok(()) };
        let listener = TcpListener::bind(config.listen)
            .await
            .with_context(|| format!("http.listen {} can't be used", config.listen))?;
        let limits = http::limits(config.connections, config.connections_per_address);
        tasks.spawn(http::serve("http", listener, limits, telemetry::pages(vitals), stop.clone()));
        Ok(())
    }

    /// Customers' pages and the API: what the outside may reach, so never on the listener of `/metrics`.
    async fn serve_web(
        &self,
        tasks: &TaskTracker,
        stop: &CancellationToken,
        memory: &MailMemory,
    ) -> anyhow::Result<()> {
        let Some(config) = &self.config.web else { return Ok(()) };
        let listener = TcpListener::bind(config.listen)
            .await
            .with_context(|| format!("web.listen {} can't be used", config.listen))?;
        let limits = http::limits(config.connections, config.connections_per_address);
        let pages = web::routes(Web::new(self.desk.clone(), memory.clone(), config));
        tasks.spawn(http::serve("web", listener, limits, pages, stop.clone()));
        Ok(())
    }

    async fn take_mail(
        &self,
        tasks: &TaskTracker,
        stop: &CancellationToken,
        memory: &MailMemory,
    ) -> anyhow::Result<()> {
        if let Some(lmtp) = &self.config.lmtp {
            let listener = TcpListener::bind(lmtp.listen)
                .await
                .with_context(|| format!("lmtp.listen {} can't be used", lmtp.listen))?;
            let (config, store) = (lmtp.clone(), self.store.clone());
            tasks.spawn(mail::lmtp::serve(listener, config, store, memory.clone(), stop.clone()));
        }
        for mailbox in &self.mailboxes {
            tasks.spawn(mail::imap::run(mailbox.clone(), self.store.clone(), memory.clone(), stop.clone()));
        }
        Ok(())
    }

    /// What every instance does: read what came in, send mail, and tell webhooks.
    fn work(&self, tasks: &TaskTracker, stop: &CancellationToken) {
        let reading = Arc::new(Reading { desk: self.desk.clone(), reader: mail::reader::Reader::apart() });
        let sending = Arc::new(Sending { desk: self.desk.clone(), mailer: Arc::clone(&self.transports) as _ });
        let calling = Arc::new(Calling { desk: self.desk.clone(), caller: Arc::clone(&self.receivers) as _ });
        let queue = || Arc::new(self.store.clone());
        let (mail_queue, webhook_queue) = (self.store.clone(), self.store.clone());
        tasks.spawn(worker::run(queue(), Class::Intake, INTAKE_JOBS, Arc::clone(&reading) as _, stop.clone()));
        tasks.spawn(worker::run(queue(), Class::Command, COMMAND_JOBS, reading, stop.clone()));
        let open = watch::Sender::new(false);
        let is_open = || open.subscribe();
        tasks.spawn(gate::while_open(is_open(), stop.clone(), move |stop| {
            worker::run(Arc::new(mail_queue.clone()), Class::Mail, MAIL_JOBS, Arc::clone(&sending) as _, stop)
        }));
        tasks.spawn(gate::while_open(is_open(), stop.clone(), move |stop| {
            worker::run(Arc::new(webhook_queue.clone()), Class::Webhook, WEBHOOK_JOBS, Arc::clone(&calling) as _, stop)
        }));
        tasks.spawn(gate::watch_sending(self.store.clone(), open, stop.clone()));
        tasks.spawn(tell_events(self.desk.clone(), stop.clone()));
        tasks.spawn(worker::keep_timetable(queue(), stop.clone()));
        if self.config.object_store.is_some() {
            tasks.spawn(objects::tidy(self.store.clone(), stop.clone()));
        }
    }

    /// Shows that this instance is alive, and frees the leases that nobody works on. Only one that is
    /// seen twice in a row counts: an instance whose connection broke is back before that.
    async fn heartbeat(self, presence: Presence) {
        let mut presence = Some(presence);
        let mut seen = HashSet::new();
        loop {
            if let Some(held) = &mut presence
                && !held.holds().await
            {
                presence = None;
            }
            if presence.is_none() {
                presence = self.store.show_presence(self.config.database.url.reveal()).await.ok();
            }
            // Without a presence of its own there is no hurry but to show that again.
            if presence.is_none() {
                seen.clear();
                tokio::time::sleep(HEARTBEAT / 4).await;
                continue;
            }
            let looking = async {
                match self.store.orphans().await {
                    Ok(orphans) => self.release_orphans(&seen, orphans).await,
                    Err(error) => {
                        tracing::debug!(%error, "nobody knows which lanes are in hand");
                        HashSet::new()
                    }
                }
            };
            let found = tokio::time::timeout(LOOK, looking).await.unwrap_or_default();
            seen = found;
            tokio::time::sleep(HEARTBEAT).await;
        }
    }

    async fn release_orphans(&self, seen: &HashSet<Lease>, orphans: HashSet<Lease>) -> HashSet<Lease> {
        let (again, new): (Vec<Lease>, Vec<Lease>) = orphans.into_iter().partition(|orphan| seen.contains(orphan));
        if !again.is_empty() {
            match self.store.release(&again).await {
                Ok(lanes) => tracing::info!(lanes, "what nobody had in hand any more is taken up again"),
                Err(error) => tracing::warn!(%error, "what nobody has in hand could not be taken up again yet"),
            }
        }
        new.into_iter().collect()
    }

    /// What one instance does: the Matrix side, as long as it holds the advisory lock. The others
    /// stand by.
    async fn matrix_side(&self, stop: &CancellationToken) -> anyhow::Result<()> {
        while !stop.is_cancelled() {
            let Some(leadership) = Leadership::win(self.config.database.url.reveal(), stop).await else {
                return Ok(());
            };
            tracing::info!("this instance has the Matrix side");
            let lost = stop.child_token();
            let result = tokio::select! {
                result = self.lead(&lost, leadership.held()) => result,
                () = leadership.lost() => {
                    tracing::warn!("the Matrix side was lost with the connection to PostgreSQL");
                    Ok(())
                }
            };
            lost.cancel();
            self.side.send_replace(MatrixSide::Standby);
            result?;
        }
        Ok(())
    }

    async fn lead(&self, stop: &CancellationToken, held: Held) -> anyhow::Result<()> {
        let Some(matrix) = self.log_in(stop).await? else { return Ok(()) };
        let matrix = matrix.while_held(held.clone());
        self.ask_for_rooms().await;
        let mut synced = matrix.synced();
        let side = self.side.clone();
        side.send_replace(MatrixSide::Active { synced: None });
        let watch = async move {
            while synced.changed().await.is_ok() {
                let at = synced.borrow_and_update().map(std::time::Instant::from);
                side.send_replace(MatrixSide::Active { synced: at });
            }
            std::future::pending::<()>().await;
        };
        let speaking = Arc::new(Speaking { desk: self.desk.clone(), chat: Arc::new(matrix.clone()), held: Some(held) });
        let door = Arc::new(Door { desk: self.desk.clone() });
        let chat = worker::run(Arc::new(self.store.clone()), Class::Chat, CHAT_JOBS, speaking, stop.clone());
        let listen = async {
            match sync::run(matrix, self.store.clone(), door, stop.clone()).await {
                // A stop: what is being said is finished first.
                Ok(()) => std::future::pending().await,
                Err(end) => Err(end).context("the Matrix side ended"),
            }
        };
        tokio::select! {
            () = chat => Ok(()),
            end = listen => end,
            () = watch => Ok(()),
        }
    }

    /// Logs in, however long the homeserver is away; `None` if we are to stop.
    async fn log_in(&self, stop: &CancellationToken) -> anyhow::Result<Option<Matrix>> {
        let mut wait = Duration::from_secs(1);
        loop {
            let connecting = async {
                let encrypts = self.store.has_encrypted_queues().await;
                let encrypts = encrypts.map_err(|error| ConnectError::Later(error.to_string()))?;
                Matrix::connect(&self.config.matrix, &self.config.desk.state_dir, encrypts).await
            };
            let result = tokio::select! {
                () = stop.cancelled() => return Ok(None),
                result = connecting => result,
            };
            match result {
                Ok(matrix) => return Ok(Some(matrix)),
                Err(ConnectError::Never(why)) => bail!("the bot can't log in: {why}"),
                Err(ConnectError::Later(why)) => tracing::warn!(error = why, "the homeserver is away"),
            }
            tokio::select! {
                () = stop.cancelled() => return Ok(None),
                () = tokio::time::sleep(wait) => {}
            }
            wait = (wait * 2).min(Duration::from_secs(15));
        }
    }

    /// The rooms are looked after at each start; a failure here only means that it happens at the next.
    async fn ask_for_rooms(&self) {
        let asked = async {
            let mut tx = self.store.begin().await?;
            crate::desk::rooms::refresh_rooms(&mut tx);
            tx.commit().await
        };
        if let Err(error) = asked.await {
            tracing::warn!(%error, "the rooms were not asked for");
        }
    }
}

async fn asked_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut term), Ok(mut int)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = term.recv() => {}
        _ = int.recv() => {}
    }
}
