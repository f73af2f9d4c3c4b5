//! A refresh token that took the place of the configured one (RFC 6749 §6): kept below `state_dir`, readable by
//! nobody else. The file's name comes from the configured token, so a new one there ends the succession.

use std::fs;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::token;
use crate::config::Secret;

/// Where it is kept.
pub(super) struct Successor {
    file: PathBuf,
}

impl Successor {
    pub(super) fn new(state_dir: &Path, name: &str) -> Self {
        Self { file: state_dir.join("oauth2").join(name) }
    }

    /// The token, if there is one.
    ///
    /// # Errors
    /// If there is one that can't be read: to go on with an older one could have all of them revoked.
    pub(super) async fn read(&self) -> Result<Option<Secret>, String> {
        match tokio::fs::read_to_string(&self.file).await {
            Ok(text) => Ok(token(text.trim_end())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(format!("{}: {error}", self.file.display())),
        }
    }

    /// Written aside, flushed, and renamed: it is there wholly or not at all.
    ///
    /// # Errors
    /// Why it is not there.
    pub(super) async fn keep(&self, token: Secret) -> Result<(), String> {
        let file = self.file.clone();
        let keeping = tokio::task::spawn_blocking(move || {
            if let Some(folder) = file.parent() {
                fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
            }
            let aside = file.with_extension("tmp");
            let mut open = fs::OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&aside)?;
            writeln!(open, "{}", token.reveal())?;
            open.sync_all()?;
            fs::rename(aside, file)
        });
        let kept = keeping.await.map_err(|error| error.to_string())?;
        kept.map_err(|error| format!("{}: {error}", self.file.display()))
    }
}
