//! What stands in Matrix: each message of ours that shows something of the record, and what it showed last.

use chrono::{DateTime, Utc};

use super::{Result, Tx};
use crate::domain::id::{
    AgentId, ArticleId, AttachmentId, EventId, QuarantineDayId, QuarantineId, QueueId, RoomId, TicketId,
};

/// Something of the record that Matrix shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A ticket, as its card.
    Card(TicketId),
    /// An article that came by mail.
    Article(ArticleId),
    /// A file of an article.
    File(AttachmentId),
    /// The root of a day's thread of quarantined mail.
    QuarantineDay(QuarantineDayId),
    /// An entry in it.
    QuarantineEntry(QuarantineId),
    /// The raw mail behind an entry.
    QuarantineFile(QuarantineId),
    /// What there is to do in a queue.
    QueueBoard(QueueId),
    /// What there is to do for an agent.
    HomeBoard(AgentId),
}

impl Subject {
    /// Its purpose and its row.
    fn columns(self) -> (&'static str, i64) {
        match self {
            Self::Card(ticket) => ("card", ticket.0),
            Self::Article(article) => ("article", article.0),
            Self::File(file) => ("file", file.0),
            Self::QuarantineDay(day) => ("quarantine day", day.0),
            Self::QuarantineEntry(entry) => ("quarantine entry", entry.0),
            Self::QuarantineFile(entry) => ("quarantine file", entry.0),
            Self::QueueBoard(queue) => ("queue board", queue.0),
            Self::HomeBoard(agent) => ("home board", agent.0),
        }
    }

    fn of(purpose: &str, id: i64) -> Option<Self> {
        Some(match purpose {
            "card" => Self::Card(TicketId(id)),
            "article" => Self::Article(ArticleId(id)),
            "file" => Self::File(AttachmentId(id)),
            "quarantine day" => Self::QuarantineDay(QuarantineDayId(id)),
            "quarantine entry" => Self::QuarantineEntry(QuarantineId(id)),
            "quarantine file" => Self::QuarantineFile(QuarantineId(id)),
            "queue board" => Self::QueueBoard(QueueId(id)),
            "home board" => Self::HomeBoard(AgentId(id)),
            _ => return None,
        })
    }
}

/// What stands in a room for a subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Its message.
    pub event: EventId,
    /// The root of the thread that it stands in; `None`: it is no part of a thread, but may be a root itself.
    pub root: Option<EventId>,
    /// The newest message in the thread below it, as far as we know.
    pub last: EventId,
    /// What it showed last, if that is certain.
    pub digest: Option<Vec<u8>>,
    /// Whether it is pinned.
    pub is_pinned: bool,
    /// Whether somebody else took it away.
    pub is_taken_away: bool,
    /// When the message itself was sent, whatever was edited since.
    pub sent_at: DateTime<Utc>,
}

impl Standing {
    /// A message that is not pinned, and has nothing below it yet.
    #[must_use]
    pub fn unpinned(event: EventId, root: Option<EventId>, digest: Option<Vec<u8>>, sent_at: DateTime<Utc>) -> Self {
        Self { last: event.clone(), event, root, digest, is_pinned: false, is_taken_away: false, sent_at }
    }
}

/// What stands in Matrix.
pub struct Projections<'t>(pub(super) &'t mut Tx);

