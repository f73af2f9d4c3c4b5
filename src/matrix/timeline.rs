//! A room's timeline beyond what a sync shows: gaps, and what the record lacks.

use std::collections::HashSet;
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use matrix_sdk::Room;
use matrix_sdk::deserialized_responses::TimelineEvent;
use matrix_sdk::room::MessagesOptions;
use matrix_sdk::ruma::UInt;
use serde_json::Value;
use uuid::Uuid;

use super::{event, fault};
use crate::desk::seams::{Fault, PastEvent, PastPage};
use crate::domain::id::{ArticleId, EventId, RoomId, UserId};
use crate::store::Store;
use crate::store::intake::{NewEvent, Shown};

/// Events in one page of history.
const PAGE: u32 = 100;
/// How far back the record is compared with a room: what is older was missed for other reasons.
const DAYS: u64 = 7;
/// The same in events.
const EVENTS: usize = 2_000;

/// Everything between two points of a room's timeline, oldest first; no further back than our own joining.
pub(super) async fn gap(room: &Room, before: &str, since: &str, own: &UserId) -> Result<Vec<TimelineEvent>, Fault> {
    let mut from = before.to_owned();
    let mut newest_first = Vec::new();
    loop {
        let page = page(room, Some(&from), Some(since)).await?;
        let is_end = page.events.is_empty() || page.events.iter().any(|event| is_joining(event, own));
        newest_first.extend(page.events);
        match page.end {
            Some(end) if !is_end && end != from => from = end,
            _ => break,
        }
    }
    newest_first.reverse();
    Ok(newest_first)
}

/// What stands behind the bot's own joining, or everything if that is not among the events (oldest
/// first). What was said before it came was not said to it.
pub(super) fn since_joined(mut events: Vec<TimelineEvent>, own: &UserId) -> Vec<TimelineEvent> {
    let joined = events.iter().rposition(|event| is_joining(event, own));
    events.split_off(joined.map_or(0, |position| position + 1))
}

/// An event as it is stored, if it is one that the desk may read.
pub(super) fn new_event(room: &RoomId, event: &TimelineEvent, own: &UserId) -> Option<NewEvent> {
    let json = event.raw().json().get();
    let Seen { id, kind, sender, is_state, .. } = Seen::of(json)?;
    if is_state || sender == *own || !event::KINDS.contains(&kind.as_str()) {
        return None;
    }
    Some(NewEvent { id, room: room.clone(), sender, body: json.to_owned() })
}

/// Which article the bot's own event shows, and since when by the homeserver's clock; `None` for an edit and all else.
pub(super) fn shown(event: &TimelineEvent, own: &UserId) -> Option<Shown> {
    let json = event.raw().json().get();
    let Seen { id, sender, at, .. } = Seen::of(json)?;
    let event: Value = serde_json::from_str(json).ok()?;
    let content = &event["content"];
    if sender != *own || content["m.relates_to"]["rel_type"] == "m.replace" {
        return None;
    }
    let article = ArticleId(content["org.ticketloom.article"]["id"].as_i64()?);
    Some(Shown { article, event: id, at: DateTime::from_timestamp_millis(i64::try_from(at).ok()?)? })
}

/// Whether somebody else changed what is pinned.
pub(super) fn is_repinning(event: &TimelineEvent, own: &UserId) -> bool {
    let seen = Seen::of(event.raw().json().get());
    seen.is_some_and(|seen| seen.is_state && seen.kind == "m.room.pinned_events" && seen.sender != *own)
}

/// The events of a room's newest history that the record lacks, oldest first. It ends at a page whose
/// events are all known, at our own joining, at the desk's beginning, after a week or 2,000 events.
///
/// # Errors
/// Why the homeserver or PostgreSQL could not be asked.
pub(super) async fn missed(room: &Room, store: &Store, own: &UserId) -> Result<Vec<TimelineEvent>, String> {
    let Some(id) = RoomId::parse(room.room_id().as_str()) else { return Ok(Vec::new()) };
    let oldest = oldest(store).await?;
    let (mut from, mut walked, mut newest_first) = (None::<String>, 0, Vec::new());
    loop {
        let page = page(room, from.as_deref(), None).await.map_err(|fault| fault.to_string())?;
        walked += page.events.len();
        let mut is_end = page.events.is_empty() || walked >= EVENTS;
        let mut foreign = Vec::new();
        for event in page.events {
            if is_joining(&event, own) || Seen::of(event.raw().json().get()).is_some_and(|seen| seen.at < oldest) {
                is_end = true;
                break;
            }
            if let Some(new) = new_event(&id, &event, own) {
                foreign.push((new.id.as_str().to_owned(), event));
            }
        }
        let ids: Vec<String> = foreign.iter().map(|(id, _)| id.clone()).collect();
        let known = store.known_events(&ids).await.map_err(|error| error.to_string())?;
        let known: HashSet<String> = known.into_iter().collect();
        is_end |= !ids.is_empty() && known.len() == ids.len();
        newest_first.extend(foreign.into_iter().filter(|(id, _)| !known.contains(id)).map(|(_, event)| event));
        match page.end {
            Some(end) if !is_end => from = Some(end),
            _ => break,
        }
    }
    newest_first.reverse();
    Ok(newest_first)
}

