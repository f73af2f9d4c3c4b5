//! What requests with an `Idempotency-Key` were answered.

use chrono::TimeDelta;
use sha2::{Digest, Sha256};

use super::{Result, Tx};
use crate::domain::id::ApiTokenId;

/// How long an answer is kept.
const KEPT: TimeDelta = TimeDelta::hours(24);
/// How many old answers are removed with each new one.
const SWEPT: i64 = 20;

/// An answer to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptAnswer {
    /// What the request was.
    pub request: [u8; 32],
    /// HTTP status.
    pub status: u16,
    /// `Location`.
    pub location: Option<String>,
    /// `ETag`.
    pub etag: Option<String>,
    /// JSON.
    pub body: String,
}

/// What requests with an `Idempotency-Key` were answered.
pub struct ApiAnswers<'t>(pub(super) &'t mut Tx);

impl ApiAnswers<'_> {
    /// Keeps others from answering a request of that key until the transaction ends; `false` if somebody does at this moment.
    pub async fn reserve(&mut self, token: ApiTokenId, key: &str) -> Result<bool> {
        let digest = Sha256::digest(format!("api answer {token} {key}"));
        let lock = i64::from_be_bytes(digest[..8].try_into().expect("eight of 32 bytes"));
        Ok(sqlx::query_scalar!(r#"select pg_try_advisory_xact_lock($1) as "ours!""#, lock)
            .fetch_one(self.0.connection())
            .await?)
    }

    /// What the request of that key was answered within the last day.
    pub async fn get(&mut self, token: ApiTokenId, key: &str) -> Result<Option<KeptAnswer>> {
        let since = self.0.now() - KEPT;
        let row = sqlx::query!(
            "select request, status, location, etag, body from api_answer
             where api_token_id = $1 and key = $2 and answered_at > $3",
            token.0,
            key,
            since,
        )
        .fetch_optional(self.0.connection())
        .await?;
        Ok(row.map(|row| KeptAnswer {
            request: row.request.try_into().unwrap_or_default(),
            status: u16::try_from(row.status).unwrap_or_default(),
            location: row.location,
            etag: row.etag,
            body: row.body,
        }))
    }

    /// Keeps an answer, and removes some that are older than a day.
    pub async fn put(&mut self, token: ApiTokenId, key: &str, answer: &KeptAnswer) -> Result<()> {
        let now = self.0.now();
        sqlx::query!(
            "delete from api_answer where ctid = any(array(
                 select ctid from api_answer where answered_at < $1 order by answered_at limit $2
                 for update skip locked))",
            now - KEPT,
            SWEPT,
        )
        .execute(self.0.connection())
        .await?;
        sqlx::query!(
            "insert into api_answer (api_token_id, key, request, status, location, etag, body, answered_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8)
             on conflict (api_token_id, key) do update
             set request = excluded.request, status = excluded.status, location = excluded.location,
                 etag = excluded.etag, body = excluded.body, answered_at = excluded.answered_at",
            token.0,
            key,
            &answer.request[..],
            i16::try_from(answer.status).unwrap_or_default(),
            answer.location,
            answer.etag,
            answer.body,
            now,
        )
        .execute(self.0.connection())
        .await?;
        Ok(())
    }
}
