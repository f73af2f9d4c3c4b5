//! A Matrix event's JSON as the desk's [`ChatEvent`]. Pure.
//!
//! Everything is read from [`Value`], not from typed events: a field of the wrong type then costs that
//! field and not the event, and nobody can stop the desk by sending odd JSON.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::chat::event::{ChatEvent, EventKind, Message, MessageFile};
use crate::domain::id::{EventId, RoomId, UserId};

/// The event types that people do something with; all others are not kept.
pub const KINDS: [&str; 4] = ["m.room.message", "m.reaction", "m.room.redaction", "m.room.encrypted"];

/// Reads an event, decrypted if it could be, that came in at a moment. `None`: the bot's own, a state event, a message whose
/// content is gone because it was redacted, or of a kind that the desk has no use for.
#[must_use]
pub fn read(room: &RoomId, (json, received): (&str, DateTime<Utc>), own: &UserId) -> Option<ChatEvent> {
    let event: Value = serde_json::from_str(json).ok()?;
    let sender = UserId::parse(event["sender"].as_str()?)?;
    if sender == *own || event.get("state_key").is_some() {
        return None;
    }
    let content = &event["content"];
    let what = match event["type"].as_str()? {
        "m.room.message" => message(content)?,
        "m.reaction" => reaction(content)?,
        "m.room.redaction" => redaction(&event)?,
        "m.room.encrypted" => EventKind::Undecryptable { thread: relation(content, "m.thread") },
        _ => return None,
    };
    let id = EventId::parse(event["event_id"].as_str()?)?;
    Some(ChatEvent { id, room: room.clone(), sender, sent_at: sent_at(&event, received), what })
}

/// When an event was sent, by the clock of its sender's homeserver; never later than it came in, whatever that clock says.
fn sent_at(event: &Value, received: DateTime<Utc>) -> DateTime<Utc> {
    let sent = event["origin_server_ts"].as_i64().and_then(DateTime::from_timestamp_millis);
    sent.map_or(received, |sent| sent.min(received))
}

/// "Instant Messaging": m.room.message, with "Event replacements", "Threading" and "Rich replies".
fn message(content: &Value) -> Option<EventKind> {
    if let Some(of) = relation(content, "m.replace") {
        // The body beside `m.new_content` is the fallback ("* …") for clients without edits.
        let text = words(content.get("m.new_content")?)?.text;
        return Some(EventKind::Edit { of, text });
    }
    let Words { text, may_command, file } = words(content)?;
    let relates = &content["m.relates_to"];
    let is_fallback = relates["is_falling_back"].as_bool().unwrap_or(false);
    let replied = relates["m.in_reply_to"]["event_id"].as_str().and_then(EventId::parse);
    let text = if replied.is_some() { without_reply_fallback(&text) } else { text };
    Some(EventKind::Message(Message {
        text,
        may_command,
        thread: relation(content, "m.thread"),
        reply_to: replied.filter(|_| !is_fallback),
        mentions: mentions(content),
        pills: pills(content),
        file,
    }))
}

/// What a message's content says, whether it is new or an edit.
struct Words {
    text: String,
    may_command: bool,
    file: Option<MessageFile>,
}

fn words(content: &Value) -> Option<Words> {
    let body = clean(content["body"].as_str()?);
    match content["msgtype"].as_str()? {
        "m.text" => Some(Words { text: body, may_command: true, file: None }),
        "m.notice" | "m.emote" => Some(Words { text: body, may_command: false, file: None }),
        "m.file" | "m.image" | "m.audio" | "m.video" => {
            let (name, text) = caption(content, body);
            let may_command = !text.is_empty();
            Some(Words { text, may_command, file: Some(file(content, name)?) })
        }
        _ => None,
    }
}

/// Name and caption: the body is a caption only beside a `filename` that differs from it ("Media
/// captions", v1.10; MSC2530).
fn caption(content: &Value, body: String) -> (String, String) {
    match content["filename"].as_str() {
        Some(name) if name != body => (clean(name), body),
        _ => (body, String::new()),
    }
}

