//! Files of agents' messages, fetched from the homeserver.

use super::{Result, Tx};
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
    pub async fn get(&mut self, event: &EventId) -> Result<Option<Result<Vec<u8>, String>>> {
        let row = sqlx::query!("select bytes, trouble from file_in where event_id = $1", event.as_str())
            .fetch_optional(self.0.connection())
            .await?;
        Ok(row.and_then(|row| row.bytes.map(Ok).or(row.trouble.map(Err))))
    }

    /// Keeps a message's file, or notes why it can't be had.
    pub async fn set(&mut self, event: &EventId, file: std::result::Result<&[u8], &str>) -> Result<()> {
        sqlx::query!(
            "update file_in set bytes = $2, trouble = $3 where event_id = $1",
            event.as_str(),
            file.ok(),
            file.err(),
        )
        .execute(self.0.connection())
        .await?;
        Ok(())
    }
}
