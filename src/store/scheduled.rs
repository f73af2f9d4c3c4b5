//! Answers that wait for a moment.

use chrono::{DateTime, Utc};

use super::fetched_files::kept;
use super::files::AgentFile;
use super::{Result, StoreError, Tx};
use crate::domain::id::{AgentId, CustomerId, EmailAddress, EventId, RoomId, ScheduledId, TicketId};
use crate::domain::ticket::State;

/// What is to be sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// When.
    pub at: DateTime<Utc>,
    /// The ticket's state with it.
    pub next: State,
    /// Until when the ticket is pending then.
    pub until: Option<DateTime<Utc>>,
    /// Who else gets it.
    pub cc: Vec<EmailAddress>,
    /// Whether everybody who takes part gets it.
    pub to_all: bool,
    /// Who else its writer was shown to get it; `None`: from before that was kept.
    pub shown: Option<Vec<EmailAddress>>,
    /// How many of its files were taken from the thread.
    pub attached: Option<u8>,
    /// Whether its writer has said that it is meant so.
    pub is_sure: bool,
    /// The text, in Markdown.
    pub text: String,
}

/// An answer that waits.
#[derive(Clone, Debug)]
pub struct ScheduledRow {
    /// Its row.
    pub id: ScheduledId,
    /// The ticket.
    pub ticket: TicketId,
    /// Who wrote it.
    pub agent: AgentId,
    /// The message that asked for it.
    pub command: Option<(RoomId, EventId)>,
    /// Whom the ticket was for when it was written, or changed last.
    pub customer: CustomerId,
    /// How many articles the ticket had when it was written, or changed last.
    pub seen: i32,
    /// Where it stands.
    pub state: ScheduledState,
    /// What is to be sent.
    pub plan: Plan,
}

/// Where an answer stands that waits for a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScheduledState {
    /// Its moment is to come.
    Waiting,
    /// Its moment was there, and something spoke against it.
    Stopped,
    /// It is an answer like any other.
    Sent,
    /// It was taken back.
    Cancelled,
}

impl ScheduledState {
    const ALL: [Self; 4] = [Self::Waiting, Self::Stopped, Self::Sent, Self::Cancelled];

    /// The word in the record.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Stopped => "stopped",
            Self::Sent => "sent",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether it may still be sent.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Waiting | Self::Stopped)
    }
}

/// Answers that wait for a moment.
pub struct Scheduled<'t>(pub(super) &'t mut Tx);

