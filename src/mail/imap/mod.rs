//! Reads a mailbox into a queue (IMAP with IDLE: RFC 9051, RFC 2177).
//!
//! A mail is committed first and moved to the folder of the processed ones afterwards, so a crash
//! in between only makes it be found, known, and moved (R6). Everything that lies in the folder is
//! looked at in every round, whatever its UID: nothing hangs on UIDs growing in order. What can't be
//! read stays where it is, is reported once, and holds up nobody.

mod order;
mod session;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use self::order::{Listed, in_turn};
use self::session::{Broken, Session};
use super::login::{Accounts, Login};
use super::{parse, wire};
use crate::config::ImapConfig;
use crate::crash;
use crate::domain::id::{EmailAddress, QueueId};
use crate::listen::memory::MailMemory;
use crate::store::Store;
use crate::store::intake::{DeliveryKey, NewMail, Route};

/// How long we wait between two connections, growing.
const BACK_OFF: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));
/// How long we wait for the server's word before we look into the folder ourselves. Less than the 9
/// minutes after which home routers forget a silent connection.
const SWEEP: Duration = Duration::from_mins(4);
/// How many mails are taken until we look who else has written: so many take about a second.
const ROUND: usize = 50;
/// How many mails the server is asked about at a time.
const ASKED: usize = 100;
/// How often a mail may break the connection before it is passed over.
const TRIES: u32 = 3;
/// How long it is passed over then; the network may have been to blame.
const LEFT_ALONE: Duration = Duration::from_hours(1);
/// How long a mail that is too large is passed over.
const FOR_GOOD: Duration = Duration::from_hours(24 * 365);

/// A mailbox, and our account there.
#[derive(Clone, Debug)]
pub struct Mailbox {
    config: ImapConfig,
    login: Arc<Login>,
}

impl Mailbox {
    /// Knows the server; connects to nobody yet.
    ///
    /// # Errors
    /// If there is no login, or the system's certificates can't be read.
    pub fn new(config: &ImapConfig, accounts: &Accounts) -> Result<Self, String> {
        let login = config.server.login.as_ref().ok_or("no user and password")?;
        Ok(Self { config: config.clone(), login: Arc::new(accounts.login(login)?) })
    }

    async fn open(&self) -> Result<Session, String> {
        let trust = wire::trust(&self.config.server)?;
        Session::open(&self.config, &self.login, &trust).await.map_err(|broken| broken.0)
    }
}

/// Reads the mailbox until it is cancelled, whatever happens to the server or to PostgreSQL.
pub async fn run(mailbox: Mailbox, store: Store, room: MailMemory, cancel: CancellationToken) {
    let config = &mailbox.config;
    let mut memory = Memory::default();
    let mut pause = BACK_OFF.0;
    while !cancel.is_cancelled() {
        let started = Instant::now();
        // In a task of its own, so that a panic in the protocol's parser is a lost connection too.
        let task =
            tokio::spawn(connection(mailbox.clone(), store.clone(), room.clone(), cancel.clone(), memory.clone()));
        let mut task = tokio_util::task::AbortOnDropHandle::new(task);
        let ended = tokio::select! {
            ended = &mut task => ended,
            () = stopping(&cancel) => return,
        };
        let why = match ended {
            Ok((kept, Ok(()))) => {
                memory = kept;
                continue;
            }
            Ok((kept, Err(why))) => {
                memory = kept;
                why
            }
            Err(_) => "the protocol's parser failed".to_owned(),
        };
        if let Some(uid) = memory.blame() {
            error!(queue = %config.queue, uid, "IMAP: a mail can't be fetched; it stays in the folder");
        }
        if started.elapsed() > BACK_OFF.1 * 2 {
            pause = BACK_OFF.0;
        }
        warn!(queue = %config.queue, %why, "IMAP: connecting again in {} s", pause.as_secs());
        tokio::select! {
            () = cancel.cancelled() => {}
            () = tokio::time::sleep(pause) => {}
        }
        pause = (pause * 2).min(BACK_OFF.1);
    }
}

/// A while after the cancellation: what is in progress may end.
async fn stopping(cancel: &CancellationToken) {
    cancel.cancelled().await;
    tokio::time::sleep(Duration::from_secs(20)).await;
}

/// Connects, logs in, opens the folder and asks for IDLE.
///
/// # Errors
/// A sentence that names the step that failed.
pub async fn check(mailbox: &Mailbox) -> Result<(), String> {
    let mut session = mailbox.open().await?;
    session.select(&mailbox.config.folder).await.map_err(|broken| broken.0)?;
    let able = session.can_idle();
    session.leave().await;
    if able {
        Ok(())
    } else {
        Err("the server can't tell of new mail (no IDLE): it is looked for every 4 minutes".to_owned())
    }
}

