//! Bytes that are kept once each: in PostgreSQL, or in an object store ([`Objects`]); what refers to them need not know.
//!
//! Bytes are put there before the transaction that refers to them, in a commit of their own, and no lock is held meanwhile:
//! so two that bring the same bytes at once don't wait for each other longer than that one statement, and those that bring
//! several can't stop each other, in whatever order. What comes of it is that bytes may be there that nothing refers to,
//! if the transaction behind fails: they do no harm, and cost what they are large. That they are there is a foreign key's matter.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use sqlx::PgPool;

use super::objects::Objects;
use super::{Result, Store, StoreError};
use crate::domain::blob::{Blob, Digest, WeakBlob};

/// How many bytes are read at a time: what is on its way is in memory twice.
const PIECE: i32 = 256 << 10;

/// Bytes that are kept once each.
#[derive(Clone, Debug)]
pub struct Blobs {
    pool: PgPool,
    objects: Option<Objects>,
    held: Held,
}

/// Where bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// In PostgreSQL, so many.
    Here(i32),
    /// In the object store.
    Away,
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
    pub(super) fn on(pool: PgPool) -> Self {
        Self { pool, objects: None, held: Held::default() }
    }

    /// The same, with an object store for what is brought from now on.
    pub(super) fn with_objects(self, objects: Objects) -> Self {
        Self { objects: Some(objects), ..self }
    }

    /// The object store, if there is one.
    #[must_use]
    pub fn objects(&self) -> Option<&Objects> {
        self.objects.as_ref()
    }

    /// Whether there is one that takes bytes.
    #[must_use]
    pub fn takes_away(&self) -> bool {
        self.objects.as_ref().is_some_and(Objects::writes)
    }

    /// Keeps bytes, by their digest, which is made on a thread for such work.
    pub async fn keep(&self, bytes: impl AsRef<[u8]> + Send + 'static) -> Result<Kept> {
        let hashing = tokio::task::spawn_blocking(move || (Digest::of(bytes.as_ref()), bytes));
        let (digest, bytes) = hashing.await.map_err(|_| StoreError::Lost("bytes that were to be kept"))?;
        self.put(digest, bytes.as_ref()).await?;
        Ok(Kept { digest, size: bytes.as_ref().len() as u64 })
    }

    /// Keeps bytes whose digest is known; those that are there already stay as they are. When this returns, they are on disk.
    pub async fn put(&self, digest: Digest, bytes: &[u8]) -> Result<()> {
        // Asked first, since what is there already need not be sent.
        if self.place(digest).await?.is_some() {
            return Ok(());
        }
        let is_away = match self.objects.as_ref().filter(|objects| objects.writes()) {
            Some(objects) => {
                self.not_gone(digest).await?;
                objects.try_put(digest, bytes).await
            }
            None => false,
        };
        // Once more in the same statement: its object may have been given up since.
        sqlx::query!(
            "with needed as (delete from blob_gone where digest = $1 and $4)
             insert into blob (digest, size, bytes, is_away) values ($1, $2, $3, $4) on conflict do nothing",
            digest.bytes(),
            i64::try_from(bytes.len()).unwrap_or(i64::MAX),
            (!is_away).then_some(bytes),
            is_away,
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// The bytes of that digest. Who asks while somebody else has them gets the same, so that they are in memory once.
    ///
    /// # Errors
    /// [`StoreError::Unsound`] if they are not there, [`StoreError::Objects`] if the object store can't be asked.
    pub async fn get(&self, digest: Digest) -> Result<Blob> {
        let place = Arc::clone(self.held().entry(digest).or_default());
        let mut held = place.lock().await;
        if let Some(blob) = held.upgrade() {
            return Ok(blob);
        }
        let read = self.read(digest).await;
        let blob = read?.map(Blob::from).ok_or_else(|| not_there(digest))?;
        *held = blob.downgrade();
        drop(held);
        // Those that nobody has any more, but for whoever waits for one.
        self.held().retain(|_, place| {
            Arc::strong_count(place) > 1 || place.try_lock().is_ok_and(|held| held.upgrade().is_some())
        });
        Ok(blob)
    }

    /// Some of the bytes of one that is in the object store, or all of them. It is asked without PostgreSQL, so also by who holds a
    /// connection to that.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub async fn away(&self, digest: Digest, range: Option<Range<u64>>) -> Result<Vec<u8>> {
        let objects = self.named_objects(digest)?;
        let bytes = match range {
            Some(range) => objects.range(digest, range).await?,
            None => objects.get(digest).await?,
        };
        bytes.ok_or_else(|| not_there(digest))
    }

    /// Looked for twice: they may be moved while they are read, and stand where they come to before they go where they were.
    async fn read(&self, digest: Digest) -> Result<Option<Vec<u8>>> {
        for _ in 0..2 {
            let read = match self.place(digest).await? {
                Some(Place::Here(size)) => self.read_here(digest, size).await?,
                Some(Place::Away) => self.named_objects(digest)?.get(digest).await?,
                None => return Ok(None),
            };
            if read.is_some() {
                return Ok(read);
            }
        }
        Ok(None)
    }

    async fn read_here(&self, digest: Digest, size: i32) -> Result<Option<Vec<u8>>> {
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
        while let Ok(read) = i32::try_from(bytes.len())
            && read < size
        {
            let piece = sqlx::query_scalar!(
                "select substring(bytes from $2 for $3) from blob where digest = $1",
                digest.bytes(),
                read + 1,
                PIECE,
            );
            let Some(piece) = piece.fetch_optional(&self.pool).await?.flatten() else { return Ok(None) };
            bytes.extend_from_slice(&piece);
        }
        Ok(Some(bytes))
    }

    async fn place(&self, digest: Digest) -> Result<Option<Place>> {
        let row = sqlx::query!("select is_away, length(bytes) as size from blob where digest = $1", digest.bytes())
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.map(|row| row.size.filter(|_| !row.is_away).map_or(Place::Away, Place::Here)))
    }

    /// An object of that name that was given up is not deleted any more.
    async fn not_gone(&self, digest: Digest) -> Result<()> {
        sqlx::query!("delete from blob_gone where digest = $1", digest.bytes()).execute(&self.pool).await?;
        Ok(())
    }

    fn named_objects(&self, digest: Digest) -> Result<&Objects> {
        self.objects.as_ref().ok_or_else(|| StoreError::Unsound {
            table: "blob",
            row: digest.to_string(),
            what: "it is in an object store, and the configuration has none: [object_store]".to_owned(),
        })
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

    /// The same record, which keeps files in an object store.
    #[must_use]
    pub fn with_objects(self, objects: Objects) -> Self {
        Self { blobs: self.blobs.with_objects(objects), ..self }
    }
}

fn not_there(digest: Digest) -> StoreError {
    StoreError::Unsound { table: "blob", row: digest.to_string(), what: "it is not there".to_owned() }
}
