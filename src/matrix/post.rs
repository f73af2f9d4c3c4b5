//! What the desk sends: one request each, repeated by nobody but the desk's own worker.

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::BoxFuture;
use matrix_sdk::HttpError;
use matrix_sdk::media::{MediaFormat, MediaRequestParameters};
use matrix_sdk::ruma;
use matrix_sdk::ruma::api::client::membership::leave_room;
use matrix_sdk::ruma::api::client::message::send_message_event;
use matrix_sdk::ruma::api::client::redact::redact_event;
use matrix_sdk::ruma::api::error::ErrorKind;
use matrix_sdk::ruma::events::room::MediaSource;
use matrix_sdk::ruma::serde::Raw;
use serde_json::{Value, json};
use uuid::Uuid;

use super::content::content;
use super::{Matrix, event_id, fault, room_id, timeline};
use crate::crash;
use crate::desk::post::Media;
use crate::desk::post::{Place, Post};
use crate::desk::seams::{Chat, Fault, PastPage, RoomPlan};
use crate::domain::id::{EventId, RoomId, UserId};

/// How long a file may take.
const DOWNLOAD: std::time::Duration = std::time::Duration::from_mins(2);
/// How much the clocks of this machine, PostgreSQL and the homeserver may differ.
const SKEW: TimeDelta = TimeDelta::minutes(2);

impl Chat for Matrix {
    fn send<'a>(
        &'a self,
        room: &'a RoomId,
        key: Uuid,
        place: &'a Place,
        post: &'a Post,
    ) -> BoxFuture<'a, Result<EventId, Fault>> {
        Box::pin(async move {
            let room = room_id(room)?;
            let content = marked(content(post, place, self.user.server()), key);
            crash::point("chat.before_send");
            let is_encrypted = self.is_encrypted(&room).await?;
            self.may_speak()?;
            let sent = if is_encrypted {
                self.put_encrypted(&room, key, content).await?
            } else {
                self.put(&room, key, "m.room.message", &content).await.map_err(|error| fault::of_http(&error))?
            };
            crash::point("chat.after_send");
            event_of(&sent)
        })
    }

    fn sent_before<'a>(
        &'a self,
        room: &'a RoomId,
        key: Uuid,
        since: DateTime<Utc>,
    ) -> BoxFuture<'a, Result<Option<EventId>, Fault>> {
        Box::pin(async move {
            // All attempts at a younger job were this process' own, whose keys the homeserver knows.
            if since > self.connected + SKEW {
                return Ok(None);
            }
            let Some(room) = self.client.get_room(&room_id(room)?) else {
                return Err(Fault::later("no sync has told of the room yet"));
            };
            timeline::keyed(&room, key, &self.user, since - SKEW).await
        })
    }

    fn react<'a>(
        &'a self,
        room: &'a RoomId,
        key: Uuid,
        to: &'a EventId,
        mark: &'a str,
    ) -> BoxFuture<'a, Result<Option<EventId>, Fault>> {
        Box::pin(async move {
            let room = room_id(room)?;
            let relation = json!({ "rel_type": "m.annotation", "event_id": to, "key": mark });
            let content = marked(json!({ "m.relates_to": relation }), key);
            crash::point("chat.before_send");
            self.may_speak()?;
            // Reactions are not encrypted, in encrypted rooms neither.
            let sent = match self.put(&room, key, "m.reaction", &content).await {
                Ok(sent) => Some(event_of(&sent)?),
                Err(error) if fault::is_kind(&error, &ErrorKind::DuplicateAnnotation) => None,
                Err(error) => return Err(fault::of_http(&error)),
            };
            crash::point("chat.after_send");
            Ok(sent)
        })
    }

    fn redact<'a>(
        &'a self,
        room: &'a RoomId,
        key: Uuid,
        event: &'a EventId,
        reason: &'a str,
    ) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async move {
            // Synapse knows an event again by its room and transaction alone, whatever is asked for: under the key by which
            // the same job has sent something there it would answer with that, and redact nothing.
            let transaction = format!("{}-{event}", transaction(key)).into();
            let mut request = redact_event::v3::Request::new(room_id(room)?, event_id(event)?, transaction);
            request.reason = (!reason.is_empty()).then(|| reason.to_owned());
            self.may_speak()?;
            let sent = self.client.send(request).with_request_config(Self::once()).await;
            sent.map(|_| ()).map_err(|error| fault::of_http(&error))
        })
    }

    fn history<'a>(&'a self, room: &'a RoomId, from: Option<&'a str>) -> BoxFuture<'a, Result<PastPage, Fault>> {
        Box::pin(async move {
            let Some(room) = self.client.get_room(&room_id(room)?) else {
                // It was left, or is nobody's any more: nothing of it can be taken back.
                return Ok(PastPage::default());
            };
            timeline::past(&room, from, &self.user).await
        })
    }

    fn pinned<'a>(&'a self, room: &'a RoomId) -> BoxFuture<'a, Result<Vec<EventId>, Fault>> {
        Box::pin(async move {
            let content = self.state_of(room, "m.room.pinned_events", "").await?;
            let pins = content["pinned"].as_array().cloned().unwrap_or_default();
            Ok(pins.iter().filter_map(|pin| EventId::parse(pin.as_str()?)).collect())
        })
    }

    fn pin<'a>(&'a self, room: &'a RoomId, events: &'a [EventId]) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async move {
            self.may_speak()?;
            let pins = json!({ "pinned": events });
            let pinned: BoxFuture<'_, _> = Box::pin(self.set_state(room, "m.room.pinned_events", "", &pins));
            pinned.await
        })
    }

    fn present<'a>(&'a self, room: &'a RoomId) -> BoxFuture<'a, Result<Vec<UserId>, Fault>> {
        Box::pin(async move { self.members(room).await })
    }

    fn upload<'a>(
        &'a self,
        room: &'a RoomId,
        _name: &'a str,
        mime: &'a str,
        bytes: Vec<u8>,
    ) -> BoxFuture<'a, Result<Media, Fault>> {
        Box::pin(async move {
            let room = room_id(room)?;
            let media = if self.is_encrypted(&room).await? {
                let mut reader = bytes.as_slice();
                let upload = self.client.upload_encrypted_file(&mut reader).with_request_config(Self::once());
                let file = upload.await.map_err(|error| fault::of_sdk(&error))?;
                json!({ "file": file })
            } else {
                let mime = mime.parse().unwrap_or(mime::APPLICATION_OCTET_STREAM);
                let limits = Self::once().timeout(upload_time(bytes.len()));
                let uploaded = self.client.media().upload(&mime, bytes, Some(limits)).await;
                json!({ "url": uploaded.map_err(|error| fault::of_sdk(&error))?.content_uri })
            };
            crash::point("chat.after_upload");
            Ok(Media(media))
        })
    }

    fn download<'a>(&'a self, media: &'a Media) -> BoxFuture<'a, Result<Vec<u8>, Fault>> {
        Box::pin(async move {
            let source = if let Some(file) = media.0.get("file") {
                let file = serde_json::from_value(file.clone()).map_err(|_| Fault::never("not an encrypted file"))?;
                MediaSource::Encrypted(Box::new(file))
            } else {
                let url = media.0["url"].as_str().filter(|url| url.starts_with("mxc://"));
                MediaSource::Plain(url.ok_or_else(|| Fault::never("it names no file"))?.into())
            };
            let wanted = MediaRequestParameters { source, format: MediaFormat::File };
            let store = self.client.media();
            let fetched = store.get_media_content(&wanted, false);
            match tokio::time::timeout(DOWNLOAD, fetched).await {
                Ok(bytes) => bytes.map_err(|error| fault::of_sdk(&error)),
                Err(_) => Err(Fault::later("the homeserver did not send the file in time")),
            }
        })
    }

    fn ensure_room<'a>(&'a self, plan: &'a RoomPlan) -> BoxFuture<'a, Result<RoomId, Fault>> {
        Box::pin(async move {
            self.may_speak()?;
            self.make_room(plan).await
        })
    }

    fn drift<'a>(&'a self, plan: &'a RoomPlan) -> BoxFuture<'a, Result<Vec<String>, Fault>> {
        Box::pin(async move { self.room_drift(plan).await })
    }

    /// Not by the SDK, which would also leave every room that the room calls its predecessor: a stranger
    /// could name our own. The next sync says that we are out, and then the room is forgotten.
    fn leave<'a>(&'a self, room: &'a RoomId) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async move {
            let request = leave_room::v3::Request::new(room_id(room)?);
            match self.client.send(request).with_request_config(Self::once()).await {
                Err(error)
                    if !fault::is_kind(&error, &ErrorKind::Forbidden)
                        && !fault::is_kind(&error, &ErrorKind::NotFound) =>
                {
                    Err(fault::of_http(&error))
                }
                // Not being in a room is what leaving it is for.
                _ => Ok(()),
            }
        })
    }
}