/// What one run of the desk knows about a mailbox.
#[derive(Clone, Default)]
struct Memory {
    uid_validity: u32,
    /// UIDs that stay in the folder and are reported already, and until when they are left alone.
    left: HashMap<u32, Instant>,
    /// UIDs that are committed but could not be moved.
    committed: HashSet<u32>,
    /// How often a UID broke the connection.
    failures: HashMap<u32, u32>,
    /// What the server said of mails that wait for their turn.
    listed: HashMap<u32, Listed>,
    /// The UID that is being fetched, 0 for none; shared, so that it outlives a panic.
    fetching: Arc<AtomicU32>,
}

impl Memory {
    /// Remembers which mail was being fetched when the connection broke. Whether it is given up for
    /// now, with its UID.
    fn blame(&mut self) -> Option<u32> {
        let uid = self.fetching.swap(0, Ordering::Relaxed);
        if uid == 0 {
            return None;
        }
        let failures = self.failures.entry(uid).or_default();
        *failures += 1;
        (*failures >= TRIES).then(|| {
            self.left.insert(uid, Instant::now() + LEFT_ALONE);
            uid
        })
    }

    fn is_left(&self, uid: u32) -> bool {
        self.left.get(&uid).is_some_and(|until| Instant::now() < *until)
    }
}

/// One connection. Returns when it is cancelled or broken.
async fn connection(
    mailbox: Mailbox,
    store: Store,
    room: MailMemory,
    cancel: CancellationToken,
    mut memory: Memory,
) -> (Memory, Result<(), String>) {
    let result = attend(&mailbox, &store, &room, &cancel, &mut memory).await;
    (memory, result)
}

async fn attend(
    mailbox: &Mailbox,
    store: &Store,
    room: &MailMemory,
    cancel: &CancellationToken,
    memory: &mut Memory,
) -> Result<(), String> {
    let config = &mailbox.config;
    let mut session = mailbox.open().await?;
    let mut round = Round::begin(config, (store, room), memory, &mut session).await?;
    info!(queue = %config.queue, "IMAP: reading the mailbox");
    while !cancel.is_cancelled() {
        session.forget_news();
        let is_all = round.look(cancel, memory, &mut session).await?;
        if cancel.is_cancelled() {
            break;
        }
        if !is_all {
            continue;
        }
        session = session.wait(SWEEP, cancel).await.map_err(|broken| broken.0)?;
    }
    session.leave().await;
    Ok(())
}

/// What all looks into one folder share.
struct Round<'a> {
    config: &'a ImapConfig,
    store: &'a Store,
    /// The memory for mails under way.
    room: &'a MailMemory,
    queue: QueueId,
    account: String,
    uid_validity: u32,
    last_uid: u32,
    /// Whether the folder of the processed mails is known to be there.
    has_processed: bool,
}

impl<'a> Round<'a> {
    async fn begin(
        config: &'a ImapConfig,
        (store, room): (&'a Store, &'a MailMemory),
        memory: &mut Memory,
        session: &mut Session,
    ) -> Result<Self, String> {
        let found = store.queue_named(&config.queue).await.map_err(|error| error.to_string())?;
        let queue = found.ok_or_else(|| format!("there is no queue {:?}", config.queue))?;
        let user = config.server.login.as_ref().map_or("", |login| login.user.as_str());
        let account = format!("{user}@{}:{}", config.server.host, config.server.port);
        let uid_validity = session.select(&config.folder).await.map_err(|broken| broken.0)?;
        let known = store.mailbox(&account, &config.folder).await.map_err(|error| error.to_string())?;
        if known.is_some_and(|(validity, _)| validity != uid_validity) {
            warn!(queue = %config.queue, "IMAP: the mailbox was renumbered; what is in it is read again");
        }
        if memory.uid_validity != uid_validity {
            let fetching = Arc::clone(&memory.fetching);
            *memory = Memory { uid_validity, fetching, ..Memory::default() };
        }
        let last_uid = known.filter(|(validity, _)| *validity == uid_validity).map_or(0, |(_, uid)| uid);
        Ok(Self { config, store, room, queue, account, uid_validity, last_uid, has_processed: false })
    }

