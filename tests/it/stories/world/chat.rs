//! Matrix as the stories see it: rooms that remember what stands in them.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeZone, Utc};
use futures_util::future::BoxFuture;
use serde_json::json;
use ticketloom::desk::post::Media;
use ticketloom::desk::post::{
    ArticleMarker, BoardMarker, Marker, Place, Post, PostedFile, QuarantineMarker, Speaker, ThreadPlace, TicketMarker,
    Tone,
};
use ticketloom::desk::seams::{Chat, Fault, PastEvent, PastPage, RoomPlan};
use ticketloom::domain::id::{EventId, RoomId, UserId};
use ticketloom::domain::listing::Listing;
use ticketloom::matrix::content::content;
use tokio::sync::Notify;
use uuid::Uuid;

/// What stands in a room.
#[derive(Clone, Debug)]
pub(crate) enum Entry {
    /// The bot's message or edit.
    Post(EventId, Box<Shown>),
    /// The bot's reaction: its own event, what it is on, its key.
    Mark(EventId, EventId, String),
    /// What somebody did: event, sender, thread, words.
    People(EventId, String, Option<EventId>, String),
}

/// A message as it is seen.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    pub(crate) text: String,
    pub(crate) html: Option<String>,
    pub(crate) tone: Tone,
    pub(crate) mentions: Vec<UserId>,
    pub(crate) calls_room: bool,
    pub(crate) thread: Option<ThreadPlace>,
    pub(crate) replaces: Option<EventId>,
    pub(crate) speaker: Option<Speaker>,
    pub(crate) file: Option<PostedFile>,
    pub(crate) ticket: Option<TicketMarker>,
    pub(crate) article: Option<ArticleMarker>,
    pub(crate) quarantine: Option<QuarantineMarker>,
    pub(crate) list: Option<Listing>,
    pub(crate) board: Option<BoardMarker>,
}

impl Shown {
    fn of(place: &Place, post: &Post) -> Self {
        let content = content(post, place, "desk.test");
        let shown = content.get("m.new_content").unwrap_or(&content);
        let read = |key: &str| shown[key].as_str().map(ToOwned::to_owned);
        let (thread, replaces) = match place {
            Place::Room => (None, None),
            Place::Thread(thread) => (Some(thread.clone()), None),
            Place::Replacing(event) => (None, Some(event.clone())),
        };
        let (mut ticket, mut article, mut speaker, mut quarantine, mut list) = (None, None, None, None, None);
        let mut board = None;
        match post.marker.clone() {
            Marker::None => {}
            Marker::Card(mark, on_card) => (ticket, article) = (Some(mark), on_card),
            Marker::Article(mark, by) => (article, speaker) = (Some(mark), by),
            Marker::Quarantine(mark) => quarantine = Some(mark),
            Marker::List(mark) => list = Some(mark),
            Marker::Board(mark) => board = Some(mark),
        }
        Self {
            text: read("body").expect("a body"),
            html: read("formatted_body"),
            tone: post.tone,
            mentions: post.mentions.clone(),
            calls_room: post.calls_room,
            thread,
            replaces,
            speaker,
            file: post.file.clone(),
            ticket,
            article,
            quarantine,
            list,
            board,
        }
    }
}

/// What goes wrong at the next call.
pub(crate) enum Trouble {
    /// It is refused or not there.
    Fault(Fault),
    /// It was done, but the answer is lost.
    AnswerLost,
    /// It was done, and then nothing more is heard of it.
    Silence,
}

/// Matrix. The same key in the same room is the same event, as with Synapse.
#[derive(Default)]
pub(crate) struct FakeChat {
    state: Mutex<State>,
    /// Rings when a call has fallen silent.
    pub(crate) silent: Notify,
}