impl Matrix {
    /// One PUT. Works for rooms that no sync has spoken of yet, too: the homeserver knows where we are.
    fn put<'a>(
        &'a self,
        room: &'a ruma::RoomId,
        key: Uuid,
        kind: &'a str,
        content: &'a Value,
    ) -> BoxFuture<'a, Result<ruma::OwnedEventId, HttpError>> {
        let put = async move {
            let body = Raw::new(content).map_err(|error| HttpError::IntoHttp(error.into()))?.cast_unchecked();
            let request =
                send_message_event::v3::Request::new_raw(room.to_owned(), transaction(key), kind.into(), body);
            let sent = self.client.send(request).with_request_config(Self::once()).await?;
            Ok(sent.event_id)
        };
        Box::pin(put)
    }

    /// Encrypted for everybody in the room, which only the SDK can do, and only once a sync has told it
    /// who that is. Encrypting again for a repeated key is harmless: the homeserver goes by the key.
    fn put_encrypted<'a>(
        &'a self,
        room: &'a ruma::RoomId,
        key: Uuid,
        content: Value,
    ) -> BoxFuture<'a, Result<ruma::OwnedEventId, Fault>> {
        let put = async move {
            let sent = self
                .known(room)
                .await?
                .send_raw("m.room.message", content)
                .with_transaction_id(&transaction(key))
                .with_request_config(Self::once())
                .await
                .map_err(|error| fault::of_sdk(&error))?;
            Ok(sent.response.event_id)
        };
        Box::pin(put)
    }
}

/// The key also stands in the event, so that it can be found when the homeserver has forgotten it.
fn marked(mut content: Value, key: Uuid) -> Value {
    content["org.ticketloom.key"] = json!(key);
    content
}

fn transaction(key: Uuid) -> ruma::OwnedTransactionId {
    key.to_string().into()
}

fn event_of(sent: &ruma::EventId) -> Result<EventId, Fault> {
    EventId::parse(sent.as_str()).ok_or_else(|| Fault::later("the homeserver gave an event an odd id"))
}

/// At least a minute, and a second for each 64 KiB.
fn upload_time(bytes: usize) -> std::time::Duration {
    std::time::Duration::from_secs(60 + (bytes / 65_536) as u64)
}
