//! Senders whose mail goes straight into quarantine.

use super::{Result, Tx};
use crate::domain::id::{AgentId, EmailAddress};

/// Blocked senders.
pub struct Blocks<'t>(pub(super) &'t mut Tx);

impl Blocks<'_> {
    /// Whether a sender is blocked.
    pub async fn contains(&mut self, address: &EmailAddress) -> Result<bool> {
        Ok(sqlx::query_scalar!(
            r#"select exists (select from blocked_sender where address_key = $1) as "blocked!""#,
            address.key()
        )
        .fetch_one(self.0.connection())
        .await?)
    }

    /// Blocks a sender; `false` if they were blocked before.
    pub async fn add(&mut self, address: &EmailAddress, by: AgentId) -> Result<bool> {
        let done = sqlx::query!(
            "insert into blocked_sender (address_key, agent_id) values ($1, $2) on conflict do nothing",
            address.key(),
            by.0,
        )
        .execute(self.0.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Takes mail of a sender again; `false` if they were not blocked.
    pub async fn remove(&mut self, address: &EmailAddress) -> Result<bool> {
        let done = sqlx::query!("delete from blocked_sender where address_key = $1", address.key())
            .execute(self.0.connection())
            .await?;
        Ok(done.rows_affected() == 1)
    }
}
