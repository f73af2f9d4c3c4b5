//! The session on the disk: who we are to the homeserver, and the keys that belong to that.
//!
//! `state_dir/session.json` (with the access token, 0600) and `state_dir/matrix/` (the SDK's SQLite
//! stores) are one thing: a device id whose keys are lost can never be used again, since the homeserver
//! keeps the old ones and refuses new ones for it.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use matrix_sdk::authentication::matrix::MatrixSession;
use matrix_sdk::config::RequestConfig;
use matrix_sdk::cross_process_lock::CrossProcessLockConfig;
use matrix_sdk::encryption::{BackupDownloadStrategy, EncryptionSettings};
use matrix_sdk::reqwest;
use matrix_sdk::ruma::OwnedDeviceId;
use matrix_sdk::ruma::api::error::ErrorKind;
use matrix_sdk::{Client, SessionMeta, SessionTokens};
use matrix_sdk_base::crypto::{CollectStrategy, DecryptionSettings, TrustRequirement};
use matrix_sdk_base::store::StateStoreDataKey;
use serde_json::{Value, json};

use super::{ConnectError, PATIENCE, fault};
use crate::config::{MatrixConfig, MatrixLogin, Secret};

/// Opens the stores and puts the session into them.
pub(super) async fn open(config: &MatrixConfig, state_dir: &Path) -> Result<Client, ConnectError> {
    let place = Place::of(state_dir);
    place.make().map_err(|error| never(format!("{}: {error}", state_dir.display())))?;
    let token = match &config.login {
        MatrixLogin::Token(token) => token.clone(),
        MatrixLogin::Password(password) => match place.session()? {
            Some(session) => Secret::new(session.tokens.access_token),
            None => return first_login(config, &place, password).await,
        },
    };
    restored(config, &place, token).await
}

/// Where things are.
struct Place {
    session: PathBuf,
    stores: PathBuf,
}

impl Place {
    fn of(state_dir: &Path) -> Self {
        Self { session: state_dir.join("session.json"), stores: state_dir.join("matrix") }
    }

    fn make(&self) -> std::io::Result<()> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.stores)
    }

    fn has_keys(&self) -> bool {
        self.stores.join("matrix-sdk-crypto.sqlite3").exists()
    }

    fn session(&self) -> Result<Option<MatrixSession>, ConnectError> {
        let bytes = match fs::read(&self.session) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(never(format!("{}: {error}", self.session.display()))),
        };
        serde_json::from_slice(&bytes)
            .map(Some)
            .map_err(|error| never(format!("{} is no session: {error}", self.session.display())))
    }

    fn keep(&self, session: &MatrixSession) -> std::io::Result<()> {
        keep_secret(&self.session, &serde_json::to_vec(session)?)
    }

    /// Keys without a session belong to a device that nobody can be any more. They are kept, in case
    /// somebody wants to look, but out of the way.
    fn set_aside(&self) -> std::io::Result<()> {
        let mut number = 1;
        let aside = loop {
            let aside = self.stores.with_extension(format!("old-{number}"));
            if !aside.exists() {
                break aside;
            }
            number += 1;
        };
        tracing::warn!(from = %self.stores.display(), to = %aside.display(), "keys without a session are set aside");
        fs::rename(&self.stores, aside)?;
        self.make()
    }
}

/// Written aside, flushed, and renamed: it is there wholly or not at all, and for us alone.
pub(super) fn keep_secret(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let aside = path.with_extension("tmp");
    let mut file = fs::OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&aside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(aside, path)
}

