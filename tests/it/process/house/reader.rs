//! Somebody's Matrix client that reads and writes encrypted rooms: matrix-sdk's, with a device and keys of its own.

use std::time::Duration;

use matrix_sdk::config::SyncSettings;
use matrix_sdk::encryption::EncryptionSettings;
use matrix_sdk::room::MessagesOptions;
use matrix_sdk::ruma::{OwnedRoomId, RoomId, UInt};
use matrix_sdk::{Client, Room};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::world::{until, world};
use super::{make_user, unique};

/// A device.
pub(crate) struct Reader {
    pub(crate) user: String,
    pub(crate) password: String,
    client: Client,
    _dir: TempDir,
}

impl Reader {
    /// A user of the server with a device that their identity has signed.
    pub(crate) async fn new(name: &str) -> Self {
        let password = unique();
        let user = make_user(&format!("{name}-{}", unique()), Some(&password)).await;
        Self::login(&user, &password, true).await
    }

    /// Another device of somebody's, with an identity of their own or without one.
    pub(crate) async fn login(user: &str, password: &str, has_identity: bool) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let client = Client::builder()
            .homeserver_url(world().homeserver.url.as_str())
            .sqlite_store(dir.path(), None)
            .with_encryption_settings(EncryptionSettings {
                auto_enable_cross_signing: has_identity,
                ..EncryptionSettings::default()
            })
            .build()
            .await
            .expect("a client");
        client.matrix_auth().login_username(user, password).send().await.expect("a login");
        client.encryption().wait_for_e2ee_initialization_tasks().await;
        let reader = Self { user: user.to_owned(), password: password.to_owned(), client, _dir: dir };
        reader.sync().await;
        reader
    }

    async fn sync(&self) {
        let settings = SyncSettings::default().timeout(Duration::from_millis(500));
        self.client.sync_once(settings).await.expect("a sync");
    }

    /// Follows an invitation, as soon as it is there.
    pub(crate) async fn join(&self, room: &str) {
        let id = room_id(room);
        until("an invitation", 60, async || {
            self.sync().await;
            self.client.get_room(&id)?.join().await.ok()
        })
        .await;
    }

    fn room(&self, room: &str) -> Room {
        self.client.get_room(&room_id(room)).expect("a room that a sync has spoken of")
    }

    /// What stands in the room, oldest first; what can't be read as `m.room.encrypted`.
    pub(crate) async fn events(&self, room: &str) -> Vec<Value> {
        self.sync().await;
        let mut wanted = MessagesOptions::backward();
        wanted.limit = UInt::from(100_u32);
        let page = self.room(room).messages(wanted).await.expect("messages");
        let event = |event: &matrix_sdk::deserialized_responses::TimelineEvent| {
            serde_json::from_str(event.raw().json().get()).expect("JSON")
        };
        page.chunk.iter().rev().map(event).collect()
    }

    /// The first readable event that fits, as soon as it is there.
    pub(crate) async fn hears(&self, room: &str, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
        until(what, 60, async || self.events(room).await.into_iter().find(&fits)).await
    }

    /// Says something in a thread; the event's id.
    pub(crate) async fn say_in(&self, room: &str, thread: &str, text: &str) -> String {
        let place = json!({ "rel_type": "m.thread", "event_id": thread, "is_falling_back": true, "m.in_reply_to": { "event_id": thread } });
        let content = json!({ "msgtype": "m.text", "body": text, "m.mentions": {}, "m.relates_to": place });
        let sent = self.room(room).send_raw("m.room.message", content).await.expect("it is sent");
        sent.response.event_id.to_string()
    }

    /// The file of an event, decrypted.
    pub(crate) async fn file(&self, event: &Value) -> Vec<u8> {
        let file = serde_json::from_value(event["content"]["file"].clone()).expect("an encrypted file");
        let source = matrix_sdk::ruma::events::room::MediaSource::Encrypted(Box::new(file));
        let wanted = matrix_sdk::media::MediaRequestParameters { source, format: matrix_sdk::media::MediaFormat::File };
        self.client.media().get_media_content(&wanted, false).await.expect("a file")
    }
}

fn room_id(room: &str) -> OwnedRoomId {
    RoomId::parse(room).expect("a room's id")
}
