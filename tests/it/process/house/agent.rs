//! Somebody's Matrix client: says things, and keeps what it hears.

use std::collections::{BTreeMap, HashMap};

use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::{Mutex, OnceCell};

use super::world::{unique, until, world};

/// What a sync shows: every message, nothing else.
const FILTER: &str = r#"{"presence":{"types":[]},"account_data":{"types":[]},"room":{"timeline":{"limit":100},
    "ephemeral":{"types":[]},"account_data":{"types":[]},"state":{"lazy_load_members":true}}}"#;

/// A user who is logged in.
pub(crate) struct Agent {
    pub(crate) user: String,
    pub(crate) token: String,
    http: reqwest::Client,
    heard: Mutex<Heard>,
    /// A room in which nobody else is.
    own: OnceCell<String>,
}

#[derive(Default)]
struct Heard {
    since: Option<String>,
    rooms: HashMap<String, Vec<Value>>,
}

impl Agent {
    /// Makes a user and logs in; without a password, since the server's admin may.
    pub(crate) async fn new(name: &str) -> Self {
        let user = make_user(name, None).await;
        let path = ["_synapse", "admin", "v1", "users", &user, "login"];
        let answer = as_admin(Method::POST, &path, json!({})).await;
        let token = answer["access_token"].as_str().expect("a token").to_owned();
        Self::with_token(&user, &token)
    }

    /// Somebody who is logged in already.
    pub(crate) fn with_token(user: &str, token: &str) -> Self {
        let (http, heard, own) = (reqwest::Client::new(), Mutex::default(), OnceCell::new());
        Self { user: user.to_owned(), token: token.to_owned(), http, heard, own }
    }

    /// One request of the client-server API: the body of the answer, or status and body of a refusal.
    pub(crate) async fn ask(&self, method: Method, path: &[&str], body: Value) -> Result<Value, (u16, Value)> {
        let whole: Vec<&str> = ["_matrix", "client", "v3"].iter().chain(path).copied().collect();
        call(&self.http, method, &whole, &[], Some(body), &self.token).await
    }

    async fn must(&self, method: Method, path: &[&str], body: Value) -> Value {
        let asked = path.join("/");
        self.ask(method, path, body).await.unwrap_or_else(|(status, body)| panic!("{asked}: {status} {body}"))
    }

    /// Joins, as soon as the invitation is there.
    pub(crate) async fn join(&self, room: &str) {
        until(&format!("{} is invited to {room}", self.user), 60, async || {
            self.ask(Method::POST, &["join", room], json!({})).await.ok()
        })
        .await;
    }

    pub(crate) async fn invite(&self, room: &str, user: &str) {
        self.must(Method::POST, &["rooms", room, "invite"], json!({ "user_id": user })).await;
    }

    pub(crate) async fn create_room(&self, wanted: Value) -> String {
        self.must(Method::POST, &["createRoom"], wanted).await["room_id"].as_str().expect("a room").to_owned()
    }

    pub(crate) async fn set_state(&self, room: &str, kind: &str, content: Value) {
        self.must(Method::PUT, &["rooms", room, "state", kind, ""], content).await;
    }

    /// Sends an event; its id.
    pub(crate) async fn send(&self, room: &str, kind: &str, content: Value) -> String {
        let sent = self.must(Method::PUT, &["rooms", room, "send", kind, &unique()], content).await;
        sent["event_id"].as_str().expect("an event id").to_owned()
    }

    /// Says something in the room, outside of threads.
    pub(crate) async fn say(&self, room: &str, text: &str) -> String {
        self.send(room, "m.room.message", json!({ "msgtype": "m.text", "body": text, "m.mentions": {} })).await
    }

    /// Says something in a card's thread.
    pub(crate) async fn say_in(&self, room: &str, thread: &str, text: &str) -> String {
        let place = json!({ "rel_type": "m.thread", "event_id": thread, "is_falling_back": true, "m.in_reply_to": { "event_id": thread } });
        let content = json!({ "msgtype": "m.text", "body": text, "m.mentions": {}, "m.relates_to": place });
        self.send(room, "m.room.message", content).await
    }

    pub(crate) async fn edit(&self, room: &str, event: &str, text: &str) -> String {
        let new = json!({ "msgtype": "m.text", "body": text, "m.mentions": {} });
        let relation = json!({ "rel_type": "m.replace", "event_id": event });
        let body = format!("* {text}");
        let content = json!({ "msgtype": "m.text", "body": body, "m.mentions": {}, "m.new_content": new, "m.relates_to": relation });
        self.send(room, "m.room.message", content).await
    }

    pub(crate) async fn react(&self, room: &str, event: &str, key: &str) -> String {
        let relation = json!({ "rel_type": "m.annotation", "event_id": event, "key": key });
        self.send(room, "m.reaction", json!({ "m.relates_to": relation })).await
    }

    /// Everything heard in a room so far, oldest first.
    pub(crate) async fn events(&self, room: &str) -> Vec<Value> {
        self.events_from(room, 0).await
    }

