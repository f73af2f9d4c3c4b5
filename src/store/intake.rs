//! What arrived: mails and events as they came, once each, committed before anybody is told so.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use super::jobs::{LAST, Lane, Pins, ReadEvent};
use super::{Result, Store, StoreError, Tx};
use crate::domain::id::{ArticleId, EmailAddress, EventId, EventRowId, MailId, QueueId, RoomId, UserId};

/// How a mail came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// By our LMTP listener.
    Lmtp,
    /// Read from a mailbox.
    Imap,
    /// By `ticketloom deliver`.
    Pipe,
    /// From an archive, by `ticketloom import`: whatever comes of it, nothing leaves the house.
    Import,
    /// Written on the ticket's page.
    Page,
}

impl Route {
    const ALL: [Self; 5] = [Self::Lmtp, Self::Imap, Self::Pipe, Self::Import, Self::Page];

    /// The word in the record.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Lmtp => "lmtp",
            Self::Imap => "imap",
            Self::Pipe => "pipe",
            Self::Import => "import",
            Self::Page => "page",
        }
    }

    /// The route of that word.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|route| route.name() == name)
    }

    pub(super) fn rank(self) -> i16 {
        if self == Self::Import { LAST } else { 0 }
    }
}

/// A mail for one recipient, as it came in.
#[derive(Clone, Debug)]
pub struct NewMail {
    /// The queue that the recipient names.
    pub queue: QueueId,
    /// How it came.
    pub route: Route,
    /// The envelope's recipient with its `+` part, or what is known of it.
    pub recipient: String,
    /// The envelope's sender: empty for the null sender, `None` if unknown.
    pub envelope_from: Option<String>,
    /// Its bytes, or its header alone if it is left behind.
    pub raw: Bytes,
    /// Its size in bytes, if it is too large to be taken and stays in its mailbox.
    pub left_behind: Option<usize>,
    /// What makes a redelivery the same mail.
    pub key: DeliveryKey,
}

impl NewMail {
    /// The lane in which it is read.
    pub(super) fn lane(&self) -> Lane {
        match self.route {
            Route::Import => Lane::import(self.queue),
            _ => Lane::mails(self.queue, self.envelope_from.as_deref()),
        }
    }
}

/// What makes a redelivery the same mail (R2, R6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryKey([u8; 32]);

impl DeliveryKey {
    pub(super) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The key's own bytes, for an id that is to be the same for the same mail.
    #[must_use]
    pub fn digest(&self) -> &[u8; 32] {
        &self.0
    }

    /// For LMTP and pipes: a server that did not get our answer sends the identical bytes again.
    #[must_use]
    pub fn of_bytes(recipient: &str, raw: &[u8]) -> Self {
        Self(Sha256::new().chain_update(recipient.to_lowercase()).chain_update([0]).chain_update(raw).finalize().into())
    }

    /// For what was written on a page: the form that it was written in, and what. A form that is sent twice is one mail; one
    /// that was changed in between is another.
    #[must_use]
    pub fn of_form(token: &str, form: &str, content: &[u8; 32]) -> Self {
        let key = Sha256::new().chain_update("page\0").chain_update(token).chain_update([0]).chain_update(form);
        Self(key.chain_update([0]).chain_update(content).finalize().into())
    }

    /// For IMAP: a mail that was only told of, so that it is told of once and can still be taken itself one day.
    #[must_use]
    pub fn of_place_left(account: &str, folder: &str, uid_validity: u32, uid: u32) -> Self {
        Self::of_place(account, &format!("{folder}\0left behind"), uid_validity, uid)
    }

    /// For IMAP: a mail's place, which names it as long as the UIDVALIDITY stands (RFC 9051 §2.3.1.1).
    #[must_use]
    pub fn of_place(account: &str, folder: &str, uid_validity: u32, uid: u32) -> Self {
        let place = format!("imap\0{account}\0{folder}\0{uid_validity}\0{uid}");
        Self(Sha256::digest(place).into())
    }
}

/// What became of an offered mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// It is committed.
    New(MailId),
    /// It was committed before; nothing was done.
    Again,
}

/// An event as it came in.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// The event.
    pub id: EventId,
    /// Its room.
    pub room: RoomId,
    /// Its sender.
    pub sender: UserId,
    /// Its JSON, decrypted.
    pub body: String,
}

/// A message of the bot's own, which shows an article.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The article.
    pub article: ArticleId,
    /// The message.
    pub event: EventId,
    /// Since when, by the homeserver's clock.
    pub at: DateTime<Utc>,
}

/// What a sync told.
#[derive(Clone, Copy, Debug, Default)]
pub struct Heard<'a> {
    /// What people did.
    pub events: &'a [NewEvent],
    /// What the bot's own messages show since.
    pub shown: &'a [Shown],
    /// The rooms where somebody else changed what is pinned.
    pub repinned: &'a [RoomId],
}

impl Store {
    /// The queue that takes mail for an address, whatever its `+` part; archived queues take none.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked: then the mail must be refused for now, not for good.
    pub async fn queue_for_address(&self, address: &EmailAddress) -> Result<Option<QueueId>> {
        let whole = address.key();
        let bare = address.mailbox_key();
        let queue = sqlx::query_scalar!(
            "select queue_id from queue where address_key = any($1) and not archived and intake <> 'none' order by address_key = $2 desc limit 1",
            &[whole.clone(), bare],
            whole,
        )
        .fetch_optional(self.pool())
        .await?;
        Ok(queue.map(QueueId))
    }