impl Scheduled<'_> {
    /// Writes one, with its files.
    pub async fn add(
        &mut self,
        ticket: TicketId,
        (agent, command): (AgentId, Option<(&RoomId, &EventId)>),
        plan: &Plan,
        files: &[AgentFile],
    ) -> Result<ScheduledId> {
        let (cc, shown) = (words(&plan.cc), plan.shown.as_deref().map(words));
        let id = sqlx::query_scalar!(
            "insert into scheduled_answer (ticket_id, agent_id, room_id, event_id, send_at, seen, next, until, cc, to_all,
                                           attached, is_sure, text, shown, customer_id)
             select $1, $2, $3, $4, $5, articles, $6, $7, $8, $9, $10, $11, $12, $13, customer_id from ticket where ticket_id = $1
             returning scheduled_answer_id",
            ticket.0,
            agent.0,
            command.map(|(room, _)| room.as_str()),
            command.map(|(_, event)| event.as_str()),
            plan.at,
            plan.next.name(),
            plan.until,
            &cc,
            plan.to_all,
            plan.attached.map(i16::from),
            plan.is_sure,
            plan.text,
            shown.as_deref(),
        )
        .fetch_one(self.0.connection())
        .await?;
        for (position, file) in files.iter().enumerate() {
            sqlx::query!(
                "insert into scheduled_file (scheduled_answer_id, position, name, mime, digest, size) values ($1, $2, $3, $4, $5, $6)",
                id,
                i16::try_from(position + 1).unwrap_or(i16::MAX),
                file.name,
                file.mime,
                file.kept.digest.bytes(),
                i64::try_from(file.kept.size).unwrap_or(i64::MAX),
            )
            .execute(self.0.connection())
            .await?;
        }
        Ok(ScheduledId(id))
    }

    /// One, its row locked; its ticket's is locked before. `None`: there is none.
    pub async fn lock(&mut self, id: ScheduledId) -> Result<Option<ScheduledRow>> {
        let row = sqlx::query!(
            "select ticket_id, agent_id, room_id, event_id, send_at, seen, state, next, until, cc, to_all, attached, is_sure, text, shown, customer_id
             from scheduled_answer where scheduled_answer_id = $1 for update",
            id.0,
        )
        .fetch_optional(self.0.connection())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let state = ScheduledState::ALL.into_iter().find(|state| state.name() == row.state);
        let command =
            row.room_id.as_deref().and_then(RoomId::parse).zip(row.event_id.as_deref().and_then(EventId::parse));
        let plan = Plan {
            at: row.send_at,
            next: State::named(&row.next).ok_or_else(|| unsound(id, "next"))?,
            until: row.until,
            cc: addresses(&row.cc),
            shown: row.shown.as_deref().map(addresses),
            to_all: row.to_all,
            attached: row.attached.and_then(|count| u8::try_from(count).ok()),
            is_sure: row.is_sure,
            text: row.text,
        };
        Ok(Some(ScheduledRow {
            id,
            ticket: TicketId(row.ticket_id),
            agent: AgentId(row.agent_id),
            command,
            customer: CustomerId(row.customer_id),
            seen: row.seen,
            state: state.ok_or_else(|| unsound(id, "state"))?,
            plan,
        }))
    }

    /// The ticket of one.
    pub async fn ticket_of(&mut self, id: ScheduledId) -> Result<Option<TicketId>> {
        let ticket = sqlx::query_scalar!("select ticket_id from scheduled_answer where scheduled_answer_id = $1", id.0)
            .fetch_optional(self.0.connection())
            .await?;
        Ok(ticket.map(TicketId))
    }

    /// The one that a message asked for.
    pub async fn of_event(&mut self, event: &EventId) -> Result<Option<ScheduledId>> {
        let id =
            sqlx::query_scalar!("select scheduled_answer_id from scheduled_answer where event_id = $1", event.as_str())
                .fetch_optional(self.0.connection())
                .await?;
        Ok(id.map(ScheduledId))
    }

    /// A ticket's that may still be sent: whose, when, and whether something spoke against it; the next one first.
    pub async fn open_of(&mut self, ticket: TicketId) -> Result<Vec<(ScheduledId, AgentId, DateTime<Utc>, bool)>> {
        let rows = sqlx::query!(
            r#"select scheduled_answer_id, agent_id, send_at, state = 'stopped' as "is_stopped!" from scheduled_answer
               where ticket_id = $1 and state in ('waiting', 'stopped') order by send_at, scheduled_answer_id"#,
            ticket.0,
        )
        .fetch_all(self.0.connection())
        .await?;
        let open = rows
            .into_iter()
            .map(|row| (ScheduledId(row.scheduled_answer_id), AgentId(row.agent_id), row.send_at, row.is_stopped));
        Ok(open.collect())
    }

    /// The files of one, in their order.
    pub async fn files(&mut self, id: ScheduledId) -> Result<Vec<AgentFile>> {
        let rows = sqlx::query!(
            "select name, mime, digest, size from scheduled_file where scheduled_answer_id = $1 order by position",
            id.0
        )
        .fetch_all(self.0.connection())
        .await?;
        let file = |name, mime, digest: &[u8], size| {
            Ok(AgentFile { name, mime, kept: kept("scheduled_file", &id, digest, size)? })
        };
        rows.into_iter().map(|row| file(row.name, row.mime, &row.digest, row.size)).collect()
    }

    /// Records what became of one.
    pub async fn set_state(&mut self, id: ScheduledId, state: ScheduledState) -> Result<()> {
        sqlx::query!("update scheduled_answer set state = $2 where scheduled_answer_id = $1", id.0, state.name())
            .execute(self.0.connection())
            .await?;
        Ok(())
    }

    /// Records who else its writer was shown to get it.
    pub async fn set_shown(&mut self, id: ScheduledId, shown: &[EmailAddress]) -> Result<()> {
        sqlx::query!("update scheduled_answer set shown = $2 where scheduled_answer_id = $1", id.0, &words(shown))
            .execute(self.0.connection())
            .await?;
        Ok(())
    }

    /// Changes one, which waits again then; its files stay.
    pub async fn change(&mut self, id: ScheduledId, plan: &Plan) -> Result<()> {
        let (cc, shown) = (words(&plan.cc), plan.shown.as_deref().map(words));
        sqlx::query!(
            "update scheduled_answer set state = 'waiting', seen = ticket.articles, customer_id = ticket.customer_id,
                                         send_at = $2, next = $3, until = $4, cc = $5, to_all = $6, is_sure = $7, text = $8, shown = $9
             from ticket where scheduled_answer_id = $1 and ticket.ticket_id = scheduled_answer.ticket_id",
            id.0,
            plan.at,
            plan.next.name(),
            plan.until,
            &cc,
            plan.to_all,
            plan.is_sure,
            plan.text,
            shown.as_deref(),
        )
        .execute(self.0.connection())
        .await?;
        Ok(())
    }

    /// Whether a customer has written to a ticket since it had so many articles.
    pub async fn is_written_to_since(&mut self, ticket: TicketId, seen: i32) -> Result<bool> {
        Ok(sqlx::query_scalar!(
            r#"select exists (
                   select from article where ticket_id = $1 and kind = 'mail' and visibility = 'customer' and response is null
                     and sender = 'customer' and cancelled_at is null and seq > $2) as "is_written_to!""#,
            ticket.0,
            seen,
        )
        .fetch_one(self.0.connection())
        .await?)
    }
}

fn words(addresses: &[EmailAddress]) -> Vec<String> {
    addresses.iter().map(ToString::to_string).collect()
}

fn addresses(words: &[String]) -> Vec<EmailAddress> {
    words.iter().filter_map(|address| EmailAddress::parse(address)).collect()
}

fn unsound(id: ScheduledId, what: &str) -> StoreError {
    StoreError::Unsound { table: "scheduled_answer", row: id.to_string(), what: what.to_owned() }
}
