//! The content of tickets that goes. Numbers, states, times and who did what stay.

use serde_json::Value;

use super::audit::{decode, encode};
use super::jobs::Lane;
use super::{Result, Tx};
use crate::domain::id::{ArticleId, CustomerId, EmailAddress, LetterId, TicketId};
use crate::domain::ticket::ERASED;

/// The content of tickets that goes.
pub struct ErasedTickets<'t>(pub(super) &'t mut Tx);

impl ErasedTickets<'_> {
    /// The articles of a ticket; or, of somebody else's, those that one wrote.
    pub async fn articles(&mut self, ticket: TicketId, by: Option<CustomerId>) -> Result<Vec<ArticleId>> {
        let ids = sqlx::query_scalar!(
            "select article_id from article where ticket_id = $1 and ($2::bigint is null or customer_id = $2) order by article_id",
            ticket.0,
            by.map(|customer| customer.0),
        );
        Ok(ids.fetch_all(self.0.connection()).await?.into_iter().map(ArticleId).collect())
    }

    /// Whether a ticket's content was erased.
    pub async fn is_erased(&mut self, ticket: TicketId) -> Result<bool> {
        let is_erased = sqlx::query_scalar!(
            r#"select exists (select from ticket where ticket_id = $1 and erased_at is not null) as "is_erased!""#,
            ticket.0
        );
        Ok(is_erased.fetch_one(self.0.connection()).await?)
    }

    /// A ticket's own words go: what it is called, its tags, what it is found by, answers that wait, what programs were to be told.
    /// Links to its page end.
    pub async fn erase(&mut self, ticket: TicketId) -> Result<()> {
        let now = self.0.now();
        sqlx::query!(
            "update ticket set subject = $2, tags = '{}', page_since = $3, erased_at = $3 where ticket_id = $1",
            ticket.0,
            ERASED,
            now,
        )
        .execute(self.0.connection())
        .await?;
        self.erase_words(ticket).await?;
        sqlx::query!("delete from message_ref where ticket_id = $1", ticket.0).execute(self.0.connection()).await?;
        sqlx::query!("delete from unknown_message where ticket_id = $1", ticket.0).execute(self.0.connection()).await?;
        let files = sqlx::query_scalar!(
            "delete from scheduled_file where scheduled_answer_id in (
                 select scheduled_answer_id from scheduled_answer where ticket_id = $1) returning digest",
            ticket.0
        )
        .fetch_all(self.0.connection())
        .await?;
        sqlx::query!(
            "update scheduled_answer set text = '', cc = '{}', shown = null,
                    state = case when state in ('waiting', 'stopped') then 'cancelled' else state end
             where ticket_id = $1",
            ticket.0
        )
        .execute(self.0.connection())
        .await?;
        let events = sqlx::query_scalar!("select event_id from event_ref where ticket_id = $1", ticket.0)
            .fetch_all(self.0.connection())
            .await?;
        let mut digests = self.0.erased_articles().erase_events(&events).await?;
        digests.extend(files);
        self.0.erased_articles().drop_blobs(&digests).await?;
        self.erase_jobs(ticket).await
    }

    async fn erase_words(&mut self, ticket: TicketId) -> Result<()> {
        let words = sqlx::query_scalar!(
            r#"select distinct word as "word!" from search_text, unnest(tsvector_to_array(words)) as one (word)
               where ticket_id = $1 and article_id is null and length(word) between 4 and 32"#,
            ticket.0,
        )
        .fetch_all(self.0.connection())
        .await?;
        self.0.searches().put_ticket(ticket).await?;
        self.0.erased_articles().forget_words(&words).await
    }

    /// What is still to be said about it says nothing, and what was given up is forgotten.
    async fn erase_jobs(&mut self, ticket: TicketId) -> Result<()> {
        let lane = Lane::ticket(ticket);
        sqlx::query!(
            r#"update job set payload = jsonb_set(payload, '{notice,said}', '[{"paragraph":[[{"text":"(erased)"}]]}]')
               where lane_id = (select lane_id from lane where name = $1) and kind = 'Notice'"#,
            lane.name(),
        )
        .execute(self.0.connection())
        .await?;
        self.0.erasures().forget_dead(lane.name()).await
    }

    /// Somebody's letters in a ticket of somebody else, and where they are named in it.
    pub async fn erase_elsewhere(
        &mut self,
        ticket: TicketId,
        whom: &EmailAddress,
        stand_in: &EmailAddress,
        last: LetterId,
    ) -> Result<()> {
        let letters = sqlx::query_scalar!(
            "select letter_id from letter where ticket_id = $1 and lower(recipient) = $2 and letter_id <= $3",
            ticket.0,
            whom.key(),
            last.0,
        )
        .fetch_all(self.0.connection())
        .await?;
        let digests = self.0.erased_articles().erase_letters(&letters, whom, stand_in).await?;
        self.0.erased_articles().drop_blobs(&digests).await?;
        // In the header of what others got, where it went out long ago.
        sqlx::query!(
            "update letter set bytes = '' where ticket_id = $1 and letter_id <= $3 and state in ('sent', 'failed', 'cancelled')
                 and strpos(lower(encode(bytes, 'escape')), $2) > 0",
            ticket.0,
            whom.key(),
            last.0,
        )
        .execute(self.0.connection())
        .await?;
        sqlx::query!(
            "update article set copies = case when strpos(lower(copies), $2) > 0 then null else copies end,
                    reply_to = case when strpos(lower(reply_to), $2) > 0 then null else reply_to end
             where ticket_id = $1 and (strpos(lower(copies), $2) > 0 or strpos(lower(reply_to), $2) > 0)",
            ticket.0,
            whom.key(),
        )
        .execute(self.0.connection())
        .await?;
        sqlx::query!(
            "update scheduled_answer set
                 cc = (select coalesce(array_agg(address), '{}') from unnest(cc) as one (address) where lower(address) <> $2),
                 shown = (select array_agg(address) from unnest(shown) as one (address) where lower(address) <> $2)
             where ticket_id = $1",
            ticket.0,
            whom.key(),
        )
        .execute(self.0.connection())
        .await?;
        Ok(())
    }

    /// Erases the words in a ticket's history, and what programs were still to be told of it.
    pub async fn erase_history(
        &mut self,
        ticket: TicketId,
        whom: &EmailAddress,
        stand_in: &EmailAddress,
        is_theirs: bool,
    ) -> Result<()> {
        let rows = sqlx::query!(
            "select ticket_event_id, kind, data from ticket_event where ticket_id = $1 order by ticket_event_id",
            ticket.0
        )
        .fetch_all(self.0.connection())
        .await?;
        let mut changed: Vec<(i64, Value)> = Vec::new();
        for row in rows {
            let event = decode(row.ticket_event_id, &row.kind, row.data)?;
            if let Some(left) = event.erased(whom, stand_in, is_theirs) {
                changed.push((row.ticket_event_id, encode(&left).1));
            }
        }
        let (ids, data): (Vec<i64>, Vec<Value>) = changed.into_iter().unzip();
        sqlx::query!("select set_config('ticketloom.erases', 'on', true)").fetch_one(self.0.connection()).await?;
        sqlx::query!(
            "update ticket_event set data = other.data from unnest($1::bigint[], $2::jsonb[]) as other (id, data)
             where ticket_event_id = other.id",
            &ids,
            &data,
        )
        .execute(self.0.connection())
        .await?;
        sqlx::query!("select set_config('ticketloom.erases', '', true)").fetch_one(self.0.connection()).await?;
        self.erase_deliveries(ticket).await
    }

    /// What was frozen for webhooks is told no more.
    async fn erase_deliveries(&mut self, ticket: TicketId) -> Result<()> {
        sqlx::query!(
            "delete from webhook_delivery where (webhook_id, feed_event_id) in (
                 select webhook_id, feed_event_id from ticket_event join feed_event using (ticket_event_id) cross join webhook
                 where ticket_id = $1)",
            ticket.0
        )
        .execute(self.0.connection())
        .await?;
        Ok(())
    }
}
