//! Access tokens: asked for at the token endpoint (RFC 6749 §6, §4.4), kept until shortly before they end,
//! asked for again when a server refuses one. Whatever goes wrong with that is for later.

mod reply;
mod successor;
#[cfg(test)]
pub(super) mod tests;

use std::collections::HashMap;
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use data_encoding::HEXLOWER;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use sha2::{Digest, Sha256};
use tokio::sync::Mutex;
use url::form_urlencoded::Serializer;

use self::reply::Granted;
use self::successor::Successor;
use super::clean;
use crate::config::{OAuth2Config, OAuth2Grant, Secret};

/// How long the endpoint may take for its whole answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long before its end a token is not used any more; never more than half its time.
const MARGIN: Duration = Duration::from_mins(2);
/// The longest answer that is read, in bytes.
const LONGEST: usize = 64 << 10;

/// A token, if the text is one: visible ASCII only (RFC 6749 appendix A.12), so that it can't end the line that
/// it is put into.
pub(super) fn token(text: &str) -> Option<Secret> {
    let is_one = !text.is_empty() && text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    is_one.then(|| Secret::new(text))
}

/// A name for what is shown to the endpoint; says nothing of it.
pub(super) fn name(config: &OAuth2Config) -> String {
    let shown = match &config.grant {
        OAuth2Grant::Refresh { token, .. } => ["refresh", token.reveal()],
        OAuth2Grant::Client { client_secret } => ["client", client_secret.reveal()],
    };
    let mut hash = Sha256::new();
    for part in [config.token_url.as_str(), &config.client_id].into_iter().chain(shown) {
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    }
    HEXLOWER.encode(&hash.finalize()[..16])
}

/// What an endpoint lets us have.
pub(super) struct Grant {
    config: OAuth2Config,
    http: reqwest::Client,
    /// Where a refresh token is kept that took the place of the configured one.
    successor: Successor,
    /// How often the endpoint was asked in vain.
    failures: AtomicU64,
    /// Held while it is asked, so that it is asked once.
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The refresh token that took the place of the configured one.
    refresh: Option<Secret>,
    /// By scope.
    access: HashMap<Option<String>, Access>,
    /// Why the endpoint was asked in vain the last time.
    failure: String,
}

struct Access {
    token: Secret,
    until: Instant,
}