    /// Takes what is in the folder and not known to stay there, some of it: one of each sender first, so that a thousand
    /// mails of one of them are not before the one of another. Whether that was all.
    async fn look(
        &mut self,
        cancel: &CancellationToken,
        memory: &mut Memory,
        session: &mut Session,
    ) -> Result<bool, String> {
        let uids = session.uids().await.map_err(|broken| broken.0)?;
        let new: Vec<u32> = uids.into_iter().filter(|uid| !memory.is_left(*uid)).collect();
        let highest = new.last().copied().unwrap_or(0).max(self.last_uid);
        let unknown: Vec<u32> = new.iter().copied().filter(|uid| !memory.listed.contains_key(uid)).collect();
        for some in unknown.chunks(ASKED) {
            memory.listed.extend(session.listed(some).await.map_err(|broken| broken.0)?);
        }
        // What broke the connection before comes last, so that it holds up nobody.
        let failures = |uid: u32| memory.failures.get(&uid).copied().unwrap_or(0);
        let turns = in_turn(new.iter().filter_map(|uid| Some((*uid, failures(*uid), memory.listed.get(uid)?))));
        for &(uid, size) in turns.iter().take(ROUND) {
            if cancel.is_cancelled() {
                return Ok(false);
            }
            self.take(uid, size, memory, session).await?;
            memory.listed.remove(&uid);
        }
        if turns.len() > ROUND {
            return Ok(false);
        }
        // Gone in the meantime: another instance of the desk took them.
        memory.listed.clear();
        if highest != self.last_uid || self.last_uid == 0 {
            self.last_uid = highest;
            let noted = self.store.set_mailbox(&self.account, &self.config.folder, self.uid_validity, highest).await;
            noted.map_err(|error| error.to_string())?;
        }
        Ok(true)
    }

    /// Commits one mail and moves it away.
    async fn take(&mut self, uid: u32, size: usize, memory: &mut Memory, session: &mut Session) -> Result<(), String> {
        if size > self.config.max_size {
            return self.tell_of(uid, size, memory, session).await;
        }
        if !memory.committed.contains(&uid) {
            let _room = self.room.wait_for(size).await;
            memory.fetching.store(uid, Ordering::Relaxed);
            let raw = session.body(uid).await.map_err(|broken| broken.0)?;
            memory.fetching.store(0, Ordering::Relaxed);
            // Gone in the meantime.
            let Some(raw) = raw else { return Ok(()) };
            let key = DeliveryKey::of_place(&self.account, &self.config.folder, self.uid_validity, uid);
            if mutant!("moved_before_commit") {
                self.put_away(uid, session).await.map_err(|broken| broken.0)?;
            }
            self.commit(raw, None, key).await?;
            memory.committed.insert(uid);
        }
        self.put_away(uid, session).await.map_err(|broken| broken.0)?;
        memory.committed.remove(&uid);
        crash::point("imap.after_move");
        Ok(())
    }

    /// Has a mail that is too large shown in quarantine, with its header; it stays in the folder (R12).
    async fn tell_of(&self, uid: u32, size: usize, memory: &mut Memory, session: &mut Session) -> Result<(), String> {
        error!(queue = %self.config.queue, uid, size, "IMAP: a mail is too large; it stays in the folder");
        memory.fetching.store(uid, Ordering::Relaxed);
        let header = session.header(uid).await.map_err(|broken| broken.0)?;
        memory.fetching.store(0, Ordering::Relaxed);
        if let Some(header) = header {
            let key = DeliveryKey::of_place_left(&self.account, &self.config.folder, self.uid_validity, uid);
            self.commit(header, Some(size), key).await?;
        }
        memory.left.insert(uid, Instant::now() + FOR_GOOD);
        Ok(())
    }

    async fn commit(&self, raw: Vec<u8>, left_behind: Option<usize>, key: DeliveryKey) -> Result<(), String> {
        let trace = parse::trace::trace(&raw);
        let user = self.config.server.login.as_ref().map_or("", |login| login.user.as_str());
        let recipient = self.recipient(&trace.delivered_to).await?;
        let recipient = recipient.as_ref().map_or(user, EmailAddress::as_str);
        let mail = NewMail {
            queue: self.queue,
            route: Route::Imap,
            recipient: recipient.to_owned(),
            envelope_from: trace.return_path,
            raw: raw.into(),
            left_behind,
            key,
        };
        crash::point("imap.before_commit");
        self.store.accept_mails(vec![mail]).await.map_err(|error| error.to_string())?;
        crash::point("imap.after_commit");
        Ok(())
    }

    /// The address that the delivering server noted, if it is one of the queue's.
    async fn recipient(&self, noted: &[EmailAddress]) -> Result<Option<EmailAddress>, String> {
        for address in noted.iter().take(10) {
            let queue = self.store.queue_for_address(address).await.map_err(|error| error.to_string())?;
            if queue == Some(self.queue) {
                return Ok(Some(address.clone()));
            }
        }
        Ok(None)
    }

    async fn put_away(&mut self, uid: u32, session: &mut Session) -> Result<(), Broken> {
        if !self.has_processed {
            session.ensure_folder(&self.config.processed).await?;
            self.has_processed = true;
        }
        session.move_away(uid, &self.config.processed).await
    }
}

#[cfg(test)]
mod tests;
