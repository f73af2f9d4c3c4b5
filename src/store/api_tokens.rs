//! Tokens with which programs act for agents.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Result, StoreError, Tx};
use crate::domain::api_token::Scope;
use crate::domain::id::{AgentId, ApiTokenId, QueueId};

/// How finely it is kept when a token was used last: not every request writes.
const COARSE: TimeDelta = TimeDelta::hours(1);

/// A token as the record has it.
#[derive(Clone, Debug)]
pub struct ApiTokenRow {
    /// Its row.
    pub id: ApiTokenId,
    /// The agent in whose name it acts.
    pub agent: AgentId,
    /// What it may be used for.
    pub scopes: Vec<Scope>,
    /// The queues that it is confined to; empty for all of its agent.
    pub queues: Vec<QueueId>,
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
    agent_id: i64,
    scopes: Vec<String>,
    queues: Vec<i64>,
    digest: Vec<u8>,
    created_at: DateTime<Utc>,
    last_used_at: Option<DateTime<Utc>>,
    revoked_at: Option<DateTime<Utc>>,
}

impl TryFrom<Row> for ApiTokenRow {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        let unsound =
            || StoreError::Unsound { table: "api_token", row: row.api_token_id.to_string(), what: "scopes".to_owned() };
        let scope = |word: &String| Scope::named(word).ok_or_else(unsound);
        Ok(Self {
            id: ApiTokenId(row.api_token_id),
            agent: AgentId(row.agent_id),
            scopes: row.scopes.iter().map(scope).collect::<Result<_>>()?,
            queues: row.queues.into_iter().map(QueueId).collect(),
            digest: row.digest,
            created_at: row.created_at,
            last_used_at: row.last_used_at,
            revoked_at: row.revoked_at,
        })
    }
}

/// Tokens with which programs act for agents.
pub struct ApiTokens<'t>(pub(super) &'t mut Tx);

impl ApiTokens<'_> {
    /// Makes one of that secret's digest.
    pub async fn add(
        &mut self,
        agent: AgentId,
        scopes: &[Scope],
        queues: &[QueueId],
        digest: [u8; 32],
    ) -> Result<ApiTokenId> {
        let now = self.0.now();
        let scopes: Vec<&str> = scopes.iter().map(|scope| scope.name()).collect();
        let token = sqlx::query_scalar!(
            "insert into api_token (agent_id, scopes, digest, created_at) values ($1, $2, $3, $4) returning api_token_id",
            agent.0,
            &scopes as _,
            &digest[..],
            now,
        )
        .fetch_one(self.0.connection())
        .await?;
        let queues: Vec<i64> = queues.iter().map(|queue| queue.0).collect();
        sqlx::query!(
            "insert into api_token_queue (api_token_id, queue_id) select $1, unnest($2::bigint[])",
            token,
            &queues
        )
        .execute(self.0.connection())
        .await?;
        Ok(ApiTokenId(token))
    }

    /// A token, also a revoked one.
    pub async fn get(&mut self, token: ApiTokenId) -> Result<Option<ApiTokenRow>> {
        sqlx::query_as!(
            Row,
            r#"select api_token_id, agent_id as "agent_id!", scopes, digest, created_at, last_used_at, revoked_at,
                      array(select queue_id from api_token_queue where api_token_queue.api_token_id = api_token.api_token_id
                            order by queue_id) as "queues!"
               from api_token where api_token_id = $1 and agent_id is not null"#,
            token.0,
        )
        .fetch_optional(self.0.connection())
        .await?
        .map(ApiTokenRow::try_from)
        .transpose()
    }

    /// All of them, also revoked ones, oldest first.
    pub async fn all(&mut self) -> Result<Vec<ApiTokenRow>> {
        sqlx::query_as!(
            Row,
            r#"select api_token_id, agent_id as "agent_id!", scopes, digest, created_at, last_used_at, revoked_at,
                      array(select queue_id from api_token_queue where api_token_queue.api_token_id = api_token.api_token_id
                            order by queue_id) as "queues!"
               from api_token where agent_id is not null order by api_token_id"#,
        )
        .fetch_all(self.0.connection())
        .await?
        .into_iter()
        .map(ApiTokenRow::try_from)
        .collect()
    }

    /// Records that a token is used, if that was not recorded lately.
    pub async fn used(&mut self, token: &ApiTokenRow) -> Result<()> {
        let now = self.0.now();
        if token.last_used_at.is_some_and(|last| now - last < COARSE) {
            return Ok(());
        }
        sqlx::query!(
            "update api_token set last_used_at = $2 where api_token_id = $1 and last_used_at is not distinct from $3",
            token.id.0,
            now,
            token.last_used_at,
        )
        .execute(self.0.connection())
        .await?;
        Ok(())
    }

    /// Revokes one, whatever it is for; `false` if there is none that is good.
    pub async fn revoke(&mut self, token: ApiTokenId) -> Result<bool> {
        let now = self.0.now();
        let done = sqlx::query!(
            "update api_token set revoked_at = $2 where api_token_id = $1 and revoked_at is null",
            token.0,
            now
        )
        .execute(self.0.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }
}
