//! Tell a webhook what happened.

use serde::{Deserialize, Serialize};

use super::{HasLane, Kind};
use crate::domain::id::{DeliveryId, WebhookId};
use crate::store::jobs::lane::{Class, Lane};
use crate::store::jobs::policy::Policy;

/// Tell a webhook what happened. One lane a webhook: its order is that of the events, and a slow receiver is waited for by
/// nobody else.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Webhook {
    /// The webhook.
    pub webhook: WebhookId,
    /// What it is told.
    pub delivery: DeliveryId,
}

impl Kind for Webhook {
    const NAME: &'static str = "Webhook";
    const CLASS: Class = Class::Webhook;
    const POLICY: Policy = Policy::WEBHOOK;
}

impl HasLane for Webhook {
    fn lane(&self) -> Lane {
        Lane::webhook(self.webhook)
    }
}