impl Grant {
    /// Asks for nothing yet.
    ///
    /// # Errors
    /// If the system's certificates can't be read.
    pub(super) fn new(config: &OAuth2Config, state_dir: &Path) -> Result<Self, String> {
        let http = reqwest::Client::builder()
            .timeout(PATIENCE)
            // Nobody but the configured endpoint gets the secrets.
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|error| format!("oauth2: {error}"))?;
        let successor = Successor::new(state_dir, &name(config));
        let (failures, state) = (AtomicU64::default(), Mutex::default());
        Ok(Self { config: config.clone(), http, successor, failures, state })
    }

    /// A token that is good for a while after `now`, and is not the one that a server `refused`.
    ///
    /// # Errors
    /// Why there is none, and how to mend that. No secrets, no addresses.
    pub(super) async fn token(
        self: &Arc<Self>,
        scope: Option<&str>,
        refused: Option<&Secret>,
        now: Instant,
    ) -> Result<Secret, String> {
        let grant = Arc::clone(self);
        let (scope, refused) = (scope.map(ToOwned::to_owned), refused.cloned());
        // In a task of its own: whoever waits may lose patience, but a refresh token that came in place of
        // another one must be kept.
        let asking = tokio::spawn(async move { grant.ask(scope, refused.as_ref(), now).await });
        asking.await.map_err(|_| "oauth2: the endpoint could not be asked".to_owned())?
    }

    async fn ask(&self, scope: Option<String>, refused: Option<&Secret>, now: Instant) -> Result<Secret, String> {
        let failures = self.failures.load(Ordering::Relaxed);
        let mut state = self.state.lock().await;
        if let Some(access) = state.access.get(&scope)
            && access.until > now
            && Some(&access.token) != refused
        {
            return Ok(access.token.clone());
        }
        // Somebody has just asked in vain while we waited for that.
        if self.failures.load(Ordering::Relaxed) != failures {
            return Err(state.failure.clone());
        }
        match self.fetch(&mut state, scope.as_deref()).await {
            Ok(granted) => {
                let until = now + usable(granted.lifetime);
                state.access.insert(scope, Access { token: granted.access.clone(), until });
                Ok(granted.access)
            }
            Err(why) => {
                let why = format!("oauth2: no access token from {}: {why}", self.host());
                tracing::warn!("{why}");
                self.failures.fetch_add(1, Ordering::Relaxed);
                state.failure.clone_from(&why);
                Err(why)
            }
        }
    }

    async fn fetch(&self, state: &mut State, scope: Option<&str>) -> Result<Granted, String> {
        // Another process of this desk may have got a new one.
        if let OAuth2Grant::Refresh { .. } = self.config.grant
            && let Some(kept) = self.successor.read().await?
        {
            state.refresh = Some(kept);
        }
        let form = self.form(state.refresh.as_ref(), scope);
        let (status, body) = self.post(form).await.map_err(|error| without_secrets(&error))?;
        let granted = reply::read(status, &body).map_err(|why| self.redacted(why, state.refresh.as_ref()))?;
        if let Some(refresh) = &granted.refresh
            && let OAuth2Grant::Refresh { token, .. } = &self.config.grant
            && refresh != state.refresh.as_ref().unwrap_or(token)
        {
            state.refresh = Some(refresh.clone());
            if let Err(why) = self.successor.keep(refresh.clone()).await {
                tracing::error!("oauth2: a new refresh token can't be kept, and a restart would lose it: {why}");
            }
        }
        Ok(granted)
    }

    /// The body of the question (RFC 6749 §2.3.1, §4.4.2, §6).
    fn form(&self, refresh: Option<&Secret>, scope: Option<&str>) -> String {
        let mut form = Serializer::new(String::new());
        form.append_pair("client_id", &self.config.client_id);
        let client_secret = match &self.config.grant {
            OAuth2Grant::Refresh { token, client_secret } => {
                form.append_pair("grant_type", "refresh_token");
                form.append_pair("refresh_token", refresh.unwrap_or(token).reveal());
                client_secret.as_ref()
            }
            OAuth2Grant::Client { client_secret } => {
                form.append_pair("grant_type", "client_credentials");
                Some(client_secret)
            }
        };
        if let Some(secret) = client_secret {
            form.append_pair("client_secret", secret.reveal());
        }
        if let Some(scope) = scope {
            form.append_pair("scope", scope);
        }
        form.finish()
    }

    async fn post(&self, form: String) -> Result<(u16, Vec<u8>), reqwest::Error> {
        let question = self
            .http
            .post(self.config.token_url.clone())
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(ACCEPT, "application/json")
            .body(form);
        let mut answer = question.send().await?;
        let mut body = Vec::new();
        while let Some(piece) = answer.chunk().await? {
            body.extend_from_slice(&piece);
            if body.len() > LONGEST {
                break;
            }
        }
        Ok((answer.status().as_u16(), body))
    }

    fn host(&self) -> &str {
        self.config.token_url.host_str().unwrap_or_default()
    }

    /// An endpoint that repeats our secrets does not get them into the log.
    fn redacted(&self, why: String, refresh: Option<&Secret>) -> String {
        let configured = match &self.config.grant {
            OAuth2Grant::Refresh { token, client_secret } => [Some(token), client_secret.as_ref()],
            OAuth2Grant::Client { client_secret } => [Some(client_secret), None],
        };
        let secrets = configured.into_iter().flatten().chain(refresh);
        secrets.fold(why, |why, secret| why.replace(secret.reveal(), "…"))
    }
}

impl fmt::Debug for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Grant({})", self.host())
    }
}

/// How long a token is used.
fn usable(lifetime: Duration) -> Duration {
    lifetime.saturating_sub(MARGIN).max(lifetime / 2)
}

/// What went wrong on the way, with its causes; the address and what was sent are not part of it.
fn without_secrets(error: &reqwest::Error) -> String {
    let what = match error {
        error if error.is_timeout() => "no answer within 30 s",
        error if error.is_connect() => "no connection",
        _ => "no answer",
    };
    let mut why = what.to_owned();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        why = format!("{why}: {error}");
        cause = error.source();
    }
    clean::line(clean::cut(&why, 300))
}
