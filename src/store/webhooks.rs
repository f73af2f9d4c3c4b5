//! Programs that are told what happens, and what each is still to be told.

use chrono::{DateTime, Utc};

use super::jobs::Webhook as Job;
use super::{Result, Tx, exactly_one};
use crate::domain::id::{AgentId, DeliveryId, FeedId, QueueId, UserId, WebhookId};

/// A program that is told what happens.
#[derive(Clone, Debug)]
pub struct Webhook {
    /// Its row.
    pub id: WebhookId,
    /// What is called.
    pub url: String,
    /// The types of events; empty: all.
    pub events: Vec<String>,
    /// The queues; empty: all.
    pub queues: Vec<QueueId>,
    /// Whether it is told what customers wrote and got.
    pub has_bodies: bool,
    /// Who is called when it is disabled.
    pub owner: Option<UserId>,
    /// How its last call ended, and when.
    pub last: Option<(String, DateTime<Utc>)>,
    /// Since when no call went well.
    pub failing_since: Option<DateTime<Utc>>,
    /// Since when it is not called any more, and why.
    pub disabled: Option<(DateTime<Utc>, String)>,
}

/// A webhook to be added. It has a secret, so it is not shown.
#[derive(Clone)]
pub struct NewWebhook {
    /// What is called.
    pub url: String,
    /// What its signatures are made with.
    pub secret: String,
    /// The types of events; empty: all.
    pub events: Vec<String>,
    /// The queues; empty: all.
    pub queues: Vec<QueueId>,
    /// Whether it is told what customers wrote and got.
    pub has_bodies: bool,
    /// Who is called when it is disabled.
    pub owner: Option<AgentId>,
}

/// What a webhook is still to be told. It has a secret, so it is not shown.
#[derive(Clone)]
pub struct Delivery {
    /// What is called.
    pub url: String,
    /// What the signature is made with.
    pub secret: String,
    /// The message's id: the same at every attempt.
    pub message: String,
    /// The bytes.
    pub body: String,
    /// How many attempts failed.
    pub failures: i16,
    /// Since when no call of the webhook went well.
    pub failing_since: Option<DateTime<Utc>>,
    /// Whether the webhook is not called any more.
    pub is_disabled: bool,
}

/// Programs that are told what happens.
pub struct Webhooks<'t>(pub(super) &'t mut Tx);

impl Webhooks<'_> {
    /// Adds one.
    pub async fn add(&mut self, new: &NewWebhook) -> Result<WebhookId> {
        let now = self.0.now();
        let queues: Vec<i64> = new.queues.iter().map(|queue| queue.0).collect();
        let id = sqlx::query_scalar!(
            "insert into webhook (url, secret, events, queues, has_bodies, owner_id, created_at)
             values ($1, $2, $3, $4, $5, $6, $7) returning webhook_id",
            new.url,
            new.secret,
            &new.events,
            &queues,
            new.has_bodies,
            new.owner.map(|owner| owner.0),
            now,
        )
        .fetch_one(self.0.connection())
        .await?;
        Ok(WebhookId(id))
    }

    /// All of them, the oldest first.
    pub async fn all(&mut self) -> Result<Vec<Webhook>> {
        let rows = sqlx::query!(
            r#"select webhook_id, url, events, queues, has_bodies, user_id as "owner?", last_result, last_at, failing_since,
                      disabled_at, disabled_why
               from webhook left join agent on agent_id = owner_id order by webhook_id"#
        )
        .fetch_all(self.0.connection())
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| Webhook {
                id: WebhookId(row.webhook_id),
                url: row.url,
                events: row.events,
                queues: row.queues.into_iter().map(QueueId).collect(),
                has_bodies: row.has_bodies,
                owner: row.owner.as_deref().and_then(UserId::parse),
                last: row.last_result.zip(row.last_at),
                failing_since: row.failing_since,
                disabled: row.disabled_at.zip(row.disabled_why),
            })
            .collect())
    }

    /// Removes one, with all that it was still to be told; `false` if there is none.
    pub async fn remove(&mut self, webhook: WebhookId) -> Result<bool> {
        let done =
            sqlx::query!("delete from webhook where webhook_id = $1", webhook.0).execute(self.0.connection()).await?;
        Ok(done.rows_affected() > 0)
    }

    /// Has it called again, as if it had never failed; `false` if there is none.
    pub async fn enable(&mut self, webhook: WebhookId) -> Result<bool> {
        let done = sqlx::query!(
            "update webhook set disabled_at = null, disabled_why = null, failing_since = null where webhook_id = $1",
            webhook.0,
        )
        .execute(self.0.connection())
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Has one not called any more; `false` if it was so already.
    pub async fn disable(&mut self, webhook: WebhookId, why: &str) -> Result<bool> {
        let now = self.0.now();
        let done = sqlx::query!(
            "update webhook set disabled_at = $2, disabled_why = $3 where webhook_id = $1 and disabled_at is null",
            webhook.0,
            now,
            why,
        )
        .execute(self.0.connection())
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Freezes what one is to be told of an event, and has it told after what it was to be told before.
    pub async fn tell(&mut self, webhook: WebhookId, event: FeedId, message: &str, body: &str) -> Result<()> {
        let id = sqlx::query_scalar!(
            "insert into webhook_delivery (webhook_id, feed_event_id, message_id, body) values ($1, $2, $3, $4)
             returning webhook_delivery_id",
            webhook.0,
            event.0,
            message,
            body,
        )
        .fetch_one(self.0.connection())
        .await?;
        self.0.enqueue(Job { webhook, delivery: DeliveryId(id) });
        Ok(())
    }

    /// What is to be told; `None` if it was told, or the webhook was removed.
    pub async fn delivery(&mut self, delivery: DeliveryId) -> Result<Option<Delivery>> {
        let row = sqlx::query!(
            r#"select url, secret, message_id, body, failures, failing_since, disabled_at is not null as "is_disabled!"
               from webhook_delivery join webhook using (webhook_id) where webhook_delivery_id = $1"#,
            delivery.0,
        )
        .fetch_optional(self.0.connection())
        .await?;
        Ok(row.map(|row| Delivery {
            url: row.url,
            secret: row.secret,
            message: row.message_id,
            body: row.body,
            failures: row.failures,
            failing_since: row.failing_since,
            is_disabled: row.is_disabled,
        }))
    }

    /// It was told, or never will be.
    pub async fn end(&mut self, delivery: DeliveryId) -> Result<()> {
        sqlx::query!("delete from webhook_delivery where webhook_delivery_id = $1", delivery.0)
            .execute(self.0.connection())
            .await?;
        Ok(())
    }

    /// Notes so many failures of a delivery.
    pub async fn set_failures(&mut self, delivery: DeliveryId, failures: i16) -> Result<()> {
        let done = sqlx::query!(
            "update webhook_delivery set failures = $2 where webhook_delivery_id = $1",
            delivery.0,
            failures
        )
        .execute(self.0.connection())
        .await?;
        exactly_one(&done, "a webhook's delivery")
    }

    /// Notes how a call ended.
    pub async fn called(&mut self, webhook: WebhookId, result: &str, went_well: bool) -> Result<()> {
        let now = self.0.now();
        sqlx::query!(
            "update webhook set last_result = $2, last_at = $3, failing_since = case when $4 then null else coalesce(failing_since, $3) end
             where webhook_id = $1",
            webhook.0,
            result,
            now,
            went_well,
        )
        .execute(self.0.connection())
        .await?;
        Ok(())
    }
}
