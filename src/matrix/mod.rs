//! The only place that knows matrix-sdk.
//!
//! - [`Matrix`]: the bot's session, made by [`Matrix::connect`] (`session` keeps it on the disk, `identity` signs it);
//! - [`event`]: an event's JSON as the desk reads it, and [`content`]: a post as JSON; both pure;
//! - `post`: [`Chat`](crate::desk::seams::Chat), what the desk sends;
//! - `rooms` and `plan`: the Space and the queues' rooms as they should be;
//! - [`sync`]: what the homeserver tells us, committed before anybody acts on it, with `timeline` for
//!   what a sync leaves out and `undecryptable` for what can't be decrypted yet;
//! - `fault`: what an error means.
//!
//! No event handlers, no send queue, no event cache of the SDK: each keeps a state of its own that a
//! crash would part from PostgreSQL.

mod avatar;
pub mod content;
mod defuse;
pub mod event;
mod fault;
mod identity;
mod members;
pub mod pictures;
mod plan;
mod post;
pub mod render;
mod rooms;
mod session;
pub mod sync;
mod timeline;
mod undecryptable;

use std::collections::HashSet;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use matrix_sdk::Client;
use matrix_sdk::config::RequestConfig;
use matrix_sdk::ruma;
use matrix_sdk::ruma::api::client::state::get_state_event_for_key;
use matrix_sdk::ruma::api::error::ErrorKind;
use matrix_sdk::ruma::events::StateEventType;
use tokio::sync::watch;

use crate::config::MatrixConfig;
use crate::desk::seams::Fault;
use crate::domain::id::{EventId, RoomId, UserId};
use crate::store::leader::Held;

/// How long one request may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// The bot's session with its homeserver. Clones are the same session.
#[derive(Clone)]
pub struct Matrix {
    client: Client,
    user: UserId,
    device: String,
    synced: Arc<watch::Sender<Option<Instant>>>,
    /// Rooms that no sync has spoken of, and that the homeserver called plain when it was asked.
    plain: Arc<Mutex<HashSet<ruma::OwnedRoomId>>>,
    identity: identity::Identity,
    /// Since when this process is the one that sends.
    connected: DateTime<Utc>,
    /// Whether it still is; `None`: nobody else can be.
    held: Option<Held>,
}

/// Why there is no session.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The homeserver is away: the same may work a little later.
    #[error("{0}")]
    Later(String),
    /// Somebody has to change something first: the text says what.
    #[error("{0}")]
    Never(String),
}

impl ConnectError {
    fn of(doing: &str, fault: Fault) -> Self {
        match fault {
            Fault::Later { why, .. } => Self::Later(format!("{doing}: {why}")),
            Fault::Never { why } => Self::Never(format!("{doing}: {why}")),
        }
    }
}

impl Matrix {
    /// Takes up the session that `state_dir` keeps, or logs in for the first time. Returns when the
    /// device's keys are published, so that what is sent next can be read in encrypted rooms. If there are such
    /// rooms (`encrypts`), the device must be signed by the account: clients hide what another one says.
    ///
    /// # Errors
    /// [`ConnectError::Later`] if the homeserver is away; [`ConnectError::Never`] for a wrong password,
    /// an unknown token, keys that don't belong to the session, and a device that can't be signed but must be.
    pub async fn connect(config: &MatrixConfig, state_dir: &Path, encrypts: bool) -> Result<Self, ConnectError> {
        let client = session::open(config, state_dir).await?;
        let device = client.device_id().map(ToString::to_string).unwrap_or_default();
        let encryption = client.encryption();
        if tokio::time::timeout(2 * PATIENCE, encryption.wait_for_e2ee_initialization_tasks()).await.is_err() {
            return Err(ConnectError::Later("the homeserver did not take the device's keys in time".to_owned()));
        }
        let identity = identity::Identity::new(client.clone(), config.recovery_key.clone(), state_dir);
        if encrypts {
            identity.take_up().await.map_err(|fault| ConnectError::of("the bot in encrypted rooms", fault))?;
        } else {
            identity.take_up_if_possible().await;
        }
        tracing::info!(user = %config.user, device, "connected to the homeserver");
        Ok(Self {
            client,
            device: format!("{} {device}", config.user),
            user: config.user.clone(),
            synced: Arc::new(watch::Sender::new(None)),
            connected: Utc::now(),
            held: None,
            plain: Arc::default(),
            identity,
        })
    }