async fn first_login(config: &MatrixConfig, place: &Place, password: &Secret) -> Result<Client, ConnectError> {
    let on_disk = |error: std::io::Error| never(format!("{}: {error}", place.session.display()));
    if place.has_keys() {
        place.set_aside().map_err(on_disk)?;
    }
    let client = built(config, place).await?;
    let login = client
        .matrix_auth()
        .login_username(config.user.as_str(), password.reveal())
        .initial_device_display_name("Ticketloom");
    login.send().await.map_err(|error| match error.client_api_error_kind() {
        Some(ErrorKind::Forbidden) => {
            never(format!("the homeserver refuses the password of {} ([matrix] password)", config.user))
        }
        _ => ConnectError::of("logging in", fault::of_sdk(&error)),
    })?;
    let session = client.matrix_auth().session().ok_or_else(|| never("the homeserver gave no session"))?;
    if session.meta.user_id != config.user.as_str() {
        return Err(never(format!("the homeserver logged in {} instead of {}", session.meta.user_id, config.user)));
    }
    place.keep(&session).map_err(on_disk)?;
    Ok(client)
}

async fn restored(config: &MatrixConfig, place: &Place, token: Secret) -> Result<Client, ConnectError> {
    let known = Known::ask(config, &token).await?;
    if known.user != config.user.as_str() {
        return Err(never(format!("the session belongs to {}, not to {} ([matrix] user)", known.user, config.user)));
    }
    let lost = || {
        never(format!(
            "the keys of device {} are not in {}: put the directory back as it was, or take {} away and give the \
             bot a new device (a password logs in again; a token has to be made anew)",
            known.device,
            place.stores.display(),
            place.session.display(),
        ))
    };
    if known.fingerprint.is_some() && !place.has_keys() {
        return Err(lost());
    }
    let client = built(config, place).await?;
    // The SDK keeps its own sync token and silently drops a response that ends at it. Our cursor may be
    // older after a crash; then that response is the one that we need.
    client.state_store().remove_kv_data(StateStoreDataKey::SyncToken).await.map_err(|error| broken(place, &error))?;
    let device: OwnedDeviceId = known.device.as_str().into();
    let user_id = super::user_id(&config.user).map_err(|fault| ConnectError::of("[matrix] user", fault))?;
    let tokens = SessionTokens { access_token: token.reveal().to_owned(), refresh_token: None };
    let session = MatrixSession { meta: SessionMeta { user_id, device_id: device }, tokens };
    client.restore_session(session).await.map_err(|error| broken(place, &error))?;
    let own = client.encryption().ed25519_key().await;
    if known.fingerprint.is_some() && known.fingerprint != own {
        return Err(lost());
    }
    Ok(client)
}

async fn built(config: &MatrixConfig, place: &Place) -> Result<Client, ConnectError> {
    Client::builder()
        .homeserver_url(config.homeserver.as_str())
        // The operator has said where it is, and the answer to a login says it only until the next start.
        .respect_login_well_known(false)
        .request_config(RequestConfig::new().timeout(PATIENCE).retry_limit(3))
        .with_encryption_settings(EncryptionSettings {
            auto_enable_cross_signing: true,
            auto_enable_backups: false,
            backup_download_strategy: BackupDownloadStrategy::AfterDecryptionFailure,
        })
        // Only devices that their owner has signed (MSC4153): neither the homeserver nor whoever has an agent's password
        // alone reads along or gives commands by a device of their own making.
        .with_room_key_recipient_strategy(CollectStrategy::IdentityBasedStrategy)
        .with_decryption_settings(DecryptionSettings {
            sender_device_trust_requirement: TrustRequirement::CrossSignedOrLegacy,
        })
        // MSC4268, so that a new agent can read back.
        .with_enable_share_history_on_invite(true)
        .cross_process_store_config(CrossProcessLockConfig::SingleProcess)
        .sqlite_store(&place.stores, None)
        .build()
        .await
        .map_err(|error| broken(place, &error))
}

/// What the homeserver knows of a token: asked before the stores are opened, since the SDK begins to
/// publish keys as soon as it has both.
struct Known {
    user: String,
    device: String,
    /// The device's Ed25519 key, if it has published any.
    fingerprint: Option<String>,
}

