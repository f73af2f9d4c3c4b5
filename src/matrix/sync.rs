//! What the homeserver tells us: read by one loop, committed before anybody acts on it.
//!
//! Classic `/v3/sync` with our own cursor in PostgreSQL, moved in the transaction that stores the
//! events. Two things follow from how matrix-sdk works: it stores its own token before we see the
//! events, and silently drops a response that ends at that token. So a failed commit is repeated with
//! the response in hand, never by asking again; and an error behind the network ends the process, since
//! only a restart (which removes the SDK's token) can ask again.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use matrix_sdk::Room;
use matrix_sdk::config::{SyncSettings, SyncToken};
use matrix_sdk::deserialized_responses::TimelineEvent;
use matrix_sdk::ruma::UInt;
use matrix_sdk::ruma::api::client::filter::{self, FilterDefinition, RoomEventFilter};
use matrix_sdk::ruma::presence::PresenceState;
use matrix_sdk::sync::SyncResponse;
use tokio_util::sync::CancellationToken;

use super::undecryptable::Undecryptables;
use super::{Matrix, fault, timeline};
use crate::desk::seams::{Chat, Fault};
use crate::domain::id::{RoomId, UserId};
use crate::store::intake::{Heard, NewEvent, Shown};
use crate::store::{Store, StoreError};

/// How long the homeserver may wait for something to tell.
const LONG_POLL: Duration = Duration::from_secs(30);
/// The same while messages wait for their keys, whose time runs out.
const SHORT_POLL: Duration = Duration::from_secs(2);
/// One sync with all the retries of the SDK takes less; longer means that something hangs.
const WATCHDOG: Duration = Duration::from_mins(5);
/// How many events of a room a sync shows; more are fetched.
const TIMELINE: u32 = 50;
/// How long a list of our rooms is good for.
const ROOMS_AGE: Duration = Duration::from_mins(1);

/// Who may invite the bot.
#[async_trait]
pub trait InvitePolicy: Send + Sync {
    /// Whether the bot follows this user's invitation to a direct room. An error is no answer: it is
    /// asked again.
    async fn welcomes(&self, inviter: &UserId) -> Result<bool, StoreError>;

    /// Records the direct room with a user. Called just before the bot joins it, so that a crash leaves
    /// an invitation and not a room that nobody knows; so it may be called twice.
    async fn joined(&self, inviter: &UserId, room: &RoomId) -> Result<(), StoreError>;
}

/// Why there will be no more syncs in this process.
#[derive(Debug, thiserror::Error)]
pub enum SyncEnd {
    /// The homeserver does not know the session any more. A restart does not help.
    #[error("the homeserver does not know the bot's session any more")]
    LoggedOut,
    /// The SDK can't go on. A restart takes up where the record stands.
    #[error("the sync can't go on in this process: {0}")]
    Stuck(String),
}

/// Syncs until it is cancelled, which loses nothing wherever it happens.
///
/// # Errors
/// If there is no use in going on, see [`SyncEnd`]. A homeserver or a PostgreSQL that is away is waited for.
pub async fn run(
    matrix: Matrix,
    store: Store,
    door: Arc<dyn InvitePolicy>,
    cancel: CancellationToken,
) -> Result<(), SyncEnd> {
    let reader = Reader {
        matrix,
        store,
        door,
        since: None,
        committed: None,
        ours: HashSet::new(),
        ours_read: None,
        undecryptable: Undecryptables::default(),
        answered: HashSet::new(),
        unchecked: None,
    };
    tokio::select! {
        () = cancel.cancelled() => Ok(()),
        end = Box::pin(reader.run()) => Err(end),
    }
}

struct Reader {
    matrix: Matrix,
    store: Store,
    door: Arc<dyn InvitePolicy>,
    /// Where the next sync begins. `None`: the very first.
    since: Option<String>,
    /// What PostgreSQL has for it: older while messages wait for their keys.
    committed: Option<String>,
    ours: HashSet<RoomId>,
    ours_read: Option<Instant>,
    undecryptable: Undecryptables,
    /// Invitations that need no second answer.
    answered: HashSet<RoomId>,
    /// Rooms whose history is still to be compared with the record. `None`: not begun.
    unchecked: Option<Vec<RoomId>>,
}