#[derive(Default)]
struct State {
    rooms: HashMap<RoomId, Vec<Entry>>,
    /// Boards and their edits, apart from what people talk about.
    boards: HashMap<RoomId, Vec<(EventId, Shown)>>,
    /// What the homeserver remembers of a device's requests.
    by_key: HashMap<(RoomId, Uuid), EventId>,
    /// The key that stands in every event.
    marked: HashMap<(RoomId, Uuid), EventId>,
    is_another_device: bool,
    uploads: Vec<(String, String, Vec<u8>)>,
    /// What people have uploaded, where it matters what it is.
    files: HashMap<String, Vec<u8>>,
    plans: Vec<RoomPlan>,
    pins: HashMap<RoomId, Vec<EventId>>,
    present: HashMap<RoomId, Vec<UserId>>,
    held_pin: Option<Arc<Notify>>,
    redacted: Vec<EventId>,
    troubles: VecDeque<Trouble>,
    upload_troubles: VecDeque<Trouble>,
    calls: usize,
    last: usize,
}

impl State {
    fn next(&mut self, letter: char) -> EventId {
        self.last += 1;
        EventId::parse(&format!("${letter}{}", self.last)).expect("an event id")
    }
}

impl State {
    /// Ten events of a room's past, the newest first, all said when the stories begin.
    fn past(&self, room: &RoomId, from: Option<&str>) -> PastPage {
        let at = Utc.with_ymd_and_hms(2026, 11, 23, 9, 0, 0).single().expect("a moment");
        let text = |content: String| json!({ "body": content });
        let relation =
            |shown: &Shown| shown.replaces.clone().or(shown.thread.as_ref().map(|thread| thread.root.clone()));
        let event = |entry: &Entry| match entry {
            Entry::Post(id, shown) => {
                let relates = json!({ "event_id": relation(shown.as_ref()) });
                PastEvent {
                    id: id.clone(),
                    at,
                    is_ours: true,
                    content: json!({ "body": format!("{shown:?}"), "m.relates_to": relates }),
                }
            }
            Entry::Mark(id, of, _) => {
                PastEvent { id: id.clone(), at, is_ours: true, content: json!({ "m.relates_to": { "event_id": of } }) }
            }
            Entry::People(id, _, thread, words) => {
                let relates = json!({ "event_id": thread });
                PastEvent {
                    id: id.clone(),
                    at,
                    is_ours: false,
                    content: json!({ "body": words, "m.relates_to": relates }),
                }
            }
        };
        let board = |(id, shown): &(EventId, Shown)| PastEvent {
            id: id.clone(),
            at,
            is_ours: true,
            content: text(format!("{shown:?}")),
        };
        let boards = self.boards.get(room).into_iter().flatten().map(board);
        let mut all: Vec<PastEvent> = self.rooms.get(room).into_iter().flatten().map(event).chain(boards).collect();
        all.reverse();
        let first: usize = from.map_or(0, |from| from.parse().expect("a place"));
        let last = (first + 10).min(all.len());
        let next = (last < all.len()).then(|| last.to_string());
        let events = all.drain(first..last).filter(|event| !self.redacted.contains(&event.id)).collect();
        PastPage { events, next }
    }
}

impl FakeChat {
    /// Lets the next call go wrong.
    pub(crate) fn will(&self, trouble: Trouble) {
        self.lock().troubles.push_back(trouble);
    }

    /// Lets the next upload go wrong.
    pub(crate) fn will_upload(&self, trouble: Trouble) {
        self.lock().upload_troubles.push_back(trouble);
    }

    /// Lets the next pinning wait until the bell that is returned rings.
    pub(crate) fn will_hold_pin(&self) -> Arc<Notify> {
        let bell = Arc::<Notify>::default();
        self.lock().held_pin = Some(Arc::clone(&bell));
        bell
    }

    /// Another device, or another day: the homeserver remembers no request.
    pub(crate) fn forget(&self) {
        let mut state = self.lock();
        state.by_key.clear();
        state.is_another_device = true;
    }

    /// Somebody does something.
    pub(crate) fn people(&self, room: &RoomId, who: &str, thread: Option<&EventId>, words: &str) -> EventId {
        let mut state = self.lock();
        let id = state.next('p');
        let entry = Entry::People(id.clone(), who.to_owned(), thread.cloned(), words.to_owned());
        state.rooms.entry(room.clone()).or_default().push(entry);
        id
    }

