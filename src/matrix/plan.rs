//! What a room should look like, and how one that exists differs from it. Pure.

use serde_json::{Map, Value, json};

use crate::desk::seams::{RoomKind, RoomPlan};
use crate::domain::id::{RoomId, UserId};

/// The room version that is made: its creator stands above all power levels (MSC4289), so that nobody
/// can take a queue from the bot.
pub(super) const VERSION: &str = "12";

/// One way in which a room is not as planned.
#[derive(Debug)]
pub(super) struct Deviation {
    /// A sentence for each thing that is wrong.
    pub(super) says: Vec<String>,
    /// What puts it right. `None`: only a person can, and the sentences say how.
    pub(super) mend: Option<Mend>,
}

/// What puts a deviation right.
#[derive(Debug, PartialEq)]
pub(super) enum Mend {
    /// A state event in the room.
    State { kind: &'static str, key: String, content: Value },
    /// The room's alias.
    Alias,
    /// The room as a child of its Space.
    Child { space: RoomId },
    /// An invitation.
    Invite(UserId),
    /// Somebody is let in again whom we had banned.
    Readmit(UserId),
    /// Somebody who has no business there any more.
    Ban(UserId),
}

/// A room's state: the events of `GET /rooms/{id}/state`.
#[derive(Debug, Default)]
pub(super) struct Found(pub(super) Vec<Value>);

impl Found {
    pub(super) fn event(&self, kind: &str, key: &str) -> Option<&Value> {
        self.0.iter().find(|event| event["type"] == kind && event["state_key"] == key)
    }

    fn content(&self, kind: &str, key: &str) -> &Value {
        self.event(kind, key).map_or(&Value::Null, |event| &event["content"])
    }

    /// Whether the user is in the room.
    pub(super) fn has_joined(&self, user: &UserId) -> bool {
        self.content("m.room.member", user.as_str())["membership"] == "join"
    }

    /// Who is in the room or invited to it.
    pub(super) fn present(&self) -> impl Iterator<Item = UserId> {
        let members = self.0.iter().filter(|event| event["type"] == "m.room.member");
        let present =
            members.filter(|event| matches!(event["content"]["membership"].as_str(), Some("join" | "invite")));
        present.filter_map(|event| UserId::parse(event["state_key"].as_str()?))
    }

    /// Whether the user made the room.
    pub(super) fn was_made_by(&self, user: &UserId) -> bool {
        self.event("m.room.create", "").is_some_and(|event| event["sender"] == user.as_str())
    }

    pub(super) fn is_encrypted(&self) -> bool {
        self.event("m.room.encryption", "").is_some()
    }

