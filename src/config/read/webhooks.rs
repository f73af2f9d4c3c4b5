//! What the desk calls when something happens.

use super::super::{Allowed, WebhooksConfig};
use super::{Read, Reader};

impl Reader<'_> {
    pub(super) fn webhooks(&self) -> Read<WebhooksConfig> {
        let webhooks = self.section("webhooks");
        let form = "[\"n8n.lan\", \"10.0.0.5\", \"127.0.0.1:8080\"], names or addresses, each with or without a port";
        let allow = webhooks.list("allow", form, Allowed::parse);
        webhooks.end();
        Ok(WebhooksConfig { allow: allow? })
    }
}