    /// All that stands in a room, oldest first.
    pub(crate) fn timeline(&self, room: &RoomId) -> Vec<Entry> {
        self.lock().rooms.get(room).cloned().unwrap_or_default()
    }

    /// The bot's own messages and edits in a room, oldest first.
    pub(crate) fn posts(&self, room: &RoomId) -> Vec<(EventId, Shown)> {
        let post = |entry| if let Entry::Post(id, post) = entry { Some((id, *post)) } else { None };
        self.timeline(room).into_iter().filter_map(post).collect()
    }

    /// The uploaded files: name, type, bytes.
    pub(crate) fn uploads(&self) -> Vec<(String, String, Vec<u8>)> {
        self.lock().uploads.clone()
    }

    /// Somebody has uploaded that.
    pub(crate) fn has_file(&self, url: &str, bytes: Vec<u8>) {
        self.lock().files.insert(url.to_owned(), bytes);
    }

    /// The rooms that were asked for.
    pub(crate) fn plans(&self) -> Vec<RoomPlan> {
        self.lock().plans.clone()
    }

    /// The boards of a room and their edits, oldest first.
    pub(crate) fn boards(&self, room: &RoomId) -> Vec<(EventId, Shown)> {
        self.lock().boards.get(room).cloned().unwrap_or_default()
    }

    /// What is pinned in a room.
    pub(crate) fn pins(&self, room: &RoomId) -> Vec<EventId> {
        self.lock().pins.get(room).cloned().unwrap_or_default()
    }

    /// Somebody pins that in a room, and nothing else.
    pub(crate) fn people_pin(&self, room: &RoomId, events: &[EventId]) {
        self.lock().pins.insert(room.clone(), events.to_vec());
    }

    /// Somebody is in a room, or invited to it.
    pub(crate) fn lets_in(&self, room: &RoomId, who: UserId) {
        self.lock().present.entry(room.clone()).or_default().push(who);
    }

    /// The messages that were taken back.
    pub(crate) fn redacted(&self) -> Vec<EventId> {
        self.lock().redacted.clone()
    }

    /// How often it was called.
    pub(crate) fn calls(&self) -> usize {
        self.lock().calls
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().expect("nobody panicked here")
    }

    /// Does it, or not, as the next trouble says.
    async fn call<T: Send>(&self, does: impl FnOnce(&mut State) -> T + Send) -> Result<T, Fault> {
        let (trouble, done) = {
            let mut state = self.lock();
            state.calls += 1;
            match state.troubles.pop_front() {
                Some(Trouble::Fault(fault)) => return Err(fault),
                trouble => (trouble, does(&mut state)),
            }
        };
        match trouble {
            Some(Trouble::AnswerLost) => Err(Fault::later("the connection died")),
            Some(_) => {
                self.silent.notify_one();
                std::future::pending().await
            }
            None => Ok(done),
        }
    }
}