fn file(content: &Value, name: String) -> Option<MessageFile> {
    let media = ["file", "url"].into_iter().find_map(|key| {
        let value = content.get(key).filter(|value| value.is_object() || value.is_string())?;
        Some(serde_json::json!({ key: value }))
    })?;
    let mime = content["info"]["mimetype"].as_str().unwrap_or("application/octet-stream");
    Some(MessageFile { name, mime: clean(mime), size: content["info"]["size"].as_u64().unwrap_or(0), media })
}

/// "Event annotations and reactions". Clients disagree about U+FE0F behind an emoji.
fn reaction(content: &Value) -> Option<EventKind> {
    let to = relation(content, "m.annotation")?;
    let key = content["m.relates_to"]["key"].as_str()?.replace(['\u{fe0f}', '\0'], "");
    Some(EventKind::Reaction { to, key })
}

/// "Redactions": `redacts` stands in the content from room version 11 on, before beside it.
fn redaction(event: &Value) -> Option<EventKind> {
    let of = event["content"]["redacts"].as_str().or_else(|| event["redacts"].as_str())?;
    Some(EventKind::Redaction { of: EventId::parse(of)? })
}

/// The event that a content relates to in a given way.
fn relation(content: &Value, kind: &str) -> Option<EventId> {
    let relates = content.get("m.relates_to")?;
    (relates["rel_type"].as_str()? == kind).then_some(())?;
    EventId::parse(relates["event_id"].as_str()?)
}

/// Takes the quote off that clients put before a reply until v1.13 of the specification: lines of
/// `> `, the first of which names who is quoted. A quote that somebody typed has no name and stays.
fn without_reply_fallback(text: &str) -> String {
    if !text.starts_with("> <@") && !text.starts_with("> * <@") {
        return text.to_owned();
    }
    let mut rest = text;
    while let Some(quoted) = rest.strip_prefix('>') {
        rest = quoted.split_once('\n').map_or("", |(_, rest)| rest);
    }
    rest.strip_prefix('\n').unwrap_or(rest).to_owned()
}

/// `m.mentions` ("User and room mentions", v1.7), and the pills that clients without it only link.
fn mentions(content: &Value) -> Vec<UserId> {
    let listed = content["m.mentions"]["user_ids"].as_array().into_iter().flatten();
    let mut users: Vec<UserId> = listed.filter_map(|user| UserId::parse(user.as_str()?)).collect();
    users.extend(pills(content));
    each_once(users)
}

/// Whom the words themselves link.
fn pills(content: &Value) -> Vec<UserId> {
    let html = content["formatted_body"].as_str().unwrap_or_default();
    // Who is quoted in a reply's fallback is not who is meant.
    let html = html.split_once("</mx-reply>").map_or(html, |(_, rest)| rest);
    each_once(html.split("href=").skip(1).filter_map(linked_user).collect())
}

fn each_once(mut users: Vec<UserId>) -> Vec<UserId> {
    let mut seen = std::collections::HashSet::new();
    users.retain(|user| seen.insert(user.clone()));
    users
}

/// The user in what follows `href=`: `https://matrix.to/#/@user:server` or `matrix:u/user:server`
/// ("URIs"), possibly percent-encoded.
fn linked_user(after: &str) -> Option<UserId> {
    let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (url, _) = after[1..].split_once(quote)?;
    let (sigil, name) = match url.split_once("//matrix.to/#/") {
        Some((_, name)) => ("", name),
        None => ("@", url.strip_prefix("matrix:u/")?),
    };
    let name = name.split(['?', '/']).next().unwrap_or_default();
    UserId::parse(&format!("{sigil}{}", percent_decoded(name)?))
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        if byte == b'%' && tail.len() >= 2 {
            let digits = std::str::from_utf8(&tail[..2]).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &tail[2..];
        } else {
            bytes.push(byte);
            rest = tail;
        }
    }
    String::from_utf8(bytes).ok()
}