impl Reader {
    async fn run(mut self) -> SyncEnd {
        let mut pause = Pause::up_to(Duration::from_secs(10));
        self.since = loop {
            match self.store.sync_cursor(&self.matrix.device).await {
                Ok(since) => break since,
                Err(error) => pause.after("reading the sync cursor", &error).await,
            }
        };
        self.committed.clone_from(&self.since);
        loop {
            let response = match self.next().await {
                Ok(response) => response,
                Err(end) => return end,
            };
            self.take(response).await;
            self.matrix.synced.send_replace(Some(Instant::now()));
            self.answer_invitations().await;
            self.forget_left_rooms().await;
            self.reconcile().await;
        }
    }

    /// The next response; while the homeserver is away, none.
    async fn next(&self) -> Result<SyncResponse, SyncEnd> {
        let mut pause = Pause::up_to(Duration::from_secs(30));
        loop {
            let once = Box::pin(self.matrix.client.sync_once(self.settings()));
            let error = match tokio::time::timeout(WATCHDOG, once).await {
                Ok(Ok(response)) => return Ok(response),
                Ok(Err(error)) => error,
                Err(_) => return Err(SyncEnd::Stuck("a sync hangs".to_owned())),
            };
            let matrix_sdk::Error::Http(error) = error else {
                return Err(SyncEnd::Stuck(error.to_string()));
            };
            if fault::is_logged_out(&error) {
                return Err(SyncEnd::LoggedOut);
            }
            match fault::of_http(&error) {
                Fault::Later { after: Some(after), why } => pause.asked(after, &why).await,
                Fault::Later { why, .. } | Fault::Never { why } => pause.after("syncing", &why).await,
            }
        }
    }

    fn settings(&self) -> SyncSettings {
        let is_first = self.matrix.synced.borrow().is_none();
        let timeout = match (is_first, self.undecryptable.is_empty()) {
            // Synapse lets equal requests share one answer: a long poll would hang onto that of the
            // process before us, and show what came in only in pieces.
            (true, _) => Duration::ZERO,
            (_, true) => LONG_POLL,
            (_, false) => SHORT_POLL,
        };
        SyncSettings::new()
            .filter(lean())
            .timeout(timeout)
            .set_presence(PresenceState::Offline)
            .token(self.since.clone().map_or(SyncToken::NoToken, SyncToken::Specific))
    }

    /// Commits what a response says, however long that takes.
    async fn take(&mut self, response: SyncResponse) {
        self.refresh_rooms(&response).await;
        for room in response.rooms.left.keys() {
            if RoomId::parse(room.as_str()).is_some_and(|room| self.ours.contains(&room)) {
                tracing::warn!(%room, "the bot is not in this room of the desk any more");
            }
        }
        self.undecryptable.retry(&self.matrix.client).await;
        let mut events = self.undecryptable.release(Instant::now());
        let mut repinned = Vec::new();
        // The first sync of all shows what was said before there was a desk to hear it.
        if let Some(since) = self.since.clone() {
            for (room, update) in response.rooms.joined {
                let Some(ours) = self.our_room(room.as_str()) else { continue };
                let Some(room) = self.matrix.client.get_room(&room) else { continue };
                for event in self.whole(&room, update.timeline, &since).await {
                    if timeline::is_repinning(&event, &self.matrix.user) && !repinned.contains(&ours) {
                        repinned.push(ours.clone());
                    }
                    events.extend(self.undecryptable.admit(&ours, event, Instant::now()));
                }
            }
        }
        let cursor = Some(response.next_batch.clone())
            .filter(|next| self.undecryptable.is_empty() && self.committed != Some(next.clone()));
        self.commit(events, repinned, cursor.clone()).await;
        self.committed = cursor.or(self.committed.take());
        self.since = Some(response.next_batch);
    }