/// Our own event that carries a key, if one was sent since then.
pub(super) async fn keyed(
    room: &Room,
    key: Uuid,
    own: &UserId,
    since: DateTime<Utc>,
) -> Result<Option<EventId>, Fault> {
    let (key, since) = (key.to_string(), u64::try_from(since.timestamp_millis()).unwrap_or(0));
    let (mut from, mut walked) = (None::<String>, 0);
    loop {
        let page = page(room, from.as_deref(), None).await?;
        walked += page.events.len();
        for event in &page.events {
            let json = event.raw().json().get();
            let Some(seen) = Seen::of(json) else { continue };
            if seen.at < since {
                return Ok(None);
            }
            if seen.sender == *own && key_of(json).as_ref() == Some(&key) {
                return Ok(Some(seen.id));
            }
        }
        match page.end {
            Some(end) if walked < EVENTS => from = Some(end),
            _ => return Ok(None),
        }
    }
}

/// A page of what was said in a room, the newest first.
pub(super) async fn past(room: &Room, from: Option<&str>, own: &UserId) -> Result<PastPage, Fault> {
    let page = page(room, from, None).await?;
    let events = page.events.iter().filter_map(|event| {
        let json = event.raw().json().get();
        let seen = Seen::of(json).filter(|seen| !seen.is_state && seen.kind != "m.room.redaction")?;
        let mut event: Value = serde_json::from_str(json).ok()?;
        let content = event["content"].take();
        let at = DateTime::from_timestamp_millis(i64::try_from(seen.at).ok()?)?;
        let is_empty = content.as_object().is_none_or(serde_json::Map::is_empty);
        (!is_empty).then(|| PastEvent { id: seen.id, at, is_ours: seen.sender == *own, content })
    });
    Ok(PastPage { events: events.collect(), next: page.end.filter(|end| Some(end.as_str()) != from) })
}

fn key_of(json: &str) -> Option<String> {
    let event: Value = serde_json::from_str(json).ok()?;
    event["content"]["org.ticketloom.key"].as_str().map(ToOwned::to_owned)
}

struct Page {
    events: Vec<TimelineEvent>,
    end: Option<String>,
}

async fn page(room: &Room, from: Option<&str>, to: Option<&str>) -> Result<Page, Fault> {
    let mut options = MessagesOptions::backward().from(from);
    options.to = to.map(ToOwned::to_owned);
    options.limit = UInt::from(PAGE);
    let page = room.messages(options).await.map_err(|error| fault::of_sdk(&error))?;
    Ok(Page { events: page.chunk, end: page.end })
}

/// The oldest event that may still be read, in milliseconds of the Unix epoch: a week, and nothing from
/// before this desk's database, such as the commands of a desk that was there before it.
async fn oldest(store: &Store) -> Result<u64, String> {
    let week = SystemTime::now() - Duration::from_secs(DAYS * 24 * 3600);
    let week = week.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_millis();
    let began = store.began_at().await.map_err(|error| error.to_string())?.timestamp_millis();
    Ok(u64::try_from(week).unwrap_or(0).max(u64::try_from(began).unwrap_or(0)))
}

/// Whether the event is the bot's own coming into the room, not a mere change of its name there.
fn is_joining(event: &TimelineEvent, own: &UserId) -> bool {
    let json = event.raw().json().get();
    if !json.contains("m.room.member") {
        return false;
    }
    let Ok(event) = serde_json::from_str::<Value>(json) else { return false };
    event["type"] == "m.room.member"
        && event["state_key"] == own.as_str()
        && event["content"]["membership"] == "join"
        && event["unsigned"]["prev_content"]["membership"] != "join"
}

