//! A program at the door: whose token it shows, and what that is good for.

use axum::http::{HeaderMap, header};
use tokio::sync::OwnedSemaphorePermit;

use super::Api;
use super::problem::Problem;
use crate::desk::conversation::Context;
use crate::domain::api_token::{Scope, ShownToken, confined};
use crate::domain::id::{ApiTokenId, QueueId};
use crate::domain::queue::Agent;
use crate::store::Tx;

/// A request that may come in, and its transaction.
pub(super) struct Visit {
    pub(super) tx: Tx,
    /// Its token.
    pub(super) token: ApiTokenId,
    /// Its agent as they are now, confined to what the token is confined to.
    pub(super) agent: Agent,
    scopes: Vec<Scope>,
    /// Given back behind the transaction.
    _seat: OwnedSemaphorePermit,
}

impl Api {
    /// Lets a request in: its token is good, its agent has rights, and it does not come too often.
    pub(super) async fn enter(&self, headers: &HeaderMap) -> Result<Visit, Problem> {
        let shown = shown(headers).ok_or_else(Problem::no_token)?;
        let seat = self.seats.take().await?;
        let mut tx = self.desk.store().begin().await?;
        let kept = tx.api_tokens().get(shown.id).await?.filter(|kept| shown.is(&kept.digest));
        let kept = kept.filter(|kept| kept.revoked_at.is_none());
        self.limit.note(shown, kept.is_some());
        let kept = kept.ok_or_else(Problem::no_token)?;
        let agent = tx.agents().get(kept.agent).await?;
        // Who has no rights any more has no token either; what is left of one whose queues are others is nothing.
        let agent = Some(agent).filter(|agent| agent.active).and_then(|agent| confined(agent, &kept.queues));
        let agent = agent.ok_or_else(Problem::no_token)?;
        self.limit.count(kept.id).map_err(Problem::too_many)?;
        tx.api_tokens().used(&kept).await?;
        tracing::debug!(token = %kept.id, "a program asks");
        Ok(Visit { tx, token: kept.id, agent, scopes: kept.scopes, _seat: seat })
    }
}

impl Visit {
    /// Refuses what the token is not for.
    pub(super) fn must_have(&self, scope: Scope) -> Result<(), Problem> {
        if self.scopes.contains(&scope) { Ok(()) } else { Err(Problem::no_scope(scope)) }
    }

    /// Its agent acts, in no room.
    pub(super) fn context<'t>(&'t mut self, api: &'t Api) -> Context<'t> {
        Context::of(&api.desk, &mut self.tx, &self.agent, None)
    }
}

/// The queues that an agent sees.
pub(super) async fn seen(context: &mut Context<'_>) -> Result<Vec<QueueId>, Problem> {
    let queues = crate::desk::conversation::lists::queues(context).await?;
    Ok(queues.into_iter().map(|queue| queue.id).collect())
}

/// The token that a request shows.
pub(super) fn shown(headers: &HeaderMap) -> Option<ShownToken> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    ShownToken::parse(token.trim()).filter(|_| scheme.eq_ignore_ascii_case("bearer"))
}