impl Chat for FakeChat {
    fn send<'a>(
        &'a self,
        room: &'a RoomId,
        key: Uuid,
        place: &'a Place,
        post: &'a Post,
    ) -> BoxFuture<'a, Result<EventId, Fault>> {
        Box::pin(async move {
            let shown = Shown::of(place, post);
            if shown.board.is_some() {
                return self.call(|state| put_board(state, room, key, shown)).await;
            }
            self.call(|state| put(state, room, key, |id| Entry::Post(id, Box::new(shown)))).await
        })
    }

    fn history<'a>(&'a self, room: &'a RoomId, from: Option<&'a str>) -> BoxFuture<'a, Result<PastPage, Fault>> {
        Box::pin(async move { self.call(|state| state.past(room, from)).await })
    }

    fn pinned<'a>(&'a self, room: &'a RoomId) -> BoxFuture<'a, Result<Vec<EventId>, Fault>> {
        Box::pin(async move { Ok(self.pins(room)) })
    }

    fn pin<'a>(&'a self, room: &'a RoomId, events: &'a [EventId]) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async move {
            let held = self.lock().held_pin.take();
            if let Some(held) = held {
                self.silent.notify_one();
                held.notified().await;
            }
            self.call(|state| state.pins.insert(room.clone(), events.to_vec())).await.map(drop)
        })
    }

    fn present<'a>(&'a self, room: &'a RoomId) -> BoxFuture<'a, Result<Vec<UserId>, Fault>> {
        Box::pin(async move { Ok(self.lock().present.get(room).cloned().unwrap_or_default()) })
    }

    fn sent_before<'a>(
        &'a self,
        room: &'a RoomId,
        key: Uuid,
        _since: DateTime<Utc>,
    ) -> BoxFuture<'a, Result<Option<EventId>, Fault>> {
        Box::pin(async move {
            // As the real one: as long as it is the same device, the homeserver knows the key by itself.
            let state = self.lock();
            Ok(state.marked.get(&(room.clone(), key)).filter(|_| state.is_another_device).cloned())
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
            let done =
                self.call(|state| put(state, room, key, |id| Entry::Mark(id, to.clone(), mark.to_owned()))).await;
            done.map(Some)
        })
    }

    fn redact<'a>(
        &'a self,
        _room: &'a RoomId,
        _key: Uuid,
        event: &'a EventId,
        _reason: &'a str,
    ) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async move { self.call(|state| state.redacted.push(event.clone())).await })
    }

    fn upload<'a>(
        &'a self,
        _room: &'a RoomId,
        name: &'a str,
        mime: &'a str,
        bytes: Vec<u8>,
    ) -> BoxFuture<'a, Result<Media, Fault>> {
        Box::pin(async move {
            {
                let mut state = self.lock();
                let trouble = state.upload_troubles.pop_front();
                state.troubles.extend(trouble);
            }
            let upload = |state: &mut State| {
                state.uploads.push((name.to_owned(), mime.to_owned(), bytes));
                Media(json!({ "url": format!("mxc://desk.test/{}", state.uploads.len()) }))
            };
            self.call(upload).await
        })
    }

    fn download<'a>(&'a self, media: &'a Media) -> BoxFuture<'a, Result<Vec<u8>, Fault>> {
        Box::pin(async move {
            let url = media.0["url"].as_str().unwrap_or_default();
            self.call(|state| state.files.get(url).cloned().unwrap_or_else(|| url.as_bytes().to_vec())).await
        })
    }

    fn ensure_room<'a>(&'a self, plan: &'a RoomPlan) -> BoxFuture<'a, Result<RoomId, Fault>> {
        Box::pin(async move {
            let made = |n| RoomId::parse(&format!("!made-{n}-{}", plan.alias)).expect("a room id");
            let made = (1..100).map(made).find(|made| !plan.former.contains(made)).expect("a name");
            self.call(|state| state.plans.push(plan.clone())).await?;
            Ok(plan.known.clone().unwrap_or(made))
        })
    }

    fn drift<'a>(&'a self, _plan: &'a RoomPlan) -> BoxFuture<'a, Result<Vec<String>, Fault>> {
        Box::pin(async move { self.call(|_| vec![]).await })
    }

    fn leave<'a>(&'a self, _room: &'a RoomId) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async move { self.call(|_| ()).await })
    }
}

fn put(state: &mut State, room: &RoomId, key: Uuid, entry: impl FnOnce(EventId) -> Entry) -> EventId {
    if let Some(known) = state.by_key.get(&(room.clone(), key)) {
        return known.clone();
    }
    let id = state.next('b');
    state.by_key.insert((room.clone(), key), id.clone());
    state.marked.insert((room.clone(), key), id.clone());
    let entry = entry(id.clone());
    state.rooms.entry(room.clone()).or_default().push(entry);
    id
}

fn put_board(state: &mut State, room: &RoomId, key: Uuid, board: Shown) -> EventId {
    if let Some(known) = state.by_key.get(&(room.clone(), key)) {
        return known.clone();
    }
    let id = state.next('b');
    state.by_key.insert((room.clone(), key), id.clone());
    state.marked.insert((room.clone(), key), id.clone());
    state.boards.entry(room.clone()).or_default().push((id.clone(), board));
    id
}
