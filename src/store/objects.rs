//! An object store, where blobs may be kept in place of PostgreSQL: S3, or what speaks its protocol.
//!
//! PostgreSQL stays what knows them: a row is there for each, with what refers to it, and says where its bytes are. An object is named by
//! its digest, so putting one twice is once, and what comes back is checked against its name. Bytes that can't be put there stand in
//! PostgreSQL, and are moved later: no mail waits for an object store.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutPayload};

use super::{Result, StoreError};
use crate::domain::blob::Digest;

/// How long putting bytes may take, before they are put into PostgreSQL: mail servers wait for it.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long nothing is put there after that went wrong.
const PAUSE: Duration = Duration::from_secs(30);

/// An object store.
#[derive(Clone, Debug)]
pub struct Objects(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: Arc<dyn ObjectStore>,
    prefix: Path,
    writes: bool,
    /// Until when nothing is tried.
    away_until: Mutex<Option<Instant>>,
}

impl Objects {
    /// Whatever lies below `prefix` there is the desk's own. Without `writes` only what is there is read, and deleted.
    #[must_use]
    pub fn new(store: Arc<dyn ObjectStore>, prefix: &str, writes: bool) -> Self {
        Self(Arc::new(Inner { store, prefix: Path::from(prefix), writes, away_until: Mutex::default() }))
    }

    /// Whether anything is put there.
    #[must_use]
    pub fn writes(&self) -> bool {
        self.0.writes
    }

    /// Puts bytes under their digest; on disk when it returns. Says whether: after a failure it is not tried for a while, so that the
    /// next ones don't wait for the same.
    pub(super) async fn try_put(&self, digest: Digest, bytes: &[u8]) -> bool {
        if self.is_away() {
            return false;
        }
        match tokio::time::timeout(PATIENCE, self.put(digest, bytes)).await {
            Ok(Ok(())) => return true,
            Ok(Err(error)) => {
                tracing::warn!(%error, "the object store takes nothing; files go into PostgreSQL for now");
            }
            Err(_) => tracing::warn!("the object store does not answer; files go into PostgreSQL for now"),
        }
        *self.away_until() = Some(Instant::now() + PAUSE);
        false
    }

    /// Puts bytes under their digest.
    ///
    /// # Errors
    /// [`StoreError::Objects`].
    pub async fn put(&self, digest: Digest, bytes: &[u8]) -> Result<()> {
        self.0.store.put(&self.path(digest), PutPayload::from(bytes.to_vec())).await?;
        Ok(())
    }

    /// The bytes of that digest; `None` if they are not there.
    ///
    /// # Errors
    /// [`StoreError::Objects`], and [`StoreError::Unsound`] if other bytes are there.
    pub async fn get(&self, digest: Digest) -> Result<Option<Vec<u8>>> {
        let got = match self.0.store.get(&self.path(digest)).await {
            Ok(got) => got,
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let bytes = Vec::from(got.bytes().await?);
        let checking = tokio::task::spawn_blocking(move || (Digest::of(&bytes) == digest).then_some(bytes));
        match checking.await {
            Ok(Some(bytes)) => Ok(Some(bytes)),
            _ => Err(StoreError::Unsound {
                table: "blob",
                row: digest.to_string(),
                what: "the object store has other bytes under that name".to_owned(),
            }),
        }
    }

    /// Some of the bytes of that digest, unchecked; `None` if they are not there.
    ///
    /// # Errors
    /// [`StoreError::Objects`].
    pub async fn range(&self, digest: Digest, range: Range<u64>) -> Result<Option<Vec<u8>>> {
        match self.0.store.get_range(&self.path(digest), range).await {
            Ok(bytes) => Ok(Some(Vec::from(bytes))),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Deletes bytes; that they are not there is no error.
    ///
    /// # Errors
    /// [`StoreError::Objects`].
    pub async fn delete(&self, digest: Digest) -> Result<()> {
        match self.0.store.delete(&self.path(digest)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Puts, reads and deletes a few bytes.
    ///
    /// # Errors
    /// What went wrong.
    pub async fn check(&self) -> Result<()> {
        let bytes = b"ticketloom was here";
        let digest = Digest::of(bytes);
        self.put(digest, bytes).await?;
        let there = self.get(digest).await?;
        self.delete(digest).await?;
        there.map(drop).ok_or(StoreError::Lost("bytes that were just put into the object store"))
    }

    fn path(&self, digest: Digest) -> Path {
        self.0.prefix.clone().join(digest.to_string())
    }

    fn is_away(&self) -> bool {
        self.away_until().is_some_and(|until| Instant::now() < until)
    }

    fn away_until(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.0.away_until.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
