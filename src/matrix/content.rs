//! A [`Post`] as the content of an `m.room.message`. Pure.

use serde_json::{Map, Value, json};

use super::defuse::defuse;
use super::render::{Rendered, render};
use crate::desk::post::{ArticleMarker, Marker, Place, Post, PostedFile, QuarantineMarker, Speaker, ThreadPlace, Tone};

/// How large a content may be in bytes of JSON. An event holds 65,536 with its envelope ("Size
/// limits"), and encrypted it grows by a third: so much fits everywhere.
const LIMIT: usize = 46 * 1024;

/// The content. One that would be too large for an event loses its HTML first, and then the end of its text. `via` is
/// the server that links to rooms name.
#[must_use]
pub fn content(post: &Post, place: &Place, via: &str) -> Value {
    let Rendered { text, html } = render(&post.said, via);
    fitting(post, place, &text, (!html.is_empty()).then_some(html.as_str()))
}

fn fitting(post: &Post, place: &Place, text: &str, html: Option<&str>) -> Value {
    let composed = |text: &str, html: Option<&str>| composed(post, place, text, html);
    let whole = composed(text, html);
    if size(&whole) <= LIMIT {
        return whole;
    }
    let plain = composed(text, None);
    if size(&plain) <= LIMIT {
        return plain;
    }
    // How much a text takes depends on its characters (JSON escapes some), and an edit has it
    // twice; so the cut is searched for rather than computed.
    let (mut fits, mut too_long) = (0, text.len());
    while too_long - fits > 1 {
        let middle = usize::midpoint(fits, too_long);
        if size(&composed(&cut(text, middle), None)) <= LIMIT {
            fits = middle;
        } else {
            too_long = middle;
        }
    }
    composed(&cut(text, fits), None)
}

fn size(content: &Value) -> usize {
    content.to_string().len()
}

fn cut(text: &str, bytes: usize) -> String {
    format!("{}…", &text[..text.floor_char_boundary(bytes)])
}