impl Projections<'_> {
    /// What stands in a room for a subject.
    pub async fn get(&mut self, subject: Subject, room: &RoomId) -> Result<Option<Standing>> {
        let (purpose, id) = subject.columns();
        let row = sqlx::query!(
            "select event_id, root_event, last_event, digest, pinned, taken_away, sent_at from projection
             where purpose = $1 and subject_id = $2 and room_id = $3",
            purpose,
            id,
            room.as_str()
        )
        .fetch_optional(self.0.connection())
        .await?;
        Ok(row.and_then(|row| {
            Some(Standing {
                event: EventId::parse(&row.event_id)?,
                root: row.root_event.as_deref().and_then(EventId::parse),
                last: EventId::parse(&row.last_event)?,
                digest: row.digest,
                is_pinned: row.pinned,
                is_taken_away: row.taken_away,
                sent_at: row.sent_at,
            })
        }))
    }

    /// Records a subject's message, also in place of one that was taken away. Of two at the same moment, which share a
    /// key and so are one event, the first counts.
    pub async fn add(&mut self, subject: Subject, room: &RoomId, standing: &Standing) -> Result<()> {
        let (purpose, id) = subject.columns();
        sqlx::query!(
            "insert into projection (purpose, subject_id, room_id, event_id, root_event, last_event, digest, pinned, shown_at, sent_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)
             on conflict (purpose, subject_id, room_id) do update
             set event_id = excluded.event_id, root_event = excluded.root_event, last_event = excluded.last_event,
                 digest = excluded.digest, pinned = excluded.pinned, shown_at = excluded.shown_at,
                 sent_at = excluded.sent_at, taken_away = false
             where projection.taken_away",
            purpose,
            id,
            room.as_str(),
            standing.event.as_str(),
            standing.root.as_ref().map(EventId::as_str),
            standing.last.as_str(),
            standing.digest.as_deref(),
            standing.is_pinned,
            standing.sent_at,
        )
        .execute(self.0.connection())
        .await?;
        Ok(())
    }

    /// Records what a subject's message shows now, and whether it is pinned.
    pub async fn update(
        &mut self,
        subject: Subject,
        room: &RoomId,
        digest: Option<&[u8]>,
        is_pinned: bool,
    ) -> Result<()> {
        let ((purpose, id), now) = (subject.columns(), self.0.now());
        sqlx::query!(
            "update projection set digest = $4, pinned = $5, shown_at = $6
             where purpose = $1 and subject_id = $2 and room_id = $3",
            purpose,
            id,
            room.as_str(),
            digest,
            is_pinned,
            now,
        )
        .execute(self.0.connection())
        .await?;
        Ok(())
    }

    /// Records that another message stands there for a subject, in place of the one that did.
    pub async fn renew(&mut self, subject: Subject, room: &RoomId, standing: &Standing) -> Result<()> {
        let (purpose, id) = subject.columns();
        sqlx::query!(
            "update projection set event_id = $4, last_event = $4, digest = $5, pinned = $6, shown_at = $7, sent_at = $7
             where purpose = $1 and subject_id = $2 and room_id = $3",
            purpose,
            id,
            room.as_str(),
            standing.event.as_str(),
            standing.digest.as_deref(),
            standing.is_pinned,
            standing.sent_at,
        )
        .execute(self.0.connection())
        .await?;
        Ok(())
    }

    /// Forgets a subject's message, which was taken away.
    pub async fn remove(&mut self, subject: Subject, room: &RoomId) -> Result<()> {
        let (purpose, id) = subject.columns();
        sqlx::query!(
            "delete from projection where purpose = $1 and subject_id = $2 and room_id = $3",
            purpose,
            id,
            room.as_str()
        )
        .execute(self.0.connection())
        .await?;
        Ok(())
    }

    /// What a message shows; a picture in an article's message shares it.
    pub async fn shown_by(&mut self, event: &EventId) -> Result<Vec<(Subject, RoomId)>> {
        let rows =
            sqlx::query!("select purpose, subject_id, room_id from projection where event_id = $1", event.as_str())
                .fetch_all(self.0.connection())
                .await?;
        Ok(rows
            .into_iter()
            .filter_map(|row| Some((Subject::of(&row.purpose, row.subject_id)?, RoomId::parse(&row.room_id)?)))
            .collect())
    }

    /// Records that somebody else took a subject's message away.
    pub async fn set_taken_away(&mut self, subject: Subject, room: &RoomId) -> Result<()> {
        let (purpose, id) = subject.columns();
        sqlx::query!(
            "update projection set taken_away = true, digest = null, pinned = false
             where purpose = $1 and subject_id = $2 and room_id = $3",
            purpose,
            id,
            room.as_str()
        )
        .execute(self.0.connection())
        .await?;
        Ok(())
    }

    /// Moves the end of the thread below one of our messages.
    pub async fn set_last(&mut self, root: &EventId, last: &EventId) -> Result<()> {
        sqlx::query!(
            "update projection set last_event = $2 where event_id = $1 and root_event is null",
            root.as_str(),
            last.as_str()
        )
        .execute(self.0.connection())
        .await?;
        Ok(())
    }

    /// The messages that should be pinned in a room, the oldest first.
    pub async fn to_be_pinned(&mut self, room: &RoomId) -> Result<Vec<EventId>> {
        let events = sqlx::query_scalar!(
            "select event_id from projection where room_id = $1 and pinned order by shown_at, event_id",
            room.as_str()
        )
        .fetch_all(self.0.connection())
        .await?;
        Ok(events.iter().filter_map(|event| EventId::parse(event)).collect())
    }

    /// What stands for a subject in other rooms than this one.
    pub async fn elsewhere(&mut self, subject: Subject, than: &RoomId) -> Result<Vec<(RoomId, EventId)>> {
        let (purpose, id) = subject.columns();
        let rows = sqlx::query!(
            "select room_id, event_id from projection where purpose = $1 and subject_id = $2 and room_id <> $3",
            purpose,
            id,
            than.as_str()
        )
        .fetch_all(self.0.connection())
        .await?;
        let parsed = |room: &str, event: &str| Some((RoomId::parse(room)?, EventId::parse(event)?));
        Ok(rows.iter().filter_map(|row| parsed(&row.room_id, &row.event_id)).collect())
    }
}
