//! What a token endpoint says (RFC 6749 §5).

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::super::clean;
use super::token;
use crate::config::Secret;

/// How long a token is taken to last if nobody says (§5.1 only recommends it).
const UNSAID: Duration = Duration::from_mins(10);
/// The longest that is believed.
const LONGEST: Duration = Duration::from_hours(24);

/// What was granted.
pub(super) struct Granted {
    pub(super) access: Secret,
    pub(super) lifetime: Duration,
    /// A refresh token that takes the place of the one that was shown.
    pub(super) refresh: Option<Secret>,
}

/// As it is written; some endpoints write numbers as words.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Words {
    access_token: Option<String>,
    token_type: Option<String>,
    expires_in: Value,
    refresh_token: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
}

/// Reads an answer.
///
/// # Errors
/// What the endpoint says, and how to mend it; without addresses.
pub(super) fn read(status: u16, body: &[u8]) -> Result<Granted, String> {
    let Ok(words) = serde_json::from_slice::<Words>(body) else {
        return Err(format!("it answers {status}, and no JSON; see oauth2.token_url"));
    };
    if let Some(error) = &words.error {
        return Err(refusal(error, words.error_description.as_deref().unwrap_or_default()));
    }
    if status != 200 {
        return Err(format!("it answers {status}; see oauth2.token_url"));
    }
    if words.token_type.is_some_and(|kind| !kind.eq_ignore_ascii_case("bearer")) {
        return Err("it gives no bearer token, and mail servers take nothing else; see oauth2.scope".to_owned());
    }
    let access = words.access_token.as_deref().and_then(token);
    let seconds = words.expires_in.as_u64().or_else(|| words.expires_in.as_str().and_then(|word| word.parse().ok()));
    Ok(Granted {
        access: access.ok_or_else(|| format!("it answers {status} without a token; see oauth2.token_url"))?,
        lifetime: seconds.map_or(UNSAID, Duration::from_secs).min(LONGEST),
        refresh: words.refresh_token.as_deref().and_then(token),
    })
}

/// §5.2, with the mend for each.
fn refusal(error: &str, description: &str) -> String {
    let mend = match error {
        "invalid_grant" => {
            "the refresh token has ended or was revoked: sign in again and put the new one into oauth2.refresh_token"
        }
        "invalid_client" | "unauthorized_client" => {
            "see oauth2.client_id and oauth2.client_secret, which may have ended, and what the provider allows this client"
        }
        "invalid_scope" => "see oauth2.scope",
        "unsupported_grant_type" => "see oauth2.token_url, and whether the provider wants a refresh token",
        _ => "see oauth2",
    };
    let is_safe = |word: &&str| !word.contains('@');
    let said = clean::line(&format!("{error} {description}"));
    let said = said.split_whitespace().filter(is_safe).collect::<Vec<_>>().join(" ");
    format!("it says {:?}; {mend}", clean::cut(&said, 250))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(status: u16, body: &str) -> String {
        read(status, body.as_bytes()).err().unwrap_or_default()
    }

    #[test]
    fn what_is_granted_is_read_as_endpoints_write_it() {
        let granted = |body: &str| read(200, body.as_bytes()).unwrap_or_else(|why| panic!("{why}"));
        let whole =
            granted(r#"{"access_token":"a.b","token_type":"Bearer","expires_in":3599,"refresh_token":"r","x":[]}"#);
        assert_eq!((whole.access.reveal(), whole.lifetime), ("a.b", Duration::from_secs(3599)));
        assert_eq!(whole.refresh.as_ref().map(Secret::reveal), Some("r"));
        assert_eq!(granted(r#"{"access_token":"a","expires_in":"90"}"#).lifetime, Duration::from_secs(90));
        assert_eq!(granted(r#"{"access_token":"a","token_type":"bearer"}"#).lifetime, UNSAID);
        assert_eq!(granted(r#"{"access_token":"a","expires_in":1e30}"#).lifetime, UNSAID);
    }

    #[test]
    fn every_refusal_says_how_to_mend_it() {
        assert!(why(400, r#"{"error":"invalid_grant"}"#).contains("sign in again"));
        assert!(why(401, r#"{"error":"invalid_client"}"#).contains("oauth2.client_secret"));
        assert!(why(400, r#"{"error":"invalid_scope"}"#).contains("oauth2.scope"));
        assert!(why(503, "<html>").contains("503") && why(503, "{}").contains("503"));
        assert!(why(200, r#"{"access_token":"two\nlines"}"#).contains("without a token"));
        assert!(why(200, r#"{"access_token":"a","token_type":"mac"}"#).contains("no bearer token"));
        let told = why(400, r#"{"error":"invalid_grant","error_description":"carol@example.org\r\nhas left"}"#);
        assert!(told.contains("invalid_grant has left") && !told.contains("carol"), "{told}");
    }
}
