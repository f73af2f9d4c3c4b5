//! Files of agents' messages, fetched from the homeserver.

use std::fmt::Display;

use super::blobs::Kept;
use super::{Result, StoreError, Tx};
use crate::domain::blob::Digest;
use crate::domain::id::EventId;

/// Files of agents' messages, fetched from the homeserver.
pub struct FetchedFiles<'t>(pub(super) &'t mut Tx);

impl FetchedFiles<'_> {
    /// Asks for the file of a message to be kept; `false` if it was asked for before.
    pub async fn request(&mut self, event: &EventId) -> Result<bool> {
        let done = sqlx::query!("insert into file_in (event_id) values ($1) on conflict do nothing", event.as_str())
            .execute(self.0.connection())
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// The file of a message, or why it can't be had; `None`: it is not there yet.
    pub async fn get(&mut self, event: &EventId) -> Result<Option<Result<Kept, String>>> {
        let row = sqlx::query!("select digest, size, trouble from file_in where event_id = $1", event.as_str())
            .fetch_optional(self.0.connection())
            .await?;
        let Some(row) = row else { return Ok(None) };
        let Some((digest, size)) = row.digest.zip(row.size) else { return Ok(row.trouble.map(Err)) };
        Ok(Some(Ok(kept("file_in", event, &digest, size)?)))
    }

    /// Notes that a message's file is kept, or why it can't be had.
    pub async fn set(&mut self, event: &EventId, file: std::result::Result<Kept, &str>) -> Result<()> {
        let (kept, trouble) = (file.as_ref().ok(), file.as_ref().err());
        sqlx::query!(
            "update file_in set digest = $2, size = $3, trouble = $4 where event_id = $1",
            event.as_str(),
            kept.map(|kept| kept.digest.bytes()),
            kept.map(|kept| i64::try_from(kept.size).unwrap_or(i64::MAX)),
            trouble,
        )
        .execute(self.0.connection())
        .await?;
        Ok(())
    }
}

/// What a row says of bytes that are kept.
pub(super) fn kept(table: &'static str, row: &dyn Display, digest: &[u8], size: i64) -> Result<Kept> {
    let unsound = |what: &str| StoreError::Unsound { table, row: row.to_string(), what: what.to_owned() };
    let digest = Digest::read(digest).ok_or_else(|| unsound("digest"))?;
    Ok(Kept { digest, size: u64::try_from(size).map_err(|_| unsound("size"))? })
}
