//! What a request brings along.

use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::problem::Problem;
use crate::domain::id::EmailAddress;
use crate::domain::ticket::{State, Tag};

/// The largest request in bytes.
pub(super) const LARGEST: usize = 1 << 20;
/// The longest text of a note or an answer in bytes.
const LONGEST_TEXT: usize = 64 << 10;
/// The longest subject in characters.
const LONGEST_SUBJECT: usize = 500;

/// All of it, within limits.
pub(super) async fn read(body: Body) -> Result<Bytes, Problem> {
    to_bytes(body, LARGEST).await.map_err(|_| {
        let detail = format!("A request has at most {LARGEST} bytes.");
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", detail)
    })
}

/// Reads JSON in which nothing stands that PostgreSQL can't keep.
pub(super) fn parse<T: DeserializeOwned>(headers: &HeaderMap, body: &[u8]) -> Result<T, Problem> {
    let value = json(headers, body)?;
    if has_nul(&value) {
        return Err(Problem::wrong("No text may have the character U+0000."));
    }
    typed(value)
}

/// JSON as what it is to be.
pub(super) fn typed<T: DeserializeOwned>(value: Value) -> Result<T, Problem> {
    serde_json::from_value(value).map_err(|error| Problem::wrong(format!("{error}.")))
}

/// Reads JSON.
pub(super) fn json(headers: &HeaderMap, body: &[u8]) -> Result<Value, Problem> {
    let kind = headers.get(header::CONTENT_TYPE).map(|kind| kind.to_str().unwrap_or_default());
    // Of a form, this is the part with JSON.
    let is_json = |kind: &str| {
        let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        ["application/json", "application/merge-patch+json", "multipart/form-data"].contains(&kind.as_str())
    };
    if !kind.is_none_or(is_json) {
        let detail = "What is sent is JSON, `Content-Type: application/json`.";
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "media_type", detail));
    }
    serde_json::from_slice(body).map_err(|error| Problem::unreadable(format!("This is no JSON: {error}.")))
}

fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(all) => all.iter().any(has_nul),
        Value::Object(all) => all.iter().any(|(name, value)| name.contains('\0') || has_nul(value)),
        _ => false,
    }
}

/// The text of a note or an answer.
pub(super) fn text(text: &str) -> Result<String, Problem> {
    if text.trim().is_empty() {
        return Err(Problem::wrong("`text` says nothing."));
    }
    if text.len() > LONGEST_TEXT {
        return Err(Problem::wrong(format!("`text` has at most {LONGEST_TEXT} bytes.")));
    }
    Ok(text.trim_end().to_owned())
}

/// A subject on one line.
pub(super) fn subject(text: &str) -> Result<String, Problem> {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let is_sound = !line.is_empty() && line.chars().count() <= LONGEST_SUBJECT && !line.contains(char::is_control);
    if is_sound {
        Ok(line)
    } else {
        Err(Problem::wrong(format!("`subject` is a line of 1 to {LONGEST_SUBJECT} characters.")))
    }
}

/// A mail address.
pub(super) fn address(text: &str) -> Result<EmailAddress, Problem> {
    EmailAddress::parse(text).ok_or_else(|| Problem::wrong(format!("{text} is no mail address.")))
}

/// Tags, each once.
pub(super) fn tags(texts: &[String]) -> Result<Vec<Tag>, Problem> {
    let tag = |text: &String| Tag::parse(text).ok_or_else(|| Problem::wrong(format!("{text} is no tag.")));
    let mut tags = texts.iter().map(tag).collect::<Result<Vec<_>, _>>()?;
    tags.sort_unstable();
    tags.dedup();
    Ok(tags)
}

/// A state, as agents name them.
pub(super) fn state(text: &str) -> Result<State, Problem> {
    State::parse(text).map_err(|_| {
        let names = State::ALL.map(State::name).join(", ");
        Problem::wrong(format!("There is no one state {text}; there are {names}."))
    })
}

/// How urgent a ticket is.
pub(super) fn priority(priority: i16) -> Result<i16, Problem> {
    let is_sound = (1..=5).contains(&priority);
    if is_sound { Ok(priority) } else { Err(Problem::wrong("`priority` is a number from 1 to 5.")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_postgresql_can_t_keep_is_refused() {
        let headers = HeaderMap::new();
        assert!(parse::<Value>(&headers, br#"{"text": "a\u0000b"}"#).is_err());
        assert!(parse::<Value>(&headers, br#"{"a\u0000": [1]}"#).is_err());
        assert!(parse::<Value>(&headers, br#"[["\u0000"]]"#).is_err());
        assert!(parse::<Value>(&headers, br#"{"text": "a\\u0000b"}"#).is_ok(), "six characters, none of them NUL");
    }

    #[test]
    fn a_subject_is_a_line() {
        assert_eq!(subject(" It\n smokes ").ok().as_deref(), Some("It smokes"));
        for text in ["", "  ", "a\u{7}b", &"x".repeat(501)] {
            assert!(subject(text).is_err(), "{text:?}");
        }
    }
}