/// `\u0000` is legal JSON, and PostgreSQL refuses it.
fn clean(text: &str) -> String {
    text.replace('\0', "")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn read_as(kind: &str, content: &Value) -> Option<EventKind> {
        let event = json!({
            "type": kind, "event_id": "$e", "sender": "@alice:desk.test", "content": content, "origin_server_ts": 1,
        });
        read_event(&event).map(|event| event.what)
    }

    fn read_event(event: &Value) -> Option<ChatEvent> {
        let room = RoomId::parse("!room").expect("a room");
        read(&room, (&event.to_string(), Utc::now()), &UserId::parse("@bot:desk.test").expect("a user"))
    }

    fn said(content: &Value) -> Message {
        match read_as("m.room.message", content) {
            Some(EventKind::Message(said)) => said,
            other => panic!("{other:?}"),
        }
    }

    fn id(text: &str) -> Option<EventId> {
        EventId::parse(text)
    }

    #[test]
    fn only_a_text_may_command() {
        for (kind, may) in [("m.text", true), ("m.notice", false), ("m.emote", false)] {
            assert_eq!(said(&json!({ "msgtype": kind, "body": "!close" })).may_command, may, "{kind}");
        }
        assert_eq!(read_as("m.room.message", &json!({ "msgtype": "m.key.verification.request", "body": "x" })), None);
        assert_eq!(read_as("m.room.message", &json!({})), None);
    }

    #[test]
    fn our_own_events_and_state_are_nothing() {
        let own = json!({ "type": "m.room.message", "event_id": "$e", "sender": "@bot:desk.test",
            "content": { "msgtype": "m.text", "body": "!close" } });
        assert_eq!(read_event(&own), None);
        let state = json!({ "type": "m.room.message", "event_id": "$e", "sender": "@alice:desk.test", "state_key": "",
            "content": { "msgtype": "m.text", "body": "!close" } });
        assert_eq!(read_event(&state), None);
    }

    #[test]
    fn a_thread_s_fallback_is_no_reply() {
        let relates = |falling_back: Value| {
            json!({ "msgtype": "m.text", "body": "x", "m.relates_to": { "rel_type": "m.thread", "event_id": "$root",
                "is_falling_back": falling_back, "m.in_reply_to": { "event_id": "$last" } } })
        };
        let fallback = said(&relates(json!(true)));
        assert_eq!((fallback.thread, fallback.reply_to), (id("$root"), None));
        for real in [json!(false), Value::Null] {
            let reply = said(&relates(real));
            assert_eq!((reply.thread, reply.reply_to), (id("$root"), id("$last")));
        }
        let plain =
            json!({ "msgtype": "m.text", "body": "x", "m.relates_to": { "m.in_reply_to": { "event_id": "$q" } } });
        assert_eq!((said(&plain).thread, said(&plain).reply_to), (None, id("$q")));
    }

    #[test]
    fn a_reply_s_quote_is_taken_off_and_a_typed_one_stays() {
        let reply = |body: &str| {
            let relates = json!({ "m.in_reply_to": { "event_id": "$q" } });
            said(&json!({ "msgtype": "m.text", "body": body, "m.relates_to": relates })).text
        };
        assert_eq!(reply("> <@carol:desk.test> !close\n> now\n\n!note fine\n\n> mine"), "!note fine\n\n> mine");
        assert_eq!(reply("> * <@carol:desk.test> waves\n\nhello"), "hello");
        assert_eq!(reply("> <@carol:desk.test> only a quote"), "");
        assert_eq!(reply("> what she wrote\n\nmy words"), "> what she wrote\n\nmy words");
        assert_eq!(said(&json!({ "msgtype": "m.text", "body": "> <@a:b> x\n\ny" })).text, "> <@a:b> x\n\ny");
    }

    #[test]
    fn an_edit_says_the_new_text() {
        let edit = json!({ "msgtype": "m.text", "body": "* new", "m.new_content": { "msgtype": "m.text", "body": "new" },
            "m.relates_to": { "rel_type": "m.replace", "event_id": "$old" } });
        let of = id("$old").expect("an id");
        assert_eq!(read_as("m.room.message", &edit), Some(EventKind::Edit { of, text: "new".to_owned() }));
        let empty = json!({ "msgtype": "m.text", "body": "* new", "m.relates_to": { "rel_type": "m.replace", "event_id": "$old" } });
        assert_eq!(read_as("m.room.message", &empty), None);
    }

    #[test]
    fn a_file_s_body_is_its_caption_beside_a_name() {
        let file = |body: &str, name: Option<&str>| {
            let mut content = json!({ "msgtype": "m.image", "body": body, "url": "mxc://desk.test/x",
                "info": { "mimetype": "image/png", "size": 3 } });
            if let Some(name) = name {
                content["filename"] = json!(name);
            }
            let said = said(&content);
            (said.text, said.may_command, said.file.expect("a file"))
        };
        let (text, may, file_) = file("!answer see this", Some("a.png"));
        assert_eq!((text.as_str(), may, file_.name.as_str()), ("!answer see this", true, "a.png"));
        assert_eq!(
            (file_.mime.as_str(), file_.size, file_.media),
            ("image/png", 3, json!({ "url": "mxc://desk.test/x" }))
        );
        for name in [Some("!close.png"), None] {
            let (text, may, file) = file("!close.png", name);
            assert_eq!((text.as_str(), may, file.name.as_str()), ("", false, "!close.png"));
        }
    }

    #[test]
    fn reactions_and_redactions() {
        let to = id("$e1").expect("an id");
        let reaction = json!({ "m.relates_to": { "rel_type": "m.annotation", "event_id": "$e1", "key": "✉\u{fe0f}" } });
        assert_eq!(read_as("m.reaction", &reaction), Some(EventKind::Reaction { to: to.clone(), key: "✉".to_owned() }));
        assert_eq!(
            read_as("m.room.redaction", &json!({ "redacts": "$e1" })),
            Some(EventKind::Redaction { of: to.clone() })
        );
        let old = json!({ "type": "m.room.redaction", "event_id": "$e", "sender": "@alice:desk.test", "redacts": "$e1",
            "content": {} });
        assert_eq!(read_event(&old).map(|event| event.what), Some(EventKind::Redaction { of: to }));
    }

    #[test]
    fn an_undecryptable_message_keeps_its_thread() {
        let content = json!({ "algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "x",
            "m.relates_to": { "rel_type": "m.thread", "event_id": "$root" } });
        assert_eq!(read_as("m.room.encrypted", &content), Some(EventKind::Undecryptable { thread: id("$root") }));
        assert_eq!(read_as("m.room.encrypted", &json!({})), Some(EventKind::Undecryptable { thread: None }));
    }

    #[test]
    fn mentions_are_listed_or_linked() {
        let content = json!({ "msgtype": "m.text", "body": "x", "m.mentions": { "user_ids": ["@bob:desk.test", 7, "nobody"] },
            "formatted_body": "<mx-reply><a href=\"https://matrix.to/#/@quoted:desk.test\">q</a></mx-reply>\
                <a href=\"https://matrix.to/#/%40carol%3Adesk.test?via=desk.test\">C</a> <a href='matrix:u/dan:desk.test'>D</a>\
                <a href=\"https://matrix.to/#/@bob:desk.test\">B</a> <a href=\"https://matrix.to/#/!room/$e\">r</a>" });
        let mentions: Vec<String> = said(&content).mentions.iter().map(ToString::to_string).collect();
        assert_eq!(mentions, ["@bob:desk.test", "@carol:desk.test", "@dan:desk.test"]);
        let pills: Vec<String> = said(&content).pills.iter().map(ToString::to_string).collect();
        assert_eq!(pills, ["@carol:desk.test", "@dan:desk.test", "@bob:desk.test"]);
    }

    #[test]
    fn no_text_holds_a_nul() {
        assert_eq!(said(&json!({ "msgtype": "m.text", "body": "a\u{0}b" })).text, "ab");
    }

    proptest! {
        #[test]
        fn no_text_is_too_odd(body in ".{0,80}", html in ".{0,80}", key in "\\PC{0,8}") {
            let content = json!({ "msgtype": "m.text", "body": format!("> <@{body}"), "filename": key,
                "formatted_body": format!("<a href=\"https://matrix.to/#/{html}\"<a href={html}"),
                "m.relates_to": { "m.in_reply_to": { "event_id": "$q" } } });
            let _ = said(&content);
        }

        #[test]
        fn no_json_is_too_odd(json in "[\\[\\]{}\",:a-z0-9$@!\\\\]{0,60}") {
            let room = RoomId::parse("!room").expect("a room");
            let _ = read(&room, (&json, Utc::now()), &UserId::parse("@bot:desk.test").expect("a user"));
        }
    }
}