fn composed(post: &Post, place: &Place, text: &str, html: Option<&str>) -> Value {
    let mut content = spoken(post, text, html);
    match place {
        Place::Replacing(event) => return edit(content, event.as_str()),
        Place::Thread(place) => {
            content.insert("m.relates_to".to_owned(), thread(place));
        }
        Place::Room => {}
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
    match &post.marker {
        Marker::None => {}
        Marker::Card(mark, on_card) => {
            put("org.ticketloom.ticket", mark.json());
            if let Some(mark) = on_card {
                put("org.ticketloom.article", article(mark));
            }
        }
        Marker::Article(mark, speaker) => {
            put("org.ticketloom.article", article(mark));
            if let Some(speaker) = speaker {
                put("com.beeper.per_message_profile", profile(speaker, html));
            }
        }
        Marker::Quarantine(mark) => {
            put("org.ticketloom.quarantine", quarantine(mark));
        }
        Marker::List(list) => {
            put("org.ticketloom.list", json!(list));
        }
        Marker::Board(board) => {
            put("org.ticketloom.board", json!(board));
        }
    }
    if let Some(file) = &post.file {
        content.extend(attached(file));
        if text.is_empty() {
            content.insert("body".to_owned(), json!(defuse(&file.name)));
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
    let mut called = Map::new();
    if !post.mentions.is_empty() {
        called.insert("user_ids".to_owned(), json!(post.mentions));
    }
    if post.calls_room {
        called.insert("room".to_owned(), json!(true));
    }
    Value::Object(called)
}

/// MSC4144. `has_fallback` tells supporting clients to take the name off the text again; it is marked
/// in the HTML by an attribute, so without that there is nothing for them to find.
fn profile(speaker: &Speaker, html: Option<&str>) -> Value {
    let has_fallback = html.is_some_and(|html| html.contains("data-mx-profile-fallback"));
    json!({ "id": speaker.id, "displayname": speaker.name, "has_fallback": has_fallback })
}

fn article(mark: &ArticleMarker) -> Value {
    json!({ "ticket": mark.ticket, "id": mark.id, "sender": mark.sender, "visibility": mark.visibility })
}

fn quarantine(mark: &QuarantineMarker) -> Value {
    json!({ "id": mark.id, "reason": mark.reason, "count": mark.count })
}

/// `filename`, `info` and the place of the bytes.
fn attached(file: &PostedFile) -> Map<String, Value> {
    let mut content = Map::new();
    content.insert("filename".to_owned(), json!(defuse(&file.name)));
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::desk::post::{Media, TicketMarker};
    use crate::domain::due::DueTimes;
    use crate::domain::id::{ArticleId, EventId, QuarantineId, UserId};
    use crate::domain::number::Number;
    use crate::domain::said::{Line, Said};

    const VIA: &str = "desk.test";

    fn event(text: &str) -> EventId {
        EventId::parse(text).expect("an event's id")
    }

    fn user(text: &str) -> UserId {
        UserId::parse(text).expect("a user's id")
    }

    fn ticket_marker() -> TicketMarker {
        TicketMarker {
            number: Number::parse("2026112310000013").expect("a number"),
            queue: "support".to_owned(),
            subject: "Printer".to_owned(),
            customer: "carol@customer.test".to_owned(),
            state: "new",
            state_type: "new",
            owner: None,
            priority: 3,
            tags: vec![],
            pending_until: None,
            due: DueTimes::default(),
        }
    }

    fn article_marker() -> ArticleMarker {
        let number = Number::parse("2026112310000013").expect("a number");
        ArticleMarker { ticket: number, id: ArticleId(17), sender: "customer", visibility: "customer" }
    }

    fn card() -> Post {
        let said = Said::nothing().line(Line::new().strong("card"));
        Post::text(said).marked(Marker::Card(ticket_marker(), Some(article_marker())))
    }

    fn in_room(post: &Post) -> Value {
        content(post, &Place::Room, VIA)
    }

    #[test]
    fn mentions_are_always_said() {
        let plain = json!({ "msgtype": "m.notice", "body": "x", "format": "org.matrix.custom.html",
            "formatted_body": "x", "m.mentions": {} });
        assert_eq!(in_room(&Post::notice(Said::plain("x"))), plain);
        let calling = in_room(&Post::text(Said::plain("x")).calling([user("@bob:desk.test")]));
        assert_eq!(calling["m.mentions"], json!({ "user_ids": ["@bob:desk.test"] }));
        assert_eq!(calling["msgtype"], "m.text");
        let all = in_room(&Post { calls_room: true, ..Post::text(Said::plain("x")) });
        assert_eq!(all["m.mentions"], json!({ "room": true }));
    }

    #[test]
    fn a_card_carries_what_the_contract_says() {
        let content = in_room(&card());
        assert_eq!(
            content["org.ticketloom.ticket"],
            json!({ "number": "2026112310000013", "queue": "support", "subject": "Printer",
                "customer": "carol@customer.test", "state": "new", "state_type": "new", "locked": false,
                "owner": null, "priority": 3,
                "tags": [], "pending_until": null,
                "due": { "first": null, "update": null, "solution": null }, "breached": false })
        );
        assert_eq!(
            content["org.ticketloom.article"],
            json!({ "ticket": "2026112310000013", "id": 17, "sender": "customer", "visibility": "customer" })
        );
        assert_eq!(
            (&content["format"], &content["formatted_body"]),
            (&json!("org.matrix.custom.html"), &json!("<strong>card</strong>"))
        );
    }

    #[test]
    fn a_locked_ticket_has_an_owner() {
        let mark = TicketMarker { owner: Some(user("@bob:desk.test")), ..ticket_marker() };
        let content = in_room(&Post::text(Said::plain("card")).marked(Marker::Card(mark, None)));
        assert_eq!(content["org.ticketloom.ticket"]["locked"], true);
        assert_eq!(content["org.ticketloom.ticket"]["owner"], "@bob:desk.test");
    }

    #[test]
    fn an_edit_has_everything_twice_and_calls_nobody_again() {
        let post = card().calling([user("@bob:desk.test")]);
        let content = content(&post, &Place::Replacing(event("$card")), VIA);
        assert_eq!(content["m.relates_to"], json!({ "rel_type": "m.replace", "event_id": "$card" }));
        assert_eq!(
            (&content["body"], &content["formatted_body"]),
            (&json!("* card"), &json!("* <strong>card</strong>"))
        );
        assert_eq!(content["m.mentions"], json!({}));
        let new = &content["m.new_content"];
        assert_eq!((&new["body"], &new["formatted_body"]), (&json!("card"), &json!("<strong>card</strong>")));
        assert_eq!(new["m.mentions"], json!({ "user_ids": ["@bob:desk.test"] }));
        assert!(new.get("m.relates_to").is_none());
        for key in ["org.ticketloom.ticket", "org.ticketloom.article"] {
            assert_eq!(content[key], new[key], "{key}");
            assert!(new[key].is_object(), "{key}");
        }
    }

    #[test]
    fn a_thread_has_a_fallback_or_a_reply() {
        let place = |is_reply| Place::Thread(ThreadPlace { root: event("$root"), last: event("$last"), is_reply });
        for is_reply in [false, true] {
            let content = content(&Post::notice(Said::plain("x")), &place(is_reply), VIA);
            assert_eq!(
                content["m.relates_to"],
                json!({ "rel_type": "m.thread", "event_id": "$root", "is_falling_back": !is_reply,
                    "m.in_reply_to": { "event_id": "$last" } })
            );
        }
    }

    #[test]
    fn a_file_is_shown_as_what_it_is() {
        let file = |mime: &str, text: &str, media: Value| {
            let file = PostedFile { name: "a".to_owned(), mime: mime.to_owned(), size: 7, media: Media(media) };
            let said = if text.is_empty() { Said::nothing() } else { Said::plain(text) };
            in_room(&Post { said, ..Post::file(file) })
        };
        let plain = json!({ "url": "mxc://desk.test/x" });
        for (mime, kind) in [
            ("image/png", "m.image"),
            ("audio/ogg", "m.audio"),
            ("video/mp4", "m.video"),
            ("application/pdf", "m.file"),
        ] {
            assert_eq!(file(mime, "", plain.clone())["msgtype"], kind);
        }
        let bare = file("image/png", "", plain.clone());
        assert_eq!((&bare["body"], &bare["filename"], &bare["url"]), (&json!("a"), &json!("a"), &plain["url"]));
        assert_eq!(bare["info"], json!({ "mimetype": "image/png", "size": 7 }));
        assert_eq!(file("image/png", "look", plain)["body"], "look");
        let encrypted = file("image/png", "", json!({ "file": { "url": "mxc://desk.test/x", "v": "v2" } }));
        assert_eq!(encrypted["file"]["v"], "v2");
        assert!(encrypted.get("url").is_none());
    }

    #[test]
    fn a_speaker_s_name_is_taken_off_where_it_is_marked() {
        let with = |said: Said| {
            let speaker = Speaker { id: "customer-17".to_owned(), name: "Carol".to_owned() };
            let post = Post::text(said).marked(Marker::Article(article_marker(), Some(speaker)));
            in_room(&post)["com.beeper.per_message_profile"].clone()
        };
        let profile = |fallback| json!({ "id": "customer-17", "displayname": "Carol", "has_fallback": fallback });
        assert_eq!(with(Said::nothing().line(Line::new().speaker("Carol")).line("x")), profile(true));
        assert_eq!(with(Said::plain("Carol: x")), profile(false));
    }

    #[test]
    fn a_quarantine_entry_counts() {
        let mark = QuarantineMarker { id: QuarantineId(5), reason: "loop".to_owned(), count: 2 };
        let content = in_room(&Post::notice(Said::plain("x")).marked(Marker::Quarantine(mark)));
        assert_eq!(content["org.ticketloom.quarantine"], json!({ "id": 5, "reason": "loop", "count": 2 }));
    }

    #[test]
    fn what_is_too_large_loses_its_html_first() {
        let content = in_room(&Post::notice(Said::plain("x".repeat(30_000))));
        assert!(content.get("formatted_body").is_none());
        assert_eq!(content["body"].as_str().map(str::len), Some(30_000));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn whatever_is_said_fits_an_event(unit in "\\PC{1,4}|[\u{0}-\u{1f}\"\\\\]{1,4}", times in 1_usize..60_000, edit: bool) {
            let text = unit.repeat(times);
            let place = if edit { Place::Replacing(event("$card")) } else { Place::Room };
            let content = fitting(&Post::notice(Said::nothing()), &place, &text, Some(&text));
            prop_assert!(size(&content) <= LIMIT);
            let shown = if edit { &content["m.new_content"]["body"] } else { &content["body"] };
            let shown = shown.as_str().expect("a body");
            prop_assert!(shown == text || text.starts_with(shown.strip_suffix('…').expect("a cut")));
            // Nothing is cut that would have fitted.
            prop_assert!(shown == text || size(&content) > LIMIT - 64);
        }
    }
}
