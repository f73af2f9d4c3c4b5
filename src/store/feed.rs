//! What happened to tickets, in an order that a program can follow: nothing ever appears before what was read already.
//!
//! Ids are given before the commit, and transactions that began first may commit last. So events get their number when they
//! are committed, from whoever holds the feed's lock. An event waits for its number in `unnumbered_event`, which is written with
//! it: whoever numbers sees what is committed and nothing else, and takes it out with the number, once.

use chrono::{DateTime, Utc};

use super::audit::decode;
use super::readouts::TicketHead;
use super::{Result, Store, StoreError, Tx};
use crate::domain::article::Sender;
use crate::domain::id::{ArticleId, FeedId, QueueId, TicketId, UserId};
use crate::domain::ticket::TicketEvent;

/// "tlnews" as bytes: the advisory lock of whoever numbers.
const NUMBERING: i64 = 0x74_6c_6e_65_77_73;

/// An event of the feed, and its ticket as it is now.
#[derive(Clone, Debug)]
pub struct FeedEvent {
    /// Its number.
    pub id: FeedId,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// Which side did it.
    pub by: Sender,
    /// The agent, if it was one.
    pub agent: Option<UserId>,
    /// What.
    pub event: TicketEvent,
    /// The ticket.
    pub ticket: TicketHead,
}

/// A part of the feed.
#[derive(Clone, Debug)]
pub struct FeedPage {
    /// The events, in their order.
    pub events: Vec<FeedEvent>,
    /// Behind which number to go on: that of the last event that was looked at, whether it is among them or not.
    pub next: FeedId,
}

/// What was just numbered.
#[derive(Clone, Copy, Debug)]
pub struct Numbered {
    /// The number.
    pub id: FeedId,
    /// Whether no webhook is told.
    pub is_quiet: bool,
}

impl Store {
    /// Whether anything waits for its number.
    pub async fn has_unnumbered(&self) -> Result<bool> {
        let first =
            sqlx::query_scalar!("select ticket_event_id from unnumbered_event order by ticket_event_id limit 1")
                .fetch_optional(self.pool())
                .await?;
        Ok(first.is_some())
    }
}

/// The feed.
pub struct Feed<'t>(pub(super) &'t mut Tx);

impl Feed<'_> {
    /// Gives numbers to what has been committed and has none, at most so many; none while somebody else does that.
    pub async fn number(&mut self, most: i64) -> Result<Vec<Numbered>> {
        // A statement of its own: the next one is to see what the last holder of the lock has committed.
        let is_ours = sqlx::query_scalar!(r#"select pg_try_advisory_xact_lock($1) as "is_ours!""#, NUMBERING)
            .fetch_one(self.0.connection())
            .await?;
        if !is_ours {
            return Ok(Vec::new());
        }
        let rows = sqlx::query!(
            "with taken as (
                 delete from unnumbered_event
                 where ticket_event_id in (select ticket_event_id from unnumbered_event order by ticket_event_id limit $1)
                 returning ticket_event_id, is_quiet),
             numbered as (
                 insert into feed_event (feed_event_id, ticket_event_id)
                 select coalesce((select max(feed_event_id) from feed_event), 0) + row_number() over (order by ticket_event_id),
                        ticket_event_id
                 from taken
                 returning feed_event_id, ticket_event_id)
             select feed_event_id, is_quiet from numbered join taken using (ticket_event_id) order by feed_event_id",
            most,
        )
        .fetch_all(self.0.connection())
        .await?;
        Ok(rows.into_iter().map(|row| Numbered { id: FeedId(row.feed_event_id), is_quiet: row.is_quiet }).collect())
    }

    /// The events behind a number. At most `most` are looked at; of them, those are returned whose tickets are in one of the
    /// queues, if any are named.
    pub async fn after(&mut self, after: FeedId, most: i64, queues: Option<&[QueueId]>) -> Result<FeedPage> {
        let ids = sqlx::query_scalar!(
            "select feed_event_id from feed_event where feed_event_id > $1 order by feed_event_id limit $2",
            after.0,
            most,
        )
        .fetch_all(self.0.connection())
        .await?;
        let next = ids.last().map_or(after, |last| FeedId(*last));
        let ids: Vec<FeedId> = ids.into_iter().map(FeedId).collect();
        let mut events = self.get(&ids).await?;
        if let Some(queues) = queues {
            events.retain(|event| queues.contains(&event.ticket.queue_id));
        }
        Ok(FeedPage { events, next })
    }

    /// Events of these numbers, in their order.
    pub async fn get(&mut self, ids: &[FeedId]) -> Result<Vec<FeedEvent>> {
        let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
        let rows = sqlx::query!(
            r#"select feed_event_id, ticket_event_id, ticket_id, at, actor, doer.user_id as "doer?", kind, data
               from feed_event
               join ticket_event using (ticket_event_id)
               left join agent as doer on doer.agent_id = ticket_event.agent_id
               where feed_event_id = any($1) order by feed_event_id"#,
            &ids,
        )
        .fetch_all(self.0.connection())
        .await?;
        let mut tickets: Vec<TicketId> = rows.iter().map(|row| TicketId(row.ticket_id)).collect();
        tickets.sort_unstable();
        tickets.dedup();
        let heads = self.0.readouts().heads(&tickets, None).await?;
        let mut events = Vec::with_capacity(rows.len());
        for row in rows {
            let id = row.ticket_event_id;
            let ticket = heads.iter().find(|head| head.id == TicketId(row.ticket_id));
            events.push(FeedEvent {
                id: FeedId(row.feed_event_id),
                at: row.at,
                by: Sender::named(&row.actor).ok_or_else(|| unsound(id, "actor"))?,
                agent: row.doer.as_deref().and_then(UserId::parse),
                event: decode(id, &row.kind, row.data)?,
                ticket: ticket.cloned().ok_or_else(|| unsound(id, "its ticket"))?,
            });
        }
        Ok(events)
    }

    /// The beginnings of those of some articles that the customer may see, and which of them are cut.
    pub async fn public_texts(
        &mut self,
        articles: &[ArticleId],
        longest: i32,
    ) -> Result<Vec<(ArticleId, String, bool)>> {
        let ids: Vec<i64> = articles.iter().map(|article| article.0).collect();
        let rows = sqlx::query!(
            r#"select article_id, left(text, $2) as "text!", length(text) > $2 as "is_cut!" from article
               where article_id = any($1) and visibility = 'customer' and cancelled_at is null"#,
            &ids,
            longest,
        )
        .fetch_all(self.0.connection())
        .await?;
        Ok(rows.into_iter().map(|row| (ArticleId(row.article_id), row.text, row.is_cut)).collect())
    }
}

fn unsound(row: i64, what: &str) -> StoreError {
    StoreError::Unsound { table: "ticket_event", row: row.to_string(), what: what.to_owned() }
}
