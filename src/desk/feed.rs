//! What happened to tickets, as programs are told of it: the same from the feed and by a webhook.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;

use super::post::TicketMarker;
use crate::domain::id::{ArticleId, FeedId, UserId};
use crate::domain::number::Number;
use crate::store::feed::FeedEvent;
use crate::store::readouts::TicketHead;

/// An event as JSON. It has nothing that a customer or an agent wrote but the ticket's subject.
#[derive(Clone, Debug, Serialize)]
pub struct EventJson {
    /// Its number: `after` of the next question.
    pub id: FeedId,
    /// What happened, such as `ticket.created`.
    #[serde(rename = "type")]
    pub topic: &'static str,
    /// When.
    pub at: DateTime<Utc>,
    /// The ticket as it is when this is told, as `org.ticketloom.ticket` has it.
    pub ticket: Value,
    /// Who did it.
    pub by: DoerJson,
    /// The article that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub article: Option<ArticleId>,
    /// The other ticket that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other: Option<Number>,
}

/// Who did something.
#[derive(Clone, Debug, Serialize)]
pub struct DoerJson {
    /// `customer`, `agent` or `system`.
    pub sender: &'static str,
    /// The agent, if it was one.
    pub agent: Option<UserId>,
}

impl From<&FeedEvent> for EventJson {
    fn from(told: &FeedEvent) -> Self {
        Self {
            id: told.id,
            topic: told.event.topic(),
            at: told.at,
            ticket: marker(&told.ticket).json(),
            by: DoerJson { sender: told.by.name(), agent: told.agent.clone() },
            article: told.event.article(),
            other: told.event.other_ticket().cloned(),
        }
    }
}

fn marker(ticket: &TicketHead) -> TicketMarker {
    TicketMarker {
        number: ticket.number.clone(),
        queue: ticket.queue.clone(),
        subject: ticket.subject.clone(),
        customer: ticket.customer.clone(),
        state: ticket.state.name(),
        state_type: ticket.state.type_name(),
        owner: ticket.owner.clone(),
        priority: ticket.priority,
        tags: ticket.tags.clone(),
        pending_until: ticket.pending_until,
        due: ticket.due,
    }
}
