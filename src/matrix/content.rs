//! A [`Post`] as the content of an `m.room.message`. Pure.

use serde_json::{Map, Value, json};

use crate::desk::post::{ArticleMark, Post, PostedFile, QuarantineMark, Speaker, ThreadPlace, TicketMark, Tone};

/// How large a content may be in bytes of JSON. An event holds 65,536 with its envelope ("Size
/// limits"), and encrypted it grows by a third: so much fits everywhere.
const LIMIT: usize = 46 * 1024;

/// The content. One that would be too large for an event loses its HTML first, and then the end of its text.
#[must_use]
pub fn content(post: &Post) -> Value {
    let whole = composed(post, &post.text, post.html.as_deref());
    if size(&whole) <= LIMIT {
        return whole;
    }
    let plain = composed(post, &post.text, None);
    if size(&plain) <= LIMIT {
        return plain;
    }
    // How much a text takes depends on its characters (JSON escapes some), and an edit has it
    // twice; so the cut is searched for rather than computed.
    let (mut fits, mut too_long) = (0, post.text.len());
    while too_long - fits > 1 {
        let middle = usize::midpoint(fits, too_long);
        if size(&composed(post, &cut(&post.text, middle), None)) <= LIMIT {
            fits = middle;
        } else {
            too_long = middle;
        }
    }
    composed(post, &cut(&post.text, fits), None)
}

fn size(content: &Value) -> usize {
    content.to_string().len()
}

fn cut(text: &str, bytes: usize) -> String {
    format!("{}…", &text[..text.floor_char_boundary(bytes)])
}

fn composed(post: &Post, text: &str, html: Option<&str>) -> Value {
    let mut content = spoken(post, text, html);
    if let Some(replaced) = &post.replaces {
        return edit(content, replaced.as_str());
    }
    if let Some(place) = &post.thread {
        content.insert("m.relates_to".to_owned(), thread(place));
    }
    Value::Object(content)
}

/// Everything that an edit replaces, too.
fn spoken(post: &Post, text: &str, html: Option<&str>) -> Map<String, Value> {
    let mut content = Map::new();
    let mut put = |key: &str, value: Value| content.insert(key.to_owned(), value);
    put("msgtype", json!(msgtype(post)));
    put("body", json!(text));
    if let Some(html) = html {
        put("format", json!("org.matrix.custom.html"));
        put("formatted_body", json!(html));
    }
    put("m.mentions", mentions(post));
    if let Some(speaker) = &post.speaker {
        put("com.beeper.per_message_profile", profile(speaker, html));
    }
    if let Some(mark) = &post.ticket {
        put("org.ticketloom.ticket", ticket(mark));
    }
    if let Some(mark) = &post.article {
        put("org.ticketloom.article", article(mark));
    }
    if let Some(mark) = &post.quarantine {
        put("org.ticketloom.quarantine", quarantine(mark));
    }
    if let Some(file) = &post.file {
        content.extend(attached(file));
        if text.is_empty() {
            content.insert("body".to_owned(), json!(file.name));
        }
    }
    content
}

fn msgtype(post: &Post) -> &'static str {
    match (&post.file, post.tone) {
        (Some(file), _) => match file.mime.split('/').next() {
            Some("image") => "m.image",
            Some("audio") => "m.audio",
            Some("video") => "m.video",
            _ => "m.file",
        },
        (None, Tone::Text) => "m.text",
        (None, Tone::Notice) => "m.notice",
    }
}

/// Always written: without it servers look for names in the text ("User and room mentions").
fn mentions(post: &Post) -> Value {
    if post.mentions.is_empty() {
        return json!({});
    }
    json!({ "user_ids": post.mentions })
}

/// MSC4144. `has_fallback` tells supporting clients to take the name off the text again; it is marked
/// in the HTML by an attribute, so without that there is nothing for them to find.
fn profile(speaker: &Speaker, html: Option<&str>) -> Value {
    let has_fallback = html.is_some_and(|html| html.contains("data-mx-profile-fallback"));
    json!({ "id": speaker.id, "displayname": speaker.name, "has_fallback": has_fallback })
}

fn ticket(mark: &TicketMark) -> Value {
    json!({
        "number": mark.number,
        "queue": mark.queue,
        "subject": mark.subject,
        "customer": mark.customer,
        "state": mark.state,
        "state_type": mark.state_type,
        "locked": mark.owner.is_some(),
        "owner": mark.owner,
        "priority": mark.priority,
    })
}

fn article(mark: &ArticleMark) -> Value {
    json!({ "ticket": mark.ticket, "id": mark.id, "sender": mark.sender, "visibility": mark.visibility })
}

fn quarantine(mark: &QuarantineMark) -> Value {
    json!({ "id": mark.id, "reason": mark.reason, "count": mark.count })
}

/// `filename`, `info` and the place of the bytes.
fn attached(file: &PostedFile) -> Map<String, Value> {
    let mut content = Map::new();
    content.insert("filename".to_owned(), json!(file.name));
    content.insert("info".to_owned(), json!({ "mimetype": file.mime, "size": file.size }));
    for key in ["url", "file"] {
        if let Some(value) = file.media.0.get(key) {
            content.insert(key.to_owned(), value.clone());
        }
    }
    content
}

/// "Threading": clients that know no threads show the fallback as a reply to the thread's newest event.
fn thread(place: &ThreadPlace) -> Value {
    json!({
        "rel_type": "m.thread",
        "event_id": place.root,
        "is_falling_back": !place.is_reply,
        "m.in_reply_to": { "event_id": place.last },
    })
}

/// "Event replacements": the new content, and around it the same with a star for clients without
/// edits. Only the inner one names whom it mentions: an edit is no reason to call them again.
fn edit(new: Map<String, Value>, replaced: &str) -> Value {
    let mut outer = new.clone();
    for key in ["body", "formatted_body"] {
        if let Some(Value::String(text)) = outer.get_mut(key) {
            text.insert_str(0, "* ");
        }
    }
    outer.insert("m.mentions".to_owned(), json!({}));
    outer.insert("m.new_content".to_owned(), Value::Object(new));
    outer.insert("m.relates_to".to_owned(), json!({ "rel_type": "m.replace", "event_id": replaced }));
    Value::Object(outer)
}