    /// The same without the first so many.
    pub(crate) async fn events_from(&self, room: &str, first: usize) -> Vec<Value> {
        let mut heard = self.heard.lock().await;
        let mut query = vec![("filter", FILTER.to_owned()), ("timeout", "0".to_owned())];
        query.extend(heard.since.clone().map(|since| ("since", since)));
        let path = ["_matrix", "client", "v3", "sync"];
        // The server may be away: that is what some tests are about.
        if let Ok(answer) = call(&self.http, Method::GET, &path, &query, None, &self.token).await {
            heard.since = answer["next_batch"].as_str().map(ToOwned::to_owned);
            for (room, update) in answer["rooms"]["join"].as_object().into_iter().flatten() {
                let known = heard.rooms.entry(room.clone()).or_default();
                let timeline = &update["timeline"];
                if timeline["limited"] == true {
                    let newest = known.last().cloned();
                    known.extend(self.gap(room, timeline["prev_batch"].clone(), newest).await);
                }
                known.extend(timeline["events"].as_array().into_iter().flatten().cloned());
            }
        }
        heard.rooms.get(room).and_then(|events| events.get(first..)).unwrap_or_default().to_vec()
    }

    /// Hears all that the server has answered for until now. A sync alone may end before it: Synapse acknowledges an event while
    /// an earlier one of somebody else's is still being written, and a sync reaches only as far as everything is. So whoever is to
    /// have heard all says something in a room of their own, and listens until they hear it.
    pub(crate) async fn catch_up(&self) {
        let room = self.own.get_or_init(|| self.create_room(json!({}))).await;
        let last = self.say(room, "so far").await;
        let heard = async || self.events(room).await.iter().any(|event| event["event_id"] == *last).then_some(());
        until("everything is heard", 60, heard).await;
    }

    /// What a sync left out: everything before `from`, back to the newest event that is known.
    async fn gap(&self, room: &str, mut from: Value, newest: Option<Value>) -> Vec<Value> {
        let path = ["_matrix", "client", "v3", "rooms", room, "messages"];
        let known = newest.map(|event| event["event_id"].clone());
        let mut missed = Vec::new();
        while let Some(token) = from.as_str() {
            let query = [("dir", "b".to_owned()), ("limit", "500".to_owned()), ("from", token.to_owned())];
            let page = call(&self.http, Method::GET, &path, &query, None, &self.token).await.expect("a page");
            let events = page["chunk"].as_array().expect("events");
            let new = events.iter().take_while(|event| Some(&event["event_id"]) != known.as_ref());
            let before = missed.len();
            missed.extend(new.cloned());
            from = if missed.len() - before < events.len() { Value::Null } else { page["end"].clone() };
        }
        missed.reverse();
        missed
    }

    /// All that the homeserver gives of a room now, as JSON.
    pub(crate) async fn past(&self, room: &str) -> String {
        Value::from(self.past_events(room).await).to_string()
    }

    /// All events that the homeserver gives of a room now, oldest first, whatever was heard before.
    pub(crate) async fn past_events(&self, room: &str) -> Vec<Value> {
        let path = ["_matrix", "client", "v3", "rooms", room, "messages"];
        let (mut from, mut events) = (None::<String>, Vec::new());
        loop {
            let mut query = vec![("dir", "b".to_owned()), ("limit", "100".to_owned())];
            query.extend(from.map(|from| ("from", from)));
            let page = call(&self.http, Method::GET, &path, &query, None, &self.token).await.expect("a page");
            events.extend(page["chunk"].as_array().expect("events").iter().cloned());
            match page["end"].as_str() {
                Some(end) => from = Some(end.to_owned()),
                None => break,
            }
        }
        events.reverse();
        events
    }

    /// What stands in a room, as a whole.
    pub(crate) async fn transcript(&self, room: &str) -> Transcript {
        Transcript(self.events(room).await)
    }

    /// The card of the ticket with that subject.
    pub(crate) async fn card(&self, room: &str, subject: &str) -> Card {
        until(&format!("the card of {subject:?}"), 60, async || {
            self.transcript(room).await.cards(subject).into_iter().next()
        })
        .await
    }

    /// Waits until the desk has put a mark on an event.
    pub(crate) async fn marked(&self, room: &str, event: &str, mark: &str) {
        until(&format!("{mark} on {event}"), 60, async || {
            self.transcript(room).await.marks(event).contains(&mark.to_owned()).then_some(())
        })
        .await;
    }
}

/// A ticket's card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Card {
    pub(crate) root: String,
    pub(crate) number: String,
}

/// The events of a room, oldest first.
pub(crate) struct Transcript(pub(crate) Vec<Value>);

impl Transcript {
    fn messages(&self) -> impl Iterator<Item = &Value> {
        self.0
            .iter()
            .filter(|event| event["type"] == "m.room.message" && event["unsigned"]["redacted_because"].is_null())
    }

    fn is_edit(event: &Value) -> bool {
        event["content"]["m.relates_to"]["rel_type"] == "m.replace"
    }

