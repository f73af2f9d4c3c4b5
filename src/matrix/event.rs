//! A Matrix event's JSON as the desk's [`ChatEvent`]. Pure.
//!
//! Everything is read from [`Value`], not from typed events: a field of the wrong type then costs that
//! field and not the event, and nobody can stop the desk by sending odd JSON.

use serde_json::Value;

use crate::desk::event::{ChatEvent, Doing, Said, SaidFile};
use crate::domain::id::{EventId, RoomId, UserId};

/// The event types that people do something with; all others are not kept.
pub const KINDS: [&str; 4] = ["m.room.message", "m.reaction", "m.room.redaction", "m.room.encrypted"];

/// Reads an event, decrypted if it could be. `None`: the bot's own, a state event, a message whose
/// content is gone because it was redacted, or of a kind that the desk has no use for.
#[must_use]
pub fn read(room: &RoomId, json: &str, own: &UserId) -> Option<ChatEvent> {
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
        "m.room.encrypted" => Doing::Undecryptable { thread: relation(content, "m.thread") },
        _ => return None,
    };
    Some(ChatEvent { id: EventId::parse(event["event_id"].as_str()?)?, room: room.clone(), sender, what })
}

/// "Instant Messaging": m.room.message, with "Event replacements", "Threading" and "Rich replies".
fn message(content: &Value) -> Option<Doing> {
    if let Some(of) = relation(content, "m.replace") {
        // The body beside `m.new_content` is the fallback ("* …") for clients without edits.
        let text = words(content.get("m.new_content")?)?.text;
        return Some(Doing::Edited { of, text });
    }
    let Words { text, may_command, file } = words(content)?;
    let relates = &content["m.relates_to"];
    let is_fallback = relates["is_falling_back"].as_bool().unwrap_or(false);
    let replied = relates["m.in_reply_to"]["event_id"].as_str().and_then(EventId::parse);
    let text = if replied.is_some() { without_reply_fallback(&text) } else { text };
    Some(Doing::Said(Said {
        text,
        may_command,
        thread: relation(content, "m.thread"),
        reply_to: replied.filter(|_| !is_fallback),
        mentions: mentions(content),
        file,
    }))
}

/// What a message's content says, whether it is new or an edit.
struct Words {
    text: String,
    may_command: bool,
    file: Option<SaidFile>,
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

fn file(content: &Value, name: String) -> Option<SaidFile> {
    let media = ["file", "url"].into_iter().find_map(|key| {
        let value = content.get(key).filter(|value| value.is_object() || value.is_string())?;
        Some(serde_json::json!({ key: value }))
    })?;
    let mime = content["info"]["mimetype"].as_str().unwrap_or("application/octet-stream");
    Some(SaidFile { name, mime: clean(mime), size: content["info"]["size"].as_u64().unwrap_or(0), media })
}

/// "Event annotations and reactions". Clients disagree about U+FE0F behind an emoji.
fn reaction(content: &Value) -> Option<Doing> {
    let to = relation(content, "m.annotation")?;
    let key = content["m.relates_to"]["key"].as_str()?.replace(['\u{fe0f}', '\0'], "");
    Some(Doing::Reacted { to, key })
}

/// "Redactions": `redacts` stands in the content from room version 11 on, before beside it.
fn redaction(event: &Value) -> Option<Doing> {
    let of = event["content"]["redacts"].as_str().or_else(|| event["redacts"].as_str())?;
    Some(Doing::Redacted { of: EventId::parse(of)? })
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
    let html = content["formatted_body"].as_str().unwrap_or_default();
    // Who is quoted in a reply's fallback is not who is meant.
    let html = html.split_once("</mx-reply>").map_or(html, |(_, rest)| rest);
    users.extend(html.split("href=").skip(1).filter_map(linked_user));
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
