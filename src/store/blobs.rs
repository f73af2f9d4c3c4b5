//! Bytes that are kept once each, behind a seam: PostgreSQL has them now, an object store may one day.
//!
//! Bytes are put there before the transaction that refers to them, in a commit of their own, and no lock is held meanwhile:
//! so two that bring the same bytes at once don't wait for each other longer than that one statement, and those that bring
//! several can't stop each other, in whatever order. What comes of it is that bytes may be there that nothing refers to,
//! if the transaction behind fails: they do no harm, and cost what they are large. That they are there is a foreign key's matter.

use std::collections::HashMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::BoxFuture;
use sqlx::PgPool;

use super::{Result, Store, StoreError};
use crate::domain::blob::{Blob, Digest, WeakBlob};

/// How many bytes are read at a time: what is on its way is in memory twice.
const PIECE: i32 = 256 << 10;

/// What keeps bytes, by their digests.
pub trait BlobStore: Debug + Send + Sync {
    /// Keeps them; bytes that are there already stay as they are. When this returns, they are on disk.
    fn put<'a>(&'a self, digest: Digest, bytes: &'a [u8]) -> BoxFuture<'a, Result<()>>;

    /// Reads them; `None` if they are not there.
    fn get(&self, digest: Digest) -> BoxFuture<'_, Result<Option<Vec<u8>>>>;
}

/// Bytes that are kept once each.
#[derive(Clone, Debug)]
pub struct Blobs {
    store: Arc<dyn BlobStore>,
    held: Held,
}

/// What somebody has in memory at this moment, so that it is there once for all.
type Held = Arc<Mutex<HashMap<Digest, Arc<tokio::sync::Mutex<WeakBlob>>>>>;

/// Bytes that are kept: what refers to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    /// What they are known by.
    pub digest: Digest,
    /// How many they are.
    pub size: u64,
}

impl Blobs {
    pub(super) fn on(store: Arc<dyn BlobStore>) -> Self {
        Self { store, held: Held::default() }
    }

    /// Keeps bytes, by their digest, which is made on a thread for such work.
    pub async fn keep(&self, bytes: impl AsRef<[u8]> + Send + 'static) -> Result<Kept> {
        let hashing = tokio::task::spawn_blocking(move || (Digest::of(bytes.as_ref()), bytes));
        let (digest, bytes) = hashing.await.map_err(|_| StoreError::Lost("bytes that were to be kept"))?;
        self.put(digest, bytes.as_ref()).await?;
        Ok(Kept { digest, size: bytes.as_ref().len() as u64 })
    }

    /// Keeps bytes whose digest is known.
    pub async fn put(&self, digest: Digest, bytes: &[u8]) -> Result<()> {
        self.store.put(digest, bytes).await
    }

    /// The bytes of that digest. Who asks while somebody else has them gets the same, so that they are in memory once.
    ///
    /// # Errors
    /// [`StoreError::Unsound`] if they are not there.
    pub async fn get(&self, digest: Digest) -> Result<Blob> {
        let place = Arc::clone(self.held().entry(digest).or_default());
        let mut held = place.lock().await;
        if let Some(blob) = held.upgrade() {
            return Ok(blob);
        }
        let read = self.store.get(digest).await;
        let blob = read?.map(Blob::from).ok_or_else(|| StoreError::Unsound {
            table: "blob",
            row: digest.to_string(),
            what: "it is not there".to_owned(),
        })?;
        *held = blob.downgrade();
        drop(held);
        // Those that nobody has any more, but for whoever waits for one.
        self.held().retain(|_, place| {
            Arc::strong_count(place) > 1 || place.try_lock().is_ok_and(|held| held.upgrade().is_some())
        });
        Ok(blob)
    }

    fn held(&self) -> std::sync::MutexGuard<'_, HashMap<Digest, Arc<tokio::sync::Mutex<WeakBlob>>>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store {
    /// Bytes that are kept once each.
    #[must_use]
    pub fn blobs(&self) -> &Blobs {
        &self.blobs
    }
}

/// Bytes in PostgreSQL.
#[derive(Debug)]
pub(super) struct InPostgres(pub(super) PgPool);

impl BlobStore for InPostgres {
    fn put<'a>(&'a self, digest: Digest, bytes: &'a [u8]) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            // Asked first, since what is there already need not be sent.
            let is_there = sqlx::query_scalar!(
                r#"select exists (select from blob where digest = $1) as "is_there!""#,
                digest.bytes(),
            );
            if is_there.fetch_one(&self.0).await? {
                return Ok(());
            }
            let put = sqlx::query!(
                "insert into blob (digest, bytes) values ($1, $2) on conflict do nothing",
                digest.bytes(),
                bytes,
            );
            put.execute(&self.0).await?;
            Ok(())
        })
    }

    fn get(&self, digest: Digest) -> BoxFuture<'_, Result<Option<Vec<u8>>>> {
        Box::pin(async move {
            let size =
                sqlx::query_scalar!(r#"select length(bytes) as "size!" from blob where digest = $1"#, digest.bytes());
            let Some(size) = size.fetch_optional(&self.0).await? else { return Ok(None) };
            let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
            while let Ok(read) = i32::try_from(bytes.len())
                && read < size
            {
                let piece = sqlx::query_scalar!(
                    r#"select substring(bytes from $2 for $3) as "piece!" from blob where digest = $1"#,
                    digest.bytes(),
                    read + 1,
                    PIECE,
                );
                let Some(piece) = piece.fetch_optional(&self.0).await? else { return Ok(None) };
                bytes.extend_from_slice(&piece);
            }
            Ok(Some(bytes))
        })
    }
}