    /// All cards of tickets with that subject: there should be one.
    pub(crate) fn cards(&self, subject: &str) -> Vec<Card> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        self.messages()
            .filter(|event| !Self::is_edit(event) && event["content"]["org.ticketloom.ticket"]["subject"] == subject)
            .map(|event| Card {
                root: text(&event["event_id"]),
                number: text(&event["content"]["org.ticketloom.ticket"]["number"]),
            })
            .collect()
    }

    /// All cards there are.
    pub(crate) fn all_cards(&self) -> usize {
        let is_card = |event: &&Value| !Self::is_edit(event) && event["content"]["org.ticketloom.ticket"].is_object();
        self.messages().filter(is_card).count()
    }

    /// What the newest edit of a card says of its ticket.
    pub(crate) fn ticket(&self, root: &str) -> Value {
        let mut ticket = Value::Null;
        for event in self.messages() {
            let content = &event["content"];
            if event["event_id"] == root {
                ticket = content["org.ticketloom.ticket"].clone();
            } else if Self::is_edit(event) && content["m.relates_to"]["event_id"] == root {
                ticket = content["m.new_content"]["org.ticketloom.ticket"].clone();
            }
        }
        ticket
    }

    /// The keys of the reactions to an event that were not taken back. (A sync never tells again of what was redacted.)
    pub(crate) fn marks(&self, event: &str) -> Vec<String> {
        let relation = |reaction: &Value| reaction["content"]["m.relates_to"].clone();
        let is_redacted = |id: &Value| {
            self.0
                .iter()
                .filter(|event| event["type"] == "m.room.redaction")
                .any(|redaction| redaction["redacts"] == *id || redaction["content"]["redacts"] == *id)
        };
        self.0
            .iter()
            .filter(|reaction| reaction["type"] == "m.reaction" && relation(reaction)["event_id"] == event)
            .filter(|reaction| !is_redacted(&reaction["event_id"]))
            .filter_map(|reaction| relation(reaction)["key"].as_str().map(ToOwned::to_owned))
            .collect()
    }

    /// What stands in a thread, without edits, oldest first.
    pub(crate) fn thread(&self, root: &str) -> Vec<&Value> {
        let in_thread = |event: &&Value| {
            event["content"]["m.relates_to"]["rel_type"] == "m.thread"
                && event["content"]["m.relates_to"]["event_id"] == root
        };
        self.messages().filter(in_thread).collect()
    }

    /// The bodies of the desk's articles in a thread, oldest first.
    pub(crate) fn articles(&self, root: &str) -> Vec<String> {
        let is_article = |event: &&&Value| event["content"]["org.ticketloom.article"].is_object();
        let body = |event: &Value| event["content"]["body"].as_str().unwrap_or_default().to_owned();
        self.thread(root).iter().filter(is_article).map(|event| body(event)).collect()
    }

    /// The bodies of all notices in a thread.
    pub(crate) fn bodies(&self, root: &str) -> Vec<String> {
        let body = |event: &&Value| event["content"]["body"].as_str().unwrap_or_default().to_owned();
        self.thread(root).iter().map(body).collect()
    }

    /// Keys of the desk's outbox that more than one event carries: there should be none.
    pub(crate) fn repeated_keys(&self) -> Vec<String> {
        let mut count: BTreeMap<String, u32> = BTreeMap::new();
        for event in &self.0 {
            if let Some(key) = event["content"]["org.ticketloom.key"].as_str() {
                *count.entry(key.to_owned()).or_default() += 1;
            }
        }
        count.into_iter().filter(|(_, count)| *count > 1).map(|(key, _)| key).collect()
    }
}

/// Makes a user of the server; the id.
pub(crate) async fn make_user(name: &str, password: Option<&str>) -> String {
    let user = format!("@{name}:{}", world().homeserver.server_name);
    let wanted = match password {
        Some(password) => json!({ "password": password }),
        None => json!({}),
    };
    as_admin(Method::PUT, &["_synapse", "admin", "v2", "users", &user], wanted).await;
    user
}

/// A request of the server's admin.
pub(crate) async fn as_admin(method: Method, path: &[&str], body: Value) -> Value {
    let asked = path.join("/");
    call(&reqwest::Client::new(), method, path, &[], Some(body), &world().homeserver.admin_token)
        .await
        .unwrap_or_else(|(status, body)| panic!("{asked}: {status} {body}"))
}

async fn call(
    http: &reqwest::Client,
    method: Method,
    path: &[&str],
    query: &[(&str, String)],
    body: Option<Value>,
    token: &str,
) -> Result<Value, (u16, Value)> {
    let mut url = world().homeserver.url.clone();
    url.path_segments_mut().expect("an http URL").clear().extend(path);
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query);
    }
    let mut request = http.request(method, url).bearer_auth(token).timeout(std::time::Duration::from_mins(1));
    if let Some(body) = body {
        request = request.json(&body);
    }
    let away = |error: reqwest::Error| (0, json!(error.to_string()));
    let response = request.send().await.map_err(away)?;
    let status = response.status();
    let body: Value = response.json().await.map_err(away)?;
    if status.is_success() { Ok(body) } else { Err((status.as_u16(), body)) }
}
