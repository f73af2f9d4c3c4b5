//! Rooms that are made anew from the record.

use super::{Result, StoreError, Tx};
use crate::domain::id::{QueueId, RoomId, TicketId};

/// Which tickets are shown next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Open ones: somebody waits for them.
    Open,
    /// Closed and merged ones.
    Over,
    /// None any more.
    Done,
}

impl Step {
    fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Over => "over",
            Self::Done => "done",
        }
    }

    fn named(name: &str) -> Option<Self> {
        [Self::Open, Self::Over, Self::Done].into_iter().find(|step| step.name() == name)
    }
}

/// Where the making anew of a queue's room stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Remirror {
    /// The newest ticket that is shown anew.
    pub upto: TicketId,
    /// What is shown next.
    pub step: Step,
    /// The ticket up to which that is done.
    pub place: TicketId,
    /// Whether files are uploaded again.
    pub uploads: bool,
}

/// Rooms that are made anew.
pub struct Remirrors<'t>(pub(super) &'t mut Tx);

impl Remirrors<'_> {
    /// Begins it, unless one is under way, and says whether it did. The room that the queue has now is its former one from here on.
    pub async fn begin(&mut self, queue: QueueId, uploads: bool) -> Result<bool> {
        let now = self.0.now();
        let begun = sqlx::query!(
            "insert into remirror (queue_id, upto, step, uploads, begun_at)
             select $1, coalesce(max(ticket_id), 0), 'open', $2, $3 from ticket
             on conflict (queue_id) do update
             set upto = excluded.upto, step = 'open', place = 0, uploads = excluded.uploads, begun_at = excluded.begun_at, ended_at = null
             where remirror.step = 'done'",
            queue.0,
            uploads,
            now,
        )
        .execute(self.0.connection())
        .await?;
        if begun.rows_affected() == 0 {
            return Ok(false);
        }
        sqlx::query!(
            "with left_room as (delete from room where queue_id = $1 returning room_id)
             insert into former_room (room_id, queue_id, left_at) select room_id, $1, $2 from left_room
             on conflict (room_id) do nothing",
            queue.0,
            now,
        )
        .execute(self.0.connection())
        .await?;
        Ok(true)
    }

    /// Forgets the rooms that are no queue's: they are made anew, since their homeserver is lost.
    pub async fn forget_other_rooms(&mut self) -> Result<()> {
        sqlx::query!("delete from room where queue_id is null").execute(self.0.connection()).await?;
        Ok(())
    }

    /// The newest one of a queue; `None`: there was none.
    pub async fn get(&mut self, queue: QueueId) -> Result<Option<Remirror>> {
        let row = sqlx::query!("select upto, step, place, uploads from remirror where queue_id = $1", queue.0)
            .fetch_optional(self.0.connection())
            .await?;
        let Some(row) = row else { return Ok(None) };
        let what = "step".to_owned();
        let step =
            Step::named(&row.step).ok_or(StoreError::Unsound { table: "remirror", row: queue.to_string(), what })?;
        Ok(Some(Remirror { upto: TicketId(row.upto), step, place: TicketId(row.place), uploads: row.uploads }))
    }

    /// Whether a ticket is shown anew in its queue's room: then it calls nobody there.
    pub async fn covers(&mut self, queue: QueueId, ticket: TicketId) -> Result<bool> {
        Ok(self.get(queue).await?.is_some_and(|remirror| ticket <= remirror.upto))
    }

    /// The next tickets of a step, of `most` that are looked at, and the last of these; `None`: there are no more.
    pub async fn page(
        &mut self,
        queue: QueueId,
        remirror: &Remirror,
        most: i64,
    ) -> Result<(Vec<TicketId>, Option<TicketId>)> {
        let rows = sqlx::query!(
            r#"select ticket_id,
                      queue_id = $1 and (state in ('closed successful', 'closed unsuccessful', 'merged')) = $2 as "fits!"
               from ticket where ticket_id > $3 and ticket_id <= $4 order by ticket_id limit $5"#,
            queue.0,
            remirror.step == Step::Over,
            remirror.place.0,
            remirror.upto.0,
            most,
        )
        .fetch_all(self.0.connection())
        .await?;
        let last = rows.last().map(|row| TicketId(row.ticket_id));
        Ok((rows.iter().filter(|row| row.fits).map(|row| TicketId(row.ticket_id)).collect(), last))
    }

    /// Records how far it is.
    pub async fn set(&mut self, queue: QueueId, step: Step, place: TicketId) -> Result<()> {
        let ended = (step == Step::Done).then(|| self.0.now());
        sqlx::query!(
            "update remirror set step = $2, place = $3, ended_at = $4 where queue_id = $1",
            queue.0,
            step.name(),
            place.0,
            ended,
        )
        .execute(self.0.connection())
        .await?;
        Ok(())
    }

    /// Lets the files of these tickets be uploaded again.
    pub async fn forget_uploads(&mut self, tickets: &[TicketId]) -> Result<()> {
        let tickets: Vec<i64> = tickets.iter().map(|ticket| ticket.0).collect();
        let articles = sqlx::query_scalar!("select article_id from article where ticket_id = any($1)", &tickets)
            .fetch_all(self.0.connection())
            .await?;
        sqlx::query!("update attachment set media = null where article_id = any($1) and media is not null", &articles,)
            .execute(self.0.connection())
            .await?;
        Ok(())
    }

    /// The rooms that a queue had before.
    pub async fn former_rooms(&mut self, queue: QueueId) -> Result<Vec<RoomId>> {
        let rooms =
            sqlx::query_scalar!("select room_id from former_room where queue_id = $1 order by left_at", queue.0)
                .fetch_all(self.0.connection())
                .await?;
        Ok(rooms.iter().filter_map(|room| RoomId::parse(room)).collect())
    }

    /// How many messages that nobody waits for are still to be sent, as far as `most`.
    pub async fn backlog(&mut self, most: i64) -> Result<i64> {
        Ok(sqlx::query_scalar!(
            r#"select count(*) as "count!" from (select from lane where class = 'chat' and rank = 1 limit $1) as waiting"#,
            most,
        )
        .fetch_one(self.0.connection())
        .await?)
    }
}