    /// The queue of that name that is not archived.
    pub async fn queue_named(&self, name: &str) -> Result<Option<QueueId>> {
        let queue = sqlx::query_scalar!("select queue_id from queue where name = $1 and not archived", name)
            .fetch_optional(self.pool())
            .await?;
        Ok(queue.map(QueueId))
    }

    /// How far a mailbox was read: its UIDVALIDITY and the UID up to which everything is committed.
    pub async fn mailbox(&self, account: &str, folder: &str) -> Result<Option<(u32, u32)>> {
        let row = sqlx::query!(
            "select uid_validity, last_uid from mailbox where account = $1 and folder = $2",
            account,
            folder
        )
        .fetch_optional(self.pool())
        .await?;
        row.map(|row| match (u32::try_from(row.uid_validity), u32::try_from(row.last_uid)) {
            (Ok(validity), Ok(uid)) => Ok((validity, uid)),
            _ => Err(StoreError::Unsound { table: "mailbox", row: account.to_owned(), what: "not 32 bits".to_owned() }),
        })
        .transpose()
    }

    /// Records how far a mailbox was read.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked. Harmless: mails that are read again are found by their keys.
    pub async fn set_mailbox(&self, account: &str, folder: &str, uid_validity: u32, last_uid: u32) -> Result<()> {
        sqlx::query!(
            "insert into mailbox (account, folder, uid_validity, last_uid) values ($1, $2, $3, $4)
             on conflict (account, folder) do update set uid_validity = excluded.uid_validity, last_uid = excluded.last_uid",
            account,
            folder,
            i64::from(uid_validity),
            i64::from(last_uid),
        )
        .execute(self.quick())
        .await?;
        Ok(())
    }

    /// Where the homeserver's sync stands for a device.
    pub async fn sync_cursor(&self, device: &str) -> Result<Option<String>> {
        Ok(sqlx::query_scalar!("select since from sync_cursor where device = $1", device)
            .fetch_optional(self.pool())
            .await?)
    }

    /// Commits events with the jobs to read them, and the cursor behind them, all or none. Events
    /// that are known already are passed over. Returns how many were new.
    ///
    /// # Errors
    /// If it is not certain that they are committed: then the same call must be made again.
    pub async fn accept_events(&self, device: &str, since: Option<&str>, heard: Heard<'_>) -> Result<usize> {
        let mut tx = self.begin().await?;
        tx.articles().set_shown(heard.shown).await?;
        let mut new = 0;
        for event in heard.events {
            new += usize::from(tx.accept_event(event).await?);
        }
        for room in heard.repinned {
            tx.enqueue(Pins { room: room.clone() });
        }
        if let Some(since) = since {
            sqlx::query!(
                "insert into sync_cursor (device, since) values ($1, $2)
                 on conflict (device) do update set since = excluded.since, moved_at = now()",
                device,
                since,
            )
            .execute(tx.connection())
            .await?;
        }
        crate::crash::point("sync.before_commit");
        tx.commit().await?;
        crate::crash::point("sync.after_commit");
        Ok(new)
    }

    /// Which of these events are stored already, for stopping a walk back through a room's history.
    pub async fn known_events(&self, events: &[String]) -> Result<Vec<String>> {
        Ok(sqlx::query_scalar!("select event_id from event_in where event_id = any($1)", events)
            .fetch_all(self.pool())
            .await?)
    }

    /// When this database became a desk: what was said before was not said to it.
    pub async fn began_at(&self) -> Result<DateTime<Utc>> {
        Ok(sqlx::query_scalar!("select created_at from desk").fetch_one(self.pool()).await?)
    }

    /// The rooms whose events are ours: queues, direct rooms with agents, the Space.
    pub async fn our_rooms(&self) -> Result<Vec<RoomId>> {
        let rooms = sqlx::query_scalar!("select room_id as \"room!\" from room union select room_id from former_room")
            .fetch_all(self.pool())
            .await?;
        Ok(rooms.iter().filter_map(|room| RoomId::parse(room)).collect())
    }
}

impl Tx {
    async fn accept_event(&mut self, event: &NewEvent) -> Result<bool> {
        let now = self.now();
        if mutant!("events_come_again") {
            let known = "select event_row_id from event_in where event_id = $1";
            let known = sqlx::query_scalar(known).bind(event.id.as_str()).fetch_optional(self.connection()).await?;
            if let Some(id) = known {
                self.enqueue_in(Lane::events(&event.room), ReadEvent { event: EventRowId(id) });
                return Ok(true);
            }
        }
        let id = sqlx::query_scalar!(
            "insert into event_in (event_id, room_id, sender, body, received_at) values ($1, $2, $3, $4, $5)
             on conflict (event_id) do nothing returning event_row_id",
            event.id.as_str(),
            event.room.as_str(),
            event.sender.as_str(),
            event.body.replace('\0', "\u{fffd}"),
            now,
        )
        .fetch_optional(self.connection())
        .await?;
        let Some(id) = id else { return Ok(false) };
        self.enqueue_in(Lane::events(&event.room), ReadEvent { event: EventRowId(id) });
        Ok(true)
    }
}
