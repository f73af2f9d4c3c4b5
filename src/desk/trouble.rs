//! What is said when a job is given up: nothing ends silently (R90).

use super::{Desk, mark, put_mark, reply, say};
use crate::domain::id::{ArticleId, EventId, EventRowId, RoomId};
use crate::store::jobs::{Job, Leased};
use crate::store::{Result, Tx};

use super::words::Said;

impl Desk {
    /// Tells those whom a job was for that it was given up. What can't be said in Matrix, because
    /// saying it is what failed, is in the log, the metrics and `ticketloom jobs`.
    ///
    /// # Errors
    /// If the record failed: then it is not said.
    pub async fn tell_given_up(&self, leased: &Leased, why: &str) -> Result<()> {
        let mut tx = self.store.begin().await?;
        match leased.job {
            Job::ReadEvent { event } => not_done(&mut tx, event, leased.id).await?,
            Job::Article { article } => not_shown(&mut tx, article, leased.id, why).await?,
            Job::File { file } => {
                let article = tx.files().get(file).await?.article;
                not_shown(&mut tx, article, leased.id, why).await?;
            }
            _ => {}
        }
        tx.commit().await
    }
}

async fn not_done(tx: &mut Tx, event: EventRowId, job: i64) -> Result<()> {
    let Some((room, body)) = tx.events().get(event).await? else { return Ok(()) };
    let json: serde_json::Value = serde_json::from_str(&body).unwrap_or_default();
    let event = json["event_id"].as_str().and_then(EventId::parse);
    let (Some(room), Some(event)) = (RoomId::parse(&room), event) else { return Ok(()) };
    let ticket = tx.threads().ticket_of(&event).await?.map(|(ticket, _)| ticket);
    put_mark(tx, &room, &event, mark::NO).await?;
    let said = format!(
        "Nothing was done: the desk could not handle this message (job {job}). An admin can look it up with ticketloom jobs."
    );
    reply(tx, &room, ticket, &event, Said::plain(said)).await
}

async fn not_shown(tx: &mut Tx, article: ArticleId, job: i64, why: &str) -> Result<()> {
    let article = tx.articles().get(article).await?;
    let ticket = tx.tickets().get(article.ticket).await?;
    let Some(room) = tx.queues().get(ticket.queue).await?.room else { return Ok(()) };
    let said = format!(
        "⚠ An article of this ticket could not be shown here: {why} (job {job}). It is in the record; ticketloom jobs --retry {job} tries again."
    );
    say(tx, &room, ticket.id, Said::plain(super::words::defuse(&said)), vec![]).await
}
