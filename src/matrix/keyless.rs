//! Messages whose keys have not come yet.
//!
//! The homeserver hands out a hundred keys with each sync, so after a while away messages arrive before
//! their keys. They wait here, and what was said behind them in the same room waits with them for a
//! moment, so that commands keep their order. Until all is released the cursor in PostgreSQL stays where
//! it is: a crash reads them again.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use matrix_sdk::Client;
use matrix_sdk::deserialized_responses::{TimelineEvent, TimelineEventKind};
use matrix_sdk::ruma;

use crate::domain::id::RoomId;

/// How long what stands behind a message without keys waits for it.
const ORDER: Duration = Duration::from_secs(10);
/// How long a message waits for its keys before it is handed on as unreadable.
const PATIENCE: Duration = Duration::from_mins(1);

/// The waiting messages, in the order in which they came.
#[derive(Default)]
pub(super) struct Keyless {
    held: Vec<Held>,
}

struct Held {
    room: RoomId,
    event: TimelineEvent,
    since: Instant,
}

impl Keyless {
    pub(super) fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// Lets an event pass, or keeps it.
    pub(super) fn admit(&mut self, room: &RoomId, event: TimelineEvent) -> Option<(RoomId, TimelineEvent)> {
        let is_behind = self.held.iter().any(|held| held.room == *room && held.blocks());
        if !event.kind.is_utd() && !is_behind {
            return Some((room.clone(), event));
        }
        self.held.push(Held { room: room.clone(), event, since: Instant::now() });
        None
    }

    /// Tries again, and hands out what can be read now or has waited long enough. Keys come with syncs,
    /// so this is called after each.
    pub(super) async fn released(&mut self, client: &Client) -> Vec<(RoomId, TimelineEvent)> {
        let mut released = Vec::new();
        let mut blocked = HashSet::new();
        for mut held in std::mem::take(&mut self.held) {
            if held.event.kind.is_utd() {
                held.try_decrypt(client).await;
            }
            let stays = blocked.contains(&held.room) || (held.event.kind.is_utd() && held.since.elapsed() < PATIENCE);
            if held.blocks() {
                blocked.insert(held.room.clone());
            }
            if stays {
                self.held.push(held);
            } else {
                released.push((held.room, held.event));
            }
        }
        released
    }
}

impl Held {
    fn blocks(&self) -> bool {
        self.event.kind.is_utd() && self.since.elapsed() < ORDER
    }

    async fn try_decrypt(&mut self, client: &Client) {
        let room = ruma::RoomId::parse(self.room.as_str()).ok().and_then(|room| client.get_room(&room));
        let Some(room) = room else { return };
        // On failure this also asks the key backup, if there is one; its answer counts the next time.
        if let Ok(event) = room.decrypt_event(self.event.raw().cast_ref_unchecked(), None).await
            && matches!(event.kind, TimelineEventKind::Decrypted(_))
        {
            self.event = event;
        }
    }
}
