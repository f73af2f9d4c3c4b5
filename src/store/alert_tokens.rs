//! Tokens with which monitoring brings alerts into a queue.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Result, Tx};
use crate::domain::id::{ApiTokenId, QueueId};

/// How finely it is kept when a token was used last: not every request writes.
const COARSE: TimeDelta = TimeDelta::hours(1);

/// A token with which monitoring brings alerts. It acts for nobody, and does nothing else.
#[derive(Clone, Debug)]
pub struct AlertToken {
    /// Its row, among those of programs.
    pub id: ApiTokenId,
    /// The queue in which they become tickets.
    pub queue: QueueId,
    /// SHA-256 of its secret.
    pub digest: Vec<u8>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was used last, to the hour.
    pub last_used_at: Option<DateTime<Utc>>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
}

struct Row {
    api_token_id: i64,
    queue_id: i64,
    digest: Vec<u8>,
    created_at: DateTime<Utc>,
    last_used_at: Option<DateTime<Utc>>,
    revoked_at: Option<DateTime<Utc>>,
}

impl From<Row> for AlertToken {
    fn from(row: Row) -> Self {
        Self {
            id: ApiTokenId(row.api_token_id),
            queue: QueueId(row.queue_id),
            digest: row.digest,
            created_at: row.created_at,
            last_used_at: row.last_used_at,
            revoked_at: row.revoked_at,
        }
    }
}

/// Tokens with which monitoring brings alerts.
pub struct AlertTokens<'t>(pub(super) &'t mut Tx);

impl AlertTokens<'_> {
    /// Makes one of that secret's digest.
    pub async fn add(&mut self, queue: QueueId, digest: [u8; 32]) -> Result<ApiTokenId> {
        let now = self.0.now();
        let token = sqlx::query_scalar!(
            "insert into api_token (alert_queue_id, scopes, digest, created_at) values ($1, '{}', $2, $3) returning api_token_id",
            queue.0,
            &digest[..],
            now,
        )
        .fetch_one(self.0.connection())
        .await?;
        Ok(ApiTokenId(token))
    }

    /// A token, also a revoked one.
    pub async fn get(&mut self, token: ApiTokenId) -> Result<Option<AlertToken>> {
        let row = sqlx::query_as!(
            Row,
            r#"select api_token_id, alert_queue_id as "queue_id!", digest, created_at, last_used_at, revoked_at
               from api_token where api_token_id = $1 and alert_queue_id is not null"#,
            token.0,
        );
        Ok(row.fetch_optional(self.0.connection()).await?.map(AlertToken::from))
    }

    /// All of them, also revoked ones, oldest first.
    pub async fn all(&mut self) -> Result<Vec<AlertToken>> {
        let rows = sqlx::query_as!(
            Row,
            r#"select api_token_id, alert_queue_id as "queue_id!", digest, created_at, last_used_at, revoked_at
               from api_token where alert_queue_id is not null order by api_token_id"#,
        );
        Ok(rows.fetch_all(self.0.connection()).await?.into_iter().map(AlertToken::from).collect())
    }

    /// Records that a token is used, if that was not recorded lately.
    pub async fn used(&mut self, token: &AlertToken) -> Result<()> {
        let now = self.0.now();
        if token.last_used_at.is_some_and(|last| now - last < COARSE) {
            return Ok(());
        }
        sqlx::query!("update api_token set last_used_at = $2 where api_token_id = $1", token.id.0, now)
            .execute(self.0.connection())
            .await?;
        Ok(())
    }
}
