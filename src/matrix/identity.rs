//! The bot's identity: its cross-signing keys, and the recovery key by which a new device takes them up.
//!
//! In encrypted rooms only devices that their owner has signed are listened to and spoken to, at both ends (MSC4153):
//! a bot whose device is not signed would be mute there. The first device of an account makes the identity and signs
//! itself; every later one needs the recovery key (Matrix spec, "Secrets").

use std::path::{Path, PathBuf};

use matrix_sdk::Client;
use matrix_sdk::encryption::recovery::RecoveryError;

use super::fault;
use super::session::keep_secret;
use crate::config::Secret;
use crate::desk::seams::Fault;

/// What an operator can do if the identity can't be taken up.
const MEND: &str = "name the bot's recovery key by matrix.recovery_key_file (the first desk has written it into recovery-key \
                    in its state_dir); if it is lost, reset the identity of the bot's account in a client, and name the \
                    recovery key that the client shows";

/// Where the identity is kept.
#[derive(Clone, Debug)]
pub(super) struct Identity {
    client: Client,
    /// What the configuration names.
    named: Option<Secret>,
    /// Where the key is that the desk made itself.
    file: PathBuf,
}

impl Identity {
    pub(super) fn new(client: Client, named: Option<Secret>, state_dir: &Path) -> Self {
        Self { client, named, file: state_dir.join("recovery-key") }
    }

    /// Whether this device has the account's keys, with which it signs itself. (Of the device the SDK knows only after a
    /// while that it is signed.)
    pub(super) async fn is_signed(&self) -> bool {
        self.client.encryption().cross_signing_status().await.is_some_and(|status| status.is_complete())
    }

    /// Signs a device that is not, if there is a recovery key; and makes the key if there is none yet, so that the next
    /// device can be signed. Done again and again it changes nothing.
    ///
    /// # Errors
    /// If the device can't be signed ([`Fault::Never`] says what to do), or the homeserver is away.
    pub(super) async fn take_up(&self) -> Result<(), Fault> {
        let key = self.key()?;
        if !self.is_signed().await {
            let key = key.as_ref().ok_or_else(|| Fault::never(format!("its device is not signed: {MEND}")))?;
            self.recover(key).await?;
        }
        if key.is_none() {
            self.make_key().await?;
        }
        Ok(())
    }

    /// As [`Self::take_up`], where nothing is encrypted (yet): as far as it goes.
    pub(super) async fn take_up_if_possible(&self) {
        let has_key = self.key().is_ok_and(|key| key.is_some());
        if !self.is_signed().await
            && has_key
            && let Err(Fault::Later { why, .. } | Fault::Never { why }) = self.take_up().await
        {
            tracing::warn!(why, "the device is not signed by the account: encrypted rooms would show it as unverified");
        }
    }

    fn key(&self) -> Result<Option<Secret>, Fault> {
        if self.named.is_some() {
            return Ok(self.named.clone());
        }
        match std::fs::read_to_string(&self.file) {
            Ok(key) => Ok(Some(Secret::new(key.trim().to_owned()))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Fault::never(format!("{}: {error}", self.file.display()))),
        }
    }

    async fn recover(&self, key: &Secret) -> Result<(), Fault> {
        let recovered = self.client.encryption().recovery().recover_and_fix_backup(key.reveal()).await;
        recovered.map_err(|error| of_recovery("its identity can't be taken up", &error))?;
        if !self.is_signed().await {
            return Err(Fault::never(format!("the recovery key does not sign its device: {MEND}")));
        }
        tracing::info!("the device was signed with the recovery key");
        Ok(())
    }

    async fn make_key(&self) -> Result<(), Fault> {
        let made = self.client.encryption().recovery().enable().await;
        let key = made.map_err(|error| of_recovery("no recovery key can be made", &error))?;
        // After a crash just here another key is made: this one has opened nothing yet.
        keep_secret(&self.file, key.as_bytes())
            .map_err(|error| Fault::later(format!("{}: {error}", self.file.display())))?;
        tracing::warn!(file = %self.file.display(), "a recovery key was made: keep a copy of this file elsewhere");
        Ok(())
    }
}

fn of_recovery(doing: &str, error: &RecoveryError) -> Fault {
    match error {
        RecoveryError::Sdk(error) => fault::of_sdk(error),
        // Wrong keys don't become right by waiting.
        other => Fault::never(format!("{doing}: {other}: {MEND}")),
    }
}
