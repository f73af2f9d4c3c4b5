//! Alerts that are sent together: what of them fires, and the ticket that says so.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};

use super::alert_tokens::AlertToken;
use super::{Result, Tx};
use crate::domain::id::{AlertGroupId, ApiTokenId, TicketId};

/// A group as it was heard of last.
#[derive(Clone, Debug)]
pub struct AlertGroup {
    /// Its row.
    pub id: AlertGroupId,
    /// The ticket in which it stands.
    pub ticket: TicketId,
    /// Whether any of it fires.
    pub fires: bool,
    /// The fingerprints of what fires.
    pub firing: BTreeSet<String>,
    /// When its ticket was closed, if it is.
    pub closed_at: Option<DateTime<Utc>>,
}

/// What is recorded of a group.
#[derive(Clone, Copy, Debug)]
pub struct Heard<'a> {
    /// The ticket in which it stands.
    pub ticket: TicketId,
    /// Whether any of it fires.
    pub fires: bool,
    /// The fingerprints of what fires.
    pub firing: &'a BTreeSet<String>,
}

/// Alerts that are sent together.
pub struct AlertGroups<'t>(pub(super) &'t mut Tx);

impl AlertGroups<'_> {
    /// Waits until nobody else takes what that group's sender says, and keeps others from it until the transaction ends. It
    /// comes before any row is locked.
    pub async fn lock(&mut self, token: ApiTokenId, key: &[u8; 32]) -> Result<()> {
        let digest = Sha256::new().chain_update(format!("alert group {token}")).chain_update(key).finalize();
        let lock = i64::from_be_bytes(digest[..8].try_into().expect("eight of 32 bytes"));
        sqlx::query!("select pg_advisory_xact_lock($1)", lock).execute(self.0.connection()).await?;
        Ok(())
    }

    /// A token's group. What a token that was revoked has brought into the same queue goes on with the one that took its place.
    pub async fn get(&mut self, token: &AlertToken, key: &[u8; 32]) -> Result<Option<AlertGroup>> {
        let row = sqlx::query!(
            "select alert_group_id, alert_group.ticket_id, fires, firing, closed_at
             from alert_group join api_token using (api_token_id) join ticket using (ticket_id)
             where key = $2 and (api_token_id = $1 or revoked_at is not null and alert_queue_id = $3)
             order by api_token_id = $1 desc, heard_at desc limit 1",
            token.id.0,
            &key[..],
            token.queue.0,
        )
        .fetch_optional(self.0.connection())
        .await?;
        Ok(row.map(|row| AlertGroup {
            id: AlertGroupId(row.alert_group_id),
            ticket: TicketId(row.ticket_id),
            fires: row.fires,
            firing: row.firing.into_iter().collect(),
            closed_at: row.closed_at,
        }))
    }

    /// Records a group that is new, or of a ticket that is another one than before.
    pub async fn put(&mut self, token: ApiTokenId, key: &[u8; 32], heard: Heard<'_>) -> Result<()> {
        let (now, firing) = (self.0.now(), heard.firing.iter().cloned().collect::<Vec<_>>());
        sqlx::query!(
            "insert into alert_group (api_token_id, key, ticket_id, fires, firing, opened_at, heard_at)
             values ($1, $2, $3, $4, $5, $6, $6)
             on conflict (key, api_token_id) do update
             set ticket_id = excluded.ticket_id, fires = excluded.fires, firing = excluded.firing, repeats = 0,
                 opened_at = excluded.opened_at, heard_at = excluded.heard_at",
            token.0,
            &key[..],
            heard.ticket.0,
            heard.fires,
            &firing,
            now,
        )
        .execute(self.0.connection())
        .await?;
        Ok(())
    }

    /// Records what has changed of a group, brought by that token now.
    pub async fn change(&mut self, group: AlertGroupId, token: ApiTokenId, heard: Heard<'_>) -> Result<()> {
        let (now, firing) = (self.0.now(), heard.firing.iter().cloned().collect::<Vec<_>>());
        sqlx::query!(
            "update alert_group set api_token_id = $2, ticket_id = $3, fires = $4, firing = $5, repeats = 0, heard_at = $6
             where alert_group_id = $1",
            group.0,
            token.0,
            heard.ticket.0,
            heard.fires,
            &firing,
            now,
        )
        .execute(self.0.connection())
        .await?;
        Ok(())
    }

    /// Counts that the same was sent again.
    pub async fn repeated(&mut self, group: AlertGroupId) -> Result<()> {
        let now = self.0.now();
        sqlx::query!(
            "update alert_group set repeats = repeats + 1, heard_at = $2 where alert_group_id = $1",
            group.0,
            now
        )
        .execute(self.0.connection())
        .await?;
        Ok(())
    }

    /// Whether another group fires in a ticket, or in what was merged into it.
    pub async fn others_fire(&mut self, ticket: TicketId, group: AlertGroupId) -> Result<bool> {
        let parts = self.0.merges().parts(ticket).await?;
        Ok(sqlx::query_scalar!(
            r#"select exists (select from alert_group where ticket_id = any($1) and fires and alert_group_id <> $2) as "fire!""#,
            &parts,
            group.0,
        )
        .fetch_one(self.0.connection())
        .await?)
    }

    /// The ticket that a token's group came to last, if within the last hour so many did.
    pub async fn newest_of_many(&mut self, token: ApiTokenId, many: i64) -> Result<Option<TicketId>> {
        let since = self.0.now() - TimeDelta::hours(1);
        let tickets = sqlx::query_scalar!(
            "select ticket_id from alert_group where api_token_id = $1 and opened_at > $2 order by opened_at desc limit $3",
            token.0,
            since,
            many,
        )
        .fetch_all(self.0.connection())
        .await?;
        let is_many = i64::try_from(tickets.len()).is_ok_and(|count| count >= many);
        Ok(tickets.first().filter(|_| is_many).map(|ticket| TicketId(*ticket)))
    }

    /// How many alerts of a ticket fire, if it is one of alerts.
    pub async fn firing(&mut self, ticket: TicketId) -> Result<Option<i64>> {
        Ok(sqlx::query_scalar!(
            "select sum(case when fires then greatest(cardinality(firing), 1) else 0 end) from alert_group where ticket_id = $1",
            ticket.0,
        )
        .fetch_one(self.0.connection())
        .await?)
    }
}