    /// Before version 12 the creator was a user with a power level like any other.
    fn lists_creator(&self) -> bool {
        let version = self.content("m.room.create", "")["room_version"].as_str().unwrap_or("1");
        version.parse::<u32>().is_ok_and(|version| version < 12)
    }
}

/// The state events that make a room what its plan says, each with a word for what it is.
fn wanted(plan: &RoomPlan, own: &UserId, lists_creator: bool) -> Vec<(&'static str, &'static str, String, Value)> {
    let here = String::new;
    let mut state = vec![
        ("the name", "m.room.name", here(), json!({ "name": plan.name })),
        ("the topic", "m.room.topic", here(), json!({ "topic": plan.topic })),
        ("the join rule", "m.room.join_rules", here(), join_rule(plan)),
        ("who sees the history", "m.room.history_visibility", here(), json!({ "history_visibility": "shared" })),
        ("guest access", "m.room.guest_access", here(), json!({ "guest_access": "forbidden" })),
        ("power levels", "m.room.power_levels", here(), power_levels(plan, own, lists_creator)),
    ];
    if let RoomKind::Queue { space, encrypted, .. } = &plan.kind {
        let parent = json!({ "canonical": true, "via": [own.server()] });
        state.push(("the Space it belongs to", "m.space.parent", space.as_str().to_owned(), parent));
        if *encrypted {
            state.push(("encryption", "m.room.encryption", here(), encryption()));
        }
    }
    state
}

/// Each new key goes to every device in the room by itself, and all keys to whoever is invited; a card's edits count as
/// messages. So one is used for longer than by default (100 messages, a week).
fn encryption() -> Value {
    json!({ "algorithm": "m.megolm.v1.aes-sha2", "rotation_period_msgs": 1000, "rotation_period_ms": 2_592_000_000_u64 })
}

/// What `POST /createRoom` is asked for beside the preset, which is `private_chat`.
pub(super) fn creation(plan: &RoomPlan, own: &UserId) -> Value {
    let initial = wanted(plan, own, false).into_iter();
    // These three have parameters of their own.
    let initial =
        initial.filter(|(_, kind, ..)| !["m.room.name", "m.room.topic", "m.room.power_levels"].contains(kind));
    let mut request = json!({
        "room_version": VERSION,
        "name": plan.name,
        "room_alias_name": plan.alias,
        "creation_content": { "m.federate": plan.federated },
        "power_level_content_override": power_levels(plan, own, false),
        "initial_state": initial
            .map(|(_, kind, key, content)| json!({ "type": kind, "state_key": key, "content": content }))
            .collect::<Vec<_>>(),
    });
    if !plan.topic.is_empty() {
        request["topic"] = json!(plan.topic);
    }
    if plan.kind == RoomKind::Space {
        request["creation_content"]["type"] = json!("m.space");
    }
    if plan.kind == RoomKind::Home {
        // Both the flag and the invitation with it: so the agent's client lists it among the direct rooms.
        request["is_direct"] = json!(true);
        request["invite"] = json!(plan.invited);
    }
    request
}

/// Every way in which a room differs from its plan, as far as its own state tells.
pub(super) fn deviations(plan: &RoomPlan, own: &UserId, found: &Found) -> Vec<Deviation> {
    let mut deviations: Vec<Deviation> = wanted(plan, own, found.lists_creator())
        .into_iter()
        .filter_map(|(what, kind, key, content)| state_deviation(what, kind, key, &content, found))
        .collect();
    let alias = full_alias(plan, own);
    let canonical = found.content("m.room.canonical_alias", "")["alias"].as_str();
    if canonical != Some(&alias) {
        let says = format!("the room's alias is {}, not {alias}", canonical.unwrap_or("missing"));
        deviations.push(Deviation { says: vec![says], mend: Some(Mend::Alias) });
    }
    deviations.extend(unmendable(plan, own, found));
    deviations.extend(super::members::deviations(plan, own, found));
    deviations
}

/// `#alias:server`.
pub(super) fn full_alias(plan: &RoomPlan, own: &UserId) -> String {
    format!("#{}:{}", plan.alias, own.server())
}

fn join_rule(plan: &RoomPlan) -> Value {
    match &plan.kind {
        // Only with our invitation come the keys of what was said before (MSC4268).
        RoomKind::Queue { encrypted: true, .. } | RoomKind::Space | RoomKind::Home | RoomKind::Admins => {
            json!({ "join_rule": "invite" })
        }
        RoomKind::Queue { space, .. } => json!({
            "join_rule": "restricted",
            "allow": [{ "type": "m.room_membership", "room_id": space }],
        }),
    }
}

/// The outer fence (`m.room.power_levels`): members read, writers write, admins rule, the bot is above.
fn power_levels(plan: &RoomPlan, own: &UserId, lists_creator: bool) -> Value {
    let speak = match &plan.kind {
        RoomKind::Space => 100,
        RoomKind::Home => 0,
        RoomKind::Admins => 50,
        RoomKind::Queue { everybody_posts, .. } => i32::from(!everybody_posts) * 10,
    };
    let mut users: Map<String, Value> = plan
        .writers
        .iter()
        .filter(|(user, _)| user != own)
        .map(|(user, level)| (user.as_str().to_owned(), json!(level)))
        .collect();
    if lists_creator {
        users.insert(own.as_str().to_owned(), json!(100));
    }
    json!({
        "users": users,
        "users_default": 0,
        "events_default": speak,
        "state_default": 50,
        "invite": 50,
        "kick": 50,
        "ban": 50,
        "redact": 50,
        "events": {
            "m.reaction": speak,
            // One's own messages; those of others need `redact`.
            "m.room.redaction": 0,
            "m.room.pinned_events": 50,
            "m.room.encryption": 100,
            "m.room.history_visibility": 100,
            "m.room.power_levels": 100,
            "m.room.server_acl": 100,
            // Where the bot itself is bound by levels, 150 would lock it out.
            "m.room.tombstone": if lists_creator { 100 } else { 150 },
        },
        "notifications": { "room": 50 },
    })
}

fn state_deviation(what: &str, kind: &'static str, key: String, wanted: &Value, found: &Found) -> Option<Deviation> {
    let actual = found.content(kind, &key);
    let differing = differing_keys(actual, wanted);
    if differing.is_empty() || (kind == "m.room.topic" && actual.is_null() && wanted["topic"] == "") {
        return None;
    }
    let says = match kind {
        "m.room.power_levels" => power_sentences(actual, wanted, &differing),
        "m.room.encryption" if actual["algorithm"].is_null() => {
            vec!["the room is not encrypted though its queue is".to_owned()]
        }
        _ => vec![format!("{what} is {}, not {}", shown(&differing, actual), shown(&differing, wanted))],
    };
    // What others have put beside our keys is theirs.
    let mut content = actual.as_object().cloned().unwrap_or_default();
    content.extend(wanted.as_object().cloned().unwrap_or_default());
    Some(Deviation { says, mend: Some(Mend::State { kind, key, content: Value::Object(content) }) })
}

fn differing_keys(actual: &Value, wanted: &Value) -> Vec<String> {
    let wanted = wanted.as_object().into_iter().flatten();
    wanted.filter(|(key, value)| actual.get(key.as_str()) != Some(value)).map(|(key, _)| key.clone()).collect()
}

fn shown(keys: &[String], content: &Value) -> String {
    let one = |key: &String| content.get(key).map_or_else(|| "missing".to_owned(), ToString::to_string);
    keys.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn power_sentences(actual: &Value, wanted: &Value, differing: &[String]) -> Vec<String> {
    let mut says = Vec::new();
    for key in differing {
        let (Some(is), Some(should)) = (actual[key].as_object(), wanted[key].as_object()) else {
            says.push(format!("power level {key} is {}, not {}", actual[key], wanted[key]));
            continue;
        };
        let surplus = is.keys().filter(|name| !should.contains_key(*name));
        for name in should.keys().chain(surplus) {
            let level = |levels: &Map<String, Value>| levels.get(name).map_or("unset".to_owned(), ToString::to_string);
            if is.get(name) != should.get(name) {
                says.push(format!("the power level of {name} is {}, not {}", level(is), level(should)));
            }
        }
    }
    says
}

/// What can't be changed in a room that exists.
fn unmendable(plan: &RoomPlan, own: &UserId, found: &Found) -> Vec<Deviation> {
    let mut says = Vec::new();
    let create = found.content("m.room.create", "");
    if create["m.federate"].as_bool().unwrap_or(true) != plan.federated {
        let can = if plan.federated { "cannot" } else { "can" };
        says.push(format!("the room {can} be joined from other servers"));
    }
    if !found.was_made_by(own) {
        says.push("the bot has not made the room, so others may rule it".to_owned());
    }
    if found.event("m.room.tombstone", "").is_some() {
        says.push("the room was upgraded by somebody, and the desk does not follow".to_owned());
    }
    if matches!(plan.kind, RoomKind::Queue { encrypted: false, .. }) && found.is_encrypted() {
        says.push("the room is encrypted though its queue is not".to_owned());
    }
    let mend = "; this stays so in this room, and `ticketloom remirror` makes a fresh one";
    says.into_iter().map(|says| Deviation { says: vec![says + mend], mend: None }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(name: &str) -> UserId {
        UserId::parse(&format!("@{name}:desk.test")).expect("a user's id")
    }

    fn queue() -> RoomPlan {
        let space = RoomId::parse("!space").expect("a room's id");
        RoomPlan {
            known: None,
            former: Vec::new(),
            alias: "queue-support".to_owned(),
            name: "Support".to_owned(),
            topic: String::new(),
            kind: RoomKind::Queue { space, everybody_posts: false, encrypted: false },
            writers: vec![(user("root"), 100), (user("alice"), 10)],
            invited: vec![user("alice"), user("walter"), user("bot")],
            barred: vec![user("mallory")],
            federated: false,
        }
    }

    /// The state of a room that was made as planned, with everybody invited.
    fn made(plan: &RoomPlan) -> Found {
        let request = creation(plan, &user("bot"));
        let mut events: Vec<Value> = request["initial_state"].as_array().expect("events").clone();
        let mut put = |kind: &str, key: &str, content: Value| {
            events.push(json!({ "type": kind, "state_key": key, "sender": "@bot:desk.test", "content": content }));
        };
        put("m.room.create", "", json!({ "room_version": "12", "m.federate": plan.federated }));
        put("m.room.name", "", json!({ "name": plan.name }));
        put("m.room.power_levels", "", request["power_level_content_override"].clone());
        put("m.room.canonical_alias", "", json!({ "alias": "#queue-support:desk.test" }));
        for invited in &plan.invited {
            put("m.room.member", invited.as_str(), json!({ "membership": "invite" }));
        }
        put("m.room.member", "@mallory:desk.test", json!({ "membership": "ban" }));
        Found(events)
    }

    fn set(found: &mut Found, kind: &str, key: &str, sender: &str, content: &Value) {
        found.0.retain(|event| event["type"] != kind || event["state_key"] != key);
        found.0.push(json!({ "type": kind, "state_key": key, "sender": sender, "content": content }));
    }

    fn says(plan: &RoomPlan, found: &Found) -> Vec<String> {
        deviations(plan, &user("bot"), found).into_iter().flat_map(|deviation| deviation.says).collect()
    }

    #[test]
    fn the_creator_is_in_no_list_of_a_new_room() {
        let mut plan = queue();
        plan.writers.push((user("bot"), 100));
        let levels = &creation(&plan, &user("bot"))["power_level_content_override"];
        assert_eq!(levels["users"], json!({ "@root:desk.test": 100, "@alice:desk.test": 10 }));
        assert_eq!((&levels["events_default"], &levels["events"]["m.reaction"]), (&json!(10), &json!(10)));
    }

    #[test]
    fn a_room_that_was_just_made_is_as_planned() {
        for plan in [queue(), RoomPlan { federated: true, ..queue() }] {
            assert_eq!(says(&plan, &made(&plan)), Vec::<String>::new());
        }
        let space = RoomPlan { kind: RoomKind::Space, ..queue() };
        assert_eq!(says(&space, &made(&space)), Vec::<String>::new());
    }

    #[test]
    fn who_is_no_writer_any_more_loses_the_level() {
        let mut found = made(&queue());
        let mut levels = found.content("m.room.power_levels", "").clone();
        levels["historical"] = json!(100);
        set(&mut found, "m.room.power_levels", "", "@bot:desk.test", &levels);
        let plan = RoomPlan { writers: vec![(user("root"), 100), (user("bob"), 10)], ..queue() };
        let deviations = deviations(&plan, &user("bot"), &found);
        let [deviation] = deviations.as_slice() else { panic!("{deviations:?}") };
        assert_eq!(
            deviation.says,
            [
                "the power level of @bob:desk.test is unset, not 10",
                "the power level of @alice:desk.test is 10, not unset"
            ]
        );
        let Some(Mend::State { kind: "m.room.power_levels", content, .. }) = &deviation.mend else { panic!() };
        assert_eq!(content["users"], json!({ "@root:desk.test": 100, "@bob:desk.test": 10 }));
        assert_eq!(content["historical"], 100, "what others have set stays");
    }

    #[test]
    fn a_gate_that_somebody_opened_is_seen() {
        let mut found = made(&queue());
        set(&mut found, "m.room.join_rules", "", "@root:desk.test", &json!({ "join_rule": "public" }));
        let mut levels = found.content("m.room.power_levels", "").clone();
        levels["events"]["m.room.message"] = json!(0);
        set(&mut found, "m.room.power_levels", "", "@root:desk.test", &levels);
        let says = says(&queue(), &found);
        assert_eq!(says.len(), 2, "{says:?}");
        assert!(says[0].starts_with("the join rule is missing, \"public\", not [{"), "{}", says[0]);
        assert_eq!(says[1], "the power level of m.room.message is 0, not unset");
    }

    #[test]
    fn who_left_stays_left_and_who_was_put_out_may_come_back() {
        let mut found = made(&queue());
        let leave = json!({ "membership": "leave" });
        set(&mut found, "m.room.member", "@alice:desk.test", "@alice:desk.test", &leave);
        set(&mut found, "m.room.member", "@walter:desk.test", "@root:desk.test", &json!({ "membership": "ban" }));
        assert_eq!(says(&queue(), &found), Vec::<String>::new());
        set(&mut found, "m.room.member", "@walter:desk.test", "@root:desk.test", &leave);
        assert_eq!(says(&queue(), &found), ["@walter:desk.test belongs into the room and is not invited"]);
        set(&mut found, "m.room.member", "@walter:desk.test", "@bot:desk.test", &json!({ "membership": "ban" }));
        set(&mut found, "m.room.member", "@mallory:desk.test", "@mallory:desk.test", &json!({ "membership": "join" }));
        let expected = [
            "@walter:desk.test belongs into the room again and is banned",
            "@mallory:desk.test has no business in the room and could be there",
        ];
        assert_eq!(says(&queue(), &found), expected);
    }

    #[test]
    fn what_no_power_can_change_names_the_way_out() {
        let mut found = made(&queue());
        set(&mut found, "m.room.encryption", "", "@root:desk.test", &json!({ "algorithm": "m.megolm.v1.aes-sha2" }));
        let plan = RoomPlan { federated: true, ..queue() };
        let deviations = deviations(&plan, &user("bot"), &found);
        assert_eq!(deviations.len(), 2);
        for deviation in deviations {
            assert_eq!(deviation.mend, None);
            assert!(deviation.says[0].contains("remirror"), "{:?}", deviation.says);
        }
    }

    #[test]
    fn an_encrypted_queue_s_room_becomes_encrypted() {
        let mut plan = queue();
        let found = made(&plan);
        if let RoomKind::Queue { encrypted, .. } = &mut plan.kind {
            *encrypted = true;
        }
        let told = says(&plan, &found);
        assert!(told.contains(&"the room is not encrypted though its queue is".to_owned()), "{told:?}");
        assert!(told.iter().any(|says| says.starts_with("the join rule")), "by invitation only: {told:?}");
        assert_eq!(says(&plan, &made(&plan)), Vec::<String>::new());
    }
}
