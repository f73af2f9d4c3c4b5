//! What there is once in a desk.

use super::{Result, Tx};
use crate::domain::token::Keys;

/// What there is once in a desk.
pub struct DeskRecord<'t>(pub(super) &'t mut Tx);

impl DeskRecord<'_> {
    /// The signing keys, the newest last.
    pub async fn keys(&mut self) -> Result<Keys> {
        let rows = sqlx::query!("select version, key from signing_key order by version")
            .fetch_all(self.0.connection())
            .await?;
        Ok(Keys::new(rows.into_iter().filter_map(|row| Some((u8::try_from(row.version).ok()?, row.key))).collect()))
    }
}
