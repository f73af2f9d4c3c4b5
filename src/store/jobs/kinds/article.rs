//! Post an article into its ticket's thread, or edit it there.

use serde::{Deserialize, Serialize};

use super::{HasLane, Kind};
use crate::domain::id::{ArticleId, TicketId};
use crate::store::jobs::lane::{Class, Lane};
use crate::store::jobs::policy::Policy;

/// Post an article into its ticket's thread, or edit it there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Article {
    /// The ticket.
    pub ticket: TicketId,
    /// The article.
    pub article: ArticleId,
}

impl Kind for Article {
    const NAME: &'static str = "Article";
    const CLASS: Class = Class::Chat;
    const POLICY: Policy = Policy::CHAT;
}

impl HasLane for Article {
    fn lane(&self) -> Lane {
        Lane::ticket(self.ticket)
    }
}