impl Known {
    async fn ask(config: &MatrixConfig, token: &Secret) -> Result<Self, ConnectError> {
        let base = config.homeserver.as_str().trim_end_matches('/');
        let http = reqwest::Client::builder().timeout(PATIENCE).build().map_err(|error| never(error.to_string()))?;
        let who = http.get(format!("{base}/_matrix/client/v3/account/whoami"));
        let who = answer(who.bearer_auth(token.reveal())).await?;
        let user = who["user_id"].as_str().unwrap_or_default().to_owned();
        let Some(device) = who["device_id"].as_str().map(ToOwned::to_owned) else {
            return Err(never(
                "the access token has no device, so it can neither decrypt nor send anything exactly once: \
                 make one by logging in",
            ));
        };
        let keys = http.post(format!("{base}/_matrix/client/v3/keys/query"));
        let wanted = json!({ "device_keys": { &user: [&device] } }).to_string();
        let keys = keys.header("content-type", "application/json").body(wanted);
        let keys = answer(keys.bearer_auth(token.reveal())).await?;
        let fingerprint = keys["device_keys"][&user][&device]["keys"][format!("ed25519:{device}")].as_str();
        Ok(Self { fingerprint: fingerprint.map(ToOwned::to_owned), user, device })
    }
}

async fn answer(request: reqwest::RequestBuilder) -> Result<Value, ConnectError> {
    let away = |error: reqwest::Error| ConnectError::Later(format!("the homeserver can't be reached: {error}"));
    let response = request.send().await.map_err(away)?;
    let status = response.status();
    let body = response.bytes().await.map_err(away)?;
    if status.as_u16() == 401 {
        return Err(never(
            "the homeserver does not know the bot's session any more: somebody has logged it out. Take session.json \
             in the state directory away to log in as a new device, or configure a new token",
        ));
    }
    match serde_json::from_slice(&body) {
        Ok(value) if status.is_success() => Ok(value),
        _ => Err(ConnectError::Later(format!("the homeserver answered {status}"))),
    }
}

fn never(why: impl Into<String>) -> ConnectError {
    ConnectError::Never(why.into())
}

fn broken(place: &Place, error: &dyn std::error::Error) -> ConnectError {
    never(format!("{} can't be used: {error}", place.stores.display()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn place() -> (tempfile::TempDir, Place) {
        let dir = tempfile::tempdir().expect("a directory");
        let place = Place::of(dir.path());
        place.make().expect("made");
        (dir, place)
    }

    #[test]
    fn a_session_is_kept_for_us_alone() {
        let (dir, place) = place();
        assert!(place.session().expect("readable").is_none());
        let session: MatrixSession = serde_json::from_value(json!({
            "user_id": "@bot:desk.test", "device_id": "D", "access_token": "secret",
        }))
        .expect("a session");
        place.keep(&session).expect("kept");
        let kept = place.session().expect("readable").expect("there");
        assert_eq!((kept.meta.device_id.as_str(), kept.tokens.access_token.as_str()), ("D", "secret"));
        let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
        assert_eq!((mode(&place.session), mode(&place.stores)), (0o600, 0o700));
        assert_eq!(fs::read_dir(dir.path()).expect("a directory").count(), 2, "nothing is left beside");
    }

    #[test]
    fn a_torn_session_is_no_first_start() {
        let (_dir, place) = place();
        fs::write(&place.session, "{").expect("written");
        assert!(matches!(place.session(), Err(ConnectError::Never(_))));
    }

    #[test]
    fn keys_without_a_session_are_kept_aside() {
        let (dir, place) = place();
        for number in 1..=2 {
            fs::write(place.stores.join("matrix-sdk-crypto.sqlite3"), "keys").expect("written");
            place.set_aside().expect("set aside");
            assert!(!place.has_keys());
            assert!(dir.path().join(format!("matrix.old-{number}/matrix-sdk-crypto.sqlite3")).exists());
        }
    }
}