    /// A room's events since the last sync, oldest first, with those that the response left out.
    async fn whole(&self, room: &Room, timeline: matrix_sdk::sync::Timeline, since: &str) -> Vec<TimelineEvent> {
        let mut events = Vec::new();
        if let (true, Some(before)) = (timeline.limited, timeline.prev_batch) {
            let mut pause = Pause::up_to(Duration::from_secs(30));
            events = loop {
                match timeline::gap(room, &before, since, &self.matrix.user).await {
                    Ok(events) => break events,
                    Err(Fault::Later { why, .. }) => pause.after("fetching what a sync left out", &why).await,
                    Err(Fault::Never { why }) => {
                        tracing::error!(room = %room.room_id(), why, "what a sync left out can't be fetched");
                        break Vec::new();
                    }
                }
            };
        }
        events.extend(timeline.events);
        timeline::since_joined(events, &self.matrix.user)
    }

    /// Commits, again and again until it is certain.
    async fn commit(&self, events: Vec<(RoomId, TimelineEvent)>, repinned: Vec<RoomId>, cursor: Option<String>) {
        let shown: Vec<Shown> =
            events.iter().filter_map(|(_, event)| timeline::shown(event, &self.matrix.user)).collect();
        let events: Vec<NewEvent> =
            events.iter().filter_map(|(room, event)| timeline::new_event(room, event, &self.matrix.user)).collect();
        if events.is_empty() && shown.is_empty() && repinned.is_empty() && cursor.is_none() {
            return;
        }
        let heard = Heard { events: &events, shown: &shown, repinned: &repinned };
        let mut pause = Pause::up_to(Duration::from_secs(10));
        while let Err(error) = self.store.accept_events(&self.matrix.device, cursor.as_deref(), heard).await {
            pause.after("committing events", &error).await;
        }
    }

    fn our_room(&self, room: &str) -> Option<RoomId> {
        RoomId::parse(room).filter(|room| self.ours.contains(room))
    }

    /// Reads which rooms are ours: every minute, and when something is said in a room that is not.
    async fn refresh_rooms(&mut self, response: &SyncResponse) {
        let is_unknown = |room: &str| self.our_room(room).is_none();
        let fresh = self.ours_read.is_some_and(|read| read.elapsed() < ROOMS_AGE);
        if fresh && !response.rooms.joined.keys().any(|room| is_unknown(room.as_str())) {
            return;
        }
        let mut pause = Pause::up_to(Duration::from_secs(10));
        self.ours = loop {
            match self.store.our_rooms().await {
                Ok(rooms) => break rooms.into_iter().collect(),
                Err(error) => pause.after("reading which rooms are ours", &error).await,
            }
        };
        self.ours_read = Some(Instant::now());
    }

    /// Follows invitations of those whom the doorkeeper welcomes, and turns the others down. What could
    /// not be answered now is tried again after the next sync.
    async fn answer_invitations(&mut self) {
        let invited = self.matrix.client.invited_rooms();
        self.answered.retain(|answered| invited.iter().any(|room| room.room_id().as_str() == answered.as_str()));
        for room in invited {
            let Some(id) = RoomId::parse(room.room_id().as_str()) else { continue };
            if self.answered.contains(&id) {
                continue;
            }
            match self.answer(&id, &room).await {
                Ok(()) => {
                    self.answered.insert(id);
                }
                Err(why) => tracing::warn!(room = %id, why, "an invitation is not answered yet"),
            }
        }
    }

    async fn answer(&mut self, id: &RoomId, room: &Room) -> Result<(), String> {
        let inviter = room.invite_details().await.ok().and_then(|invite| UserId::parse(invite.inviter_id.as_str()));
        let welcome = match &inviter {
            Some(user) if is_direct(room).await => self.door.welcomes(user).await.map_err(|e| e.to_string())?,
            _ => false,
        };
        let (true, Some(inviter)) = (welcome, inviter) else {
            tracing::info!(room = %id, "an invitation is turned down");
            return self.matrix.leave(id).await.or_else(for_good);
        };
        self.door.joined(&inviter, id).await.map_err(|error| error.to_string())?;
        room.join().await.map_err(|error| fault::of_sdk(&error)).or_else(for_good)?;
        tracing::info!(room = %id, "joined a direct room");
        self.ours.insert(id.clone());
        Ok(())
    }