/// What decides whether an event is stored.
struct Seen {
    id: EventId,
    kind: String,
    sender: UserId,
    at: u64,
    is_state: bool,
}

impl Seen {
    fn of(json: &str) -> Option<Self> {
        let event: Value = serde_json::from_str(json).ok()?;
        Some(Self {
            id: EventId::parse(event["event_id"].as_str()?)?,
            kind: event["type"].as_str()?.to_owned(),
            sender: UserId::parse(event["sender"].as_str()?)?,
            at: event["origin_server_ts"].as_u64().unwrap_or(0),
            is_state: event.get("state_key").is_some(),
        })
    }
}

#[cfg(test)]
mod tests {
    use matrix_sdk::ruma::serde::Raw;
    use serde_json::json;

    use super::*;

    fn own() -> UserId {
        UserId::parse("@bot:desk.test").expect("a user's id")
    }

    fn event(json: &Value) -> TimelineEvent {
        TimelineEvent::from_plaintext(Raw::new(json).expect("JSON").cast_unchecked())
    }

    fn message(id: &str, sender: &str) -> TimelineEvent {
        event(&json!({ "type": "m.room.message", "event_id": id, "sender": sender, "content": { "body": "x" } }))
    }

    fn own_member(before: &str) -> TimelineEvent {
        event(&json!({ "type": "m.room.member", "event_id": "$j", "sender": "@bot:desk.test",
            "state_key": "@bot:desk.test", "content": { "membership": "join" },
            "unsigned": { "prev_content": { "membership": before } } }))
    }

    fn stored(events: &[TimelineEvent]) -> Vec<String> {
        let room = RoomId::parse("!room").expect("a room's id");
        events.iter().filter_map(|event| new_event(&room, event, &own())).map(|new| new.id.to_string()).collect()
    }

    #[test]
    fn an_article_is_shown_by_the_bots_own_message_and_by_no_edit_of_it() {
        let post = |sender: &str, more: Value| {
            let content = json!({ "body": "x", "org.ticketloom.article": { "id": 7 }, "m.relates_to": more });
            event(&json!({ "type": "m.room.message", "event_id": "$p", "sender": sender, "content": content,
                "origin_server_ts": 1_000 }))
        };
        let found = shown(&post("@bot:desk.test", json!({ "rel_type": "m.thread" })), &own()).expect("an article");
        assert_eq!((found.article, found.event.as_str(), found.at.timestamp()), (ArticleId(7), "$p", 1));
        assert!(shown(&post("@bot:desk.test", json!({ "rel_type": "m.replace" })), &own()).is_none());
        assert!(shown(&post("@alice:desk.test", Value::Null), &own()).is_none());
        assert!(shown(&message("$m", "@bot:desk.test"), &own()).is_none());
    }

    #[test]
    fn what_was_said_before_the_bot_came_was_not_said_to_it() {
        let events = vec![message("$1", "@alice:desk.test"), own_member("invite"), message("$2", "@alice:desk.test")];
        assert_eq!(stored(&since_joined(events, &own())), ["$2"]);
    }

    #[test]
    fn a_new_name_of_the_bot_is_no_joining() {
        let events = vec![message("$1", "@alice:desk.test"), own_member("join"), message("$2", "@alice:desk.test")];
        assert_eq!(stored(&since_joined(events, &own())), ["$1", "$2"]);
    }

    #[test]
    fn only_what_others_say_is_stored() {
        let odd = event(&json!({ "type": "m.room.message", "event_id": 7, "sender": "@alice:desk.test" }));
        let state = event(
            &json!({ "type": "m.room.message", "event_id": "$s", "sender": "@alice:desk.test", "state_key": "" }),
        );
        let topic = event(&json!({ "type": "m.room.topic", "event_id": "$t", "sender": "@alice:desk.test" }));
        let pins = |sender: &str| {
            event(&json!({ "type": "m.room.pinned_events", "event_id": "$p", "sender": sender, "state_key": "" }))
        };
        assert!(is_repinning(&pins("@alice:desk.test"), &own()) && !is_repinning(&pins("@bot:desk.test"), &own()));
        assert!(!is_repinning(&topic, &own()));
        let events = [message("$own", "@bot:desk.test"), odd, state, topic, message("$1", "@alice:desk.test")];
        assert_eq!(stored(&events), ["$1"]);
    }
}
