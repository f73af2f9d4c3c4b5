//! Messages whose keys have not come yet.
//!
//! The homeserver hands out a hundred keys with each sync, so after a while away messages arrive before
//! their keys. They wait here, and what was said behind them in the same room waits with them for a
//! moment, so that commands keep their order. Until all is released the cursor in PostgreSQL stays where
//! it is: a crash reads them again.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use matrix_sdk::Client;
use matrix_sdk::deserialized_responses::{TimelineEvent, TimelineEventKind, UnableToDecryptReason};
use matrix_sdk::ruma;

use crate::domain::id::RoomId;

/// How long what stands behind a message without keys waits for it.
const ORDER: Duration = Duration::from_secs(10);
/// How long a message waits for its keys before it is handed on as unreadable.
const PATIENCE: Duration = Duration::from_mins(1);

/// The waiting messages, in the order in which they came.
#[derive(Default)]
pub(super) struct Undecryptables {
    held: Vec<Held>,
}

struct Held {
    room: RoomId,
    event: TimelineEvent,
    since: Instant,
}

impl Undecryptables {
    pub(super) fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// Lets an event pass, or keeps it.
    pub(super) fn admit(
        &mut self,
        room: &RoomId,
        event: TimelineEvent,
        now: Instant,
    ) -> Option<(RoomId, TimelineEvent)> {
        let held = Held { room: room.clone(), event, since: now };
        let is_behind = self.held.iter().any(|before| before.room == *room && before.blocks(now));
        if !held.lacks_key() && !is_behind {
            return Some((held.room, held.event));
        }
        self.held.push(held);
        None
    }

    /// Tries again. Keys come with syncs, so this is called after each.
    pub(super) async fn retry(&mut self, client: &Client) {
        for held in &mut self.held {
            if held.lacks_key() {
                held.try_decrypt(client).await;
            }
        }
    }

    /// Hands out what can be read now or has waited long enough, in order.
    pub(super) fn release(&mut self, now: Instant) -> Vec<(RoomId, TimelineEvent)> {
        let mut released = Vec::new();
        let mut blocked = HashSet::new();
        for held in std::mem::take(&mut self.held) {
            let waits = held.lacks_key() && now.duration_since(held.since) < PATIENCE;
            let stays = waits || blocked.contains(&held.room);
            if held.blocks(now) {
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
    /// Whether a key may still come. What is malformed is not worth waiting for.
    fn lacks_key(&self) -> bool {
        match &self.event.kind {
            // Whose device it is may be known a little later than its key, too.
            TimelineEventKind::UnableToDecrypt { utd_info, .. } => {
                let reason = &utd_info.reason;
                reason.is_missing_room_key() || matches!(reason, UnableToDecryptReason::SenderIdentityNotTrusted(_))
            }
            _ => false,
        }
    }

    fn blocks(&self, now: Instant) -> bool {
        self.lacks_key() && now.duration_since(self.since) < ORDER
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

#[cfg(test)]
mod tests {
    use matrix_sdk::deserialized_responses::UnableToDecryptInfo;
    use matrix_sdk::ruma::serde::Raw;

    use super::*;

    fn room(name: &str) -> RoomId {
        RoomId::parse(&format!("!{name}")).expect("a room's id")
    }

    fn raw<T>(id: &str) -> Raw<T> {
        Raw::from_json_string(format!(r#"{{"event_id":"{id}"}}"#)).expect("JSON")
    }

    fn plain(id: &str) -> TimelineEvent {
        TimelineEvent::from_plaintext(raw(id))
    }

    fn locked(id: &str, reason: UnableToDecryptReason) -> TimelineEvent {
        TimelineEvent::from_utd(raw(id), UnableToDecryptInfo { session_id: None, reason })
    }

    fn undecryptable(id: &str) -> TimelineEvent {
        locked(id, UnableToDecryptReason::MissingMegolmSession { withheld_code: None })
    }

    fn ids(events: &[(RoomId, TimelineEvent)]) -> Vec<String> {
        events.iter().map(|(_, event)| event.event_id().expect("an id").to_string()).collect()
    }

    #[test]
    fn what_needs_no_key_passes() {
        let mut waiting = Undecryptables::default();
        assert!(waiting.admit(&room("a"), plain("$1"), Instant::now()).is_some());
        let malformed = locked("$2", UnableToDecryptReason::MalformedEncryptedEvent);
        assert!(waiting.admit(&room("a"), malformed, Instant::now()).is_some());
        assert!(waiting.is_empty());
    }

    #[test]
    fn what_stands_behind_a_message_without_key_waits_for_it_a_moment() {
        let start = Instant::now();
        let mut waiting = Undecryptables::default();
        assert!(waiting.admit(&room("a"), undecryptable("$1"), start).is_none());
        assert!(waiting.admit(&room("a"), plain("$2"), start).is_none());
        assert!(waiting.admit(&room("b"), plain("$3"), start).is_some(), "another room");
        assert_eq!(ids(&waiting.release(start + Duration::from_secs(9))), Vec::<String>::new());
        assert_eq!(ids(&waiting.release(start + Duration::from_secs(10))), ["$2"]);
        assert!(waiting.admit(&room("a"), plain("$4"), start + Duration::from_secs(11)).is_some());
        assert_eq!(ids(&waiting.release(start + Duration::from_secs(59))), Vec::<String>::new());
        assert_eq!(ids(&waiting.release(start + PATIENCE)), ["$1"], "handed on as unreadable");
        assert!(waiting.is_empty());
    }

    #[test]
    fn a_key_that_came_frees_all_behind_it_in_order() {
        let start = Instant::now();
        let mut waiting = Undecryptables::default();
        for event in [undecryptable("$1"), plain("$2"), undecryptable("$3"), plain("$4")] {
            assert!(waiting.admit(&room("a"), event, start).is_none());
        }
        waiting.held[0].event = plain("$1");
        assert_eq!(ids(&waiting.release(start)), ["$1", "$2"]);
        waiting.held[0].event = plain("$3");
        assert_eq!(ids(&waiting.release(start)), ["$3", "$4"]);
    }
}