    /// Rooms that we have left stay in the account until they are forgotten.
    async fn forget_left_rooms(&self) {
        for room in self.matrix.client.left_rooms() {
            if self.our_room(room.room_id().as_str()).is_none()
                && let Err(error) = room.forget().await
            {
                tracing::debug!(room = %room.room_id(), %error, "a room is not forgotten yet");
            }
        }
    }

    /// Once in a process: looks through the newest history of our rooms for what the record does not
    /// have, such as what was said while a cursor was lost.
    async fn reconcile(&mut self) {
        // What waits for its keys is not in the record, and is not missed either.
        if !self.undecryptable.is_empty() {
            return;
        }
        let mut rooms = match self.unchecked.take() {
            Some(rooms) => rooms,
            None => self.ours.iter().cloned().collect(),
        };
        while let Some(id) = rooms.pop() {
            let known = matrix_sdk::ruma::RoomId::parse(id.as_str()).ok();
            let Some(room) = known.and_then(|room| self.matrix.client.get_room(&room)) else { continue };
            match timeline::missed(&room, &self.store, &self.matrix.user).await {
                Ok(events) => {
                    if !events.is_empty() {
                        tracing::info!(room = %id, count = events.len(), "the record did not have these events yet");
                    }
                    let mut admitted = Vec::new();
                    for event in events {
                        admitted.extend(self.undecryptable.admit(&id, event, Instant::now()));
                    }
                    self.commit(admitted, Vec::new(), None).await;
                }
                Err(why) => {
                    tracing::warn!(room = %id, why, "a room's history could not be compared yet");
                    rooms.push(id);
                    break;
                }
            }
        }
        self.unchecked = Some(rooms);
    }
}

/// Clients mark an invitation to a direct room as such; programs may not, but give no name either.
async fn is_direct(room: &Room) -> bool {
    let is_nameless = room.name().is_none() && room.canonical_alias().is_none() && !room.is_space();
    is_nameless || room.is_direct().await.unwrap_or(false)
}

/// An invitation that can't be followed or turned down any more needs no answer.
fn for_good(fault: Fault) -> Result<(), String> {
    match fault {
        Fault::Later { why, .. } => Err(why),
        Fault::Never { why } => {
            tracing::info!(why, "an invitation is void");
            Ok(())
        }
    }
}

/// Only what the desk reads; the rest of the account's data stays, since encryption needs it.
fn lean() -> matrix_sdk::ruma::api::client::sync::sync_events::v3::Filter {
    let mut definition = FilterDefinition::default();
    definition.presence = filter::Filter::ignore_all();
    definition.room.ephemeral = RoomEventFilter::ignore_all();
    definition.room.account_data = RoomEventFilter::ignore_all();
    definition.room.state = RoomEventFilter::with_lazy_loading();
    definition.room.timeline.limit = Some(UInt::from(TIMELINE));
    definition.into()
}

/// A back-off: one second, doubled up to a limit.
struct Pause {
    next: Duration,
    limit: Duration,
}

impl Pause {
    fn up_to(limit: Duration) -> Self {
        Self { next: Duration::from_secs(1), limit }
    }

    async fn after(&mut self, doing: &str, error: &(dyn std::fmt::Display + Sync)) {
        tracing::warn!(%error, seconds = self.next.as_secs(), "{doing} failed; trying again");
        tokio::time::sleep(self.next).await;
        self.next = (self.next * 2).min(self.limit);
    }

    async fn asked(&mut self, after: Duration, why: &str) {
        tracing::warn!(why, seconds = after.as_secs(), "the homeserver asks us to wait");
        tokio::time::sleep(after.min(Duration::from_mins(5))).await;
    }
}
