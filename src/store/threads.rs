//! Where tickets stand in Matrix: their cards, and which event belongs to which.

use serde_json::Value;

use super::projections::Subject;
use super::{Result, Tx};
use crate::domain::id::{ArticleId, EventId, RoomId, TicketId};

/// A ticket's thread in a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thread {
    /// The card.
    pub root: EventId,
    /// The newest event that we know in it.
    pub last: EventId,
}

/// Where tickets stand in Matrix.
pub struct Threads<'t>(pub(super) &'t mut Tx);

impl Threads<'_> {
    /// A ticket's thread in a room, once its card is there.
    pub async fn get(&mut self, ticket: TicketId, room: &RoomId) -> Result<Option<Thread>> {
        let card = self.0.projections().get(Subject::Card(ticket), room).await?;
        Ok(card.map(|card| Thread { root: card.event, last: card.last }))
    }

    /// Records which ticket (and article) an event belongs to.
    pub async fn add_event(
        &mut self,
        event: &EventId,
        room: &RoomId,
        ticket: TicketId,
        article: Option<ArticleId>,
    ) -> Result<()> {
        sqlx::query!(
            "insert into event_ref (event_id, room_id, ticket_id, article_id) values ($1, $2, $3, $4)
             on conflict (event_id) do update set article_id = coalesce(event_ref.article_id, excluded.article_id)",
            event.as_str(),
            room.as_str(),
            ticket.0,
            article.map(|article| article.0),
        )
        .execute(self.0.connection())
        .await?;
        Ok(())
    }

    /// Moves the end of a ticket's thread: somebody wrote there.
    pub async fn set_last_event(&mut self, ticket: TicketId, room: &RoomId, event: &EventId) -> Result<()> {
        sqlx::query!(
            "update projection set last_event = $3 where purpose = 'card' and subject_id = $1 and room_id = $2",
            ticket.0,
            room.as_str(),
            event.as_str()
        )
        .execute(self.0.connection())
        .await?;
        Ok(())
    }

    /// The ticket (and article) that an event belongs to.
    pub async fn ticket_of(&mut self, event: &EventId) -> Result<Option<(TicketId, Option<ArticleId>)>> {
        let row = sqlx::query!("select ticket_id, article_id from event_ref where event_id = $1", event.as_str())
            .fetch_optional(self.0.connection())
            .await?;
        Ok(row.map(|row| (TicketId(row.ticket_id), row.article_id.map(ArticleId))))
    }

    /// The room in which an event of a ticket stands.
    pub async fn room_of(&mut self, event: Option<&EventId>) -> Result<Option<RoomId>> {
        let Some(event) = event else { return Ok(None) };
        let room = sqlx::query_scalar!("select room_id from event_ref where event_id = $1", event.as_str())
            .fetch_optional(self.0.connection())
            .await?;
        Ok(room.as_deref().and_then(RoomId::parse))
    }

    /// Whether an event that we know nothing of may be one that we have just sent to a room without hearing what became of
    /// it. What somebody else sent is known.
    pub async fn may_become_known(&mut self, event: &EventId, room: &RoomId) -> Result<bool> {
        Ok(sqlx::query_scalar!(
            r#"select not exists (select from event_in where event_id = $1)
                  and not exists (select from event_ref where event_id = $1)
                  and not exists (select from projection where event_id = $1)
                  and exists (
                      select from job join room on room.room_id = $2
                          left join ticket on ticket_id = (payload ->> 'ticket')::bigint
                          left join quarantine on quarantine_id = (payload ->> 'entry')::bigint
                      where job.kind in ('Card', 'Article', 'File', 'Quarantine') and attempts > 0
                        and room.queue_id = coalesce(ticket.queue_id, quarantine.queue_id)) as "may!""#,
            event.as_str(),
            room.as_str(),
        )
        .fetch_one(self.0.connection())
        .await?)
    }

    /// The root of the thread, of whatever kind, in which somebody's message or one of ours stands; `None` if it stands
    /// in none.
    pub async fn root_of(&mut self, event: &EventId) -> Result<Option<EventId>> {
        let root = sqlx::query_scalar!(
            r#"select root_event as "root!" from projection where event_id = $1 and root_event is not null limit 1"#,
            event.as_str()
        )
        .fetch_optional(self.0.connection())
        .await?;
        if let Some(root) = root {
            return Ok(EventId::parse(&root));
        }
        let body = sqlx::query_scalar!("select body from event_in where event_id = $1", event.as_str())
            .fetch_optional(self.0.connection())
            .await?;
        let json: Value = body.and_then(|body| serde_json::from_str(&body).ok()).unwrap_or_default();
        let relation = &json["content"]["m.relates_to"];
        let root = relation["event_id"].as_str().filter(|_| relation["rel_type"] == "m.thread");
        Ok(root.and_then(EventId::parse))
    }
}