    /// The same session, which says something only while this instance certainly has the Matrix side.
    #[must_use]
    pub fn while_held(self, held: Held) -> Self {
        Self { held: Some(held), ..self }
    }

    /// To be asked right before something is sent: what an instance sends that was frozen meanwhile, the next one may have
    /// looked for in vain and sent itself.
    fn may_speak(&self) -> Result<(), Fault> {
        match &self.held {
            Some(held) if !held.is_certain() => Err(Fault::later("another instance may have the Matrix side by now")),
            _ => Ok(()),
        }
    }

    /// `@user:server DEVICE`: what the sync cursor and the transaction ids belong to.
    #[must_use]
    pub fn device(&self) -> String {
        self.device.clone()
    }

    /// The bot.
    #[must_use]
    pub fn user_id(&self) -> &UserId {
        &self.user
    }

    /// When the homeserver last answered a sync whose events are committed. `None`: not yet.
    #[must_use]
    pub fn synced(&self) -> watch::Receiver<Option<Instant>> {
        self.synced.subscribe()
    }

    /// One attempt at a request: whoever asked decides about the next one.
    fn once() -> RequestConfig {
        RequestConfig::new().disable_retry().timeout(PATIENCE)
    }

    /// Whether a room is encrypted: as the last sync said, or asked once if no sync has spoken of it yet.
    /// A message costs one request, so nothing may be asked for each.
    fn is_encrypted<'a>(&'a self, room: &'a ruma::RoomId) -> BoxFuture<'a, Result<bool, Fault>> {
        let asked = async move {
            if let Some(known) = self.client.get_room(room) {
                let state = known.latest_encryption_state().await.map_err(|error| fault::of_sdk(&error))?;
                return Ok(state.is_encrypted());
            }
            if self.plain.lock().unwrap_or_else(PoisonError::into_inner).contains(room) {
                return Ok(false);
            }
            let request = get_state_event_for_key::v3::Request::new(
                room.to_owned(),
                StateEventType::RoomEncryption,
                String::new(),
            );
            match self.client.send(request).with_request_config(Self::once()).await {
                Ok(_) => Ok(true),
                Err(error) if fault::is_kind(&error, &ErrorKind::NotFound) => {
                    self.plain.lock().unwrap_or_else(PoisonError::into_inner).insert(room.to_owned());
                    Ok(false)
                }
                Err(error) => Err(fault::of_http(&error)),
            }
        };
        Box::pin(asked)
    }
}

impl Matrix {
    /// A room as the SDK knows it, which it does once a sync has spoken of it.
    async fn known(&self, room: &ruma::RoomId) -> Result<matrix_sdk::Room, Fault> {
        let mut synced = self.synced.subscribe();
        let told = async {
            loop {
                match self.client.get_room(room) {
                    Some(known) => return Some(known),
                    None => synced.changed().await.ok()?,
                }
            }
        };
        let told = tokio::time::timeout(PATIENCE, told).await.ok().flatten();
        told.ok_or_else(|| Fault::later("the room is encrypted, and no sync has told us who is in it yet"))
    }
}

fn room_id(room: &RoomId) -> Result<ruma::OwnedRoomId, Fault> {
    ruma::RoomId::parse(room.as_str()).map_err(|_| Fault::never("not a room's id"))
}

fn event_id(event: &EventId) -> Result<ruma::OwnedEventId, Fault> {
    ruma::EventId::parse(event.as_str()).map_err(|_| Fault::never("not an event's id"))
}

fn user_id(user: &UserId) -> Result<ruma::OwnedUserId, Fault> {
    ruma::UserId::parse(user.as_str()).map_err(|_| Fault::never("not a user's id"))
}
