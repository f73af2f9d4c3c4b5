//! The audit trail: who did what to a ticket, and when.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::jobs::Card;
use super::page::Page;
use super::{Result, StoreError, Tx};
use crate::domain::article::Sender;
use crate::domain::id::{AgentId, ArticleId, EventId, TicketEventId, TicketId, UserId};
use crate::domain::ticket::{Actor, TicketEvent};

/// A part of a ticket's history, oldest first.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// What happened.
    pub lines: Vec<HistoryLine>,
    /// Who the agents are that it speaks of.
    pub agents: HashMap<AgentId, UserId>,
}

/// A line of a ticket's history.
#[derive(Clone, Debug)]
pub struct HistoryLine {
    /// Its row: its place in the history.
    pub id: TicketEventId,
    /// When.
    pub at: DateTime<Utc>,
    /// Which side did it.
    pub by: Sender,
    /// The agent, if it was one.
    pub agent: Option<AgentId>,
    /// What.
    pub event: TicketEvent,
}

/// The audit trail.
pub struct Audit<'t>(pub(super) &'t mut Tx);

impl Audit<'_> {
    /// Records what happened to a ticket, and has its card show it.
    pub async fn record(&mut self, ticket: TicketId, actor: &Actor, event: &TicketEvent) -> Result<()> {
        let now = self.0.now();
        let (name, agent, cause) = match actor {
            Actor::Agent(agent, cause) => (Sender::Agent, Some(agent.0), cause.as_ref().map(EventId::as_str)),
            Actor::Customer => (Sender::Customer, None, None),
            Actor::System => (Sender::System, None, None),
        };
        let (kind, data) = encode(event);
        // Nobody is told of what an archive brings.
        let is_quiet = self.0.comes_last();
        sqlx::query!(
            "with happened as (
                 insert into ticket_event (ticket_id, actor, agent_id, kind, data, matrix_event, at)
                 values ($1, $2, $3, $4, $5, $6, $7) returning ticket_event_id)
             insert into unnumbered_event (ticket_event_id, is_quiet) select ticket_event_id, $8 from happened",
            ticket.0,
            name.name(),
            agent,
            kind,
            data,
            cause,
            now,
            is_quiet,
        )
        .execute(self.0.connection())
        .await?;
        if event.is_on_card() {
            self.0.enqueue(Card { ticket });
        }
        if event.moves_time() {
            self.0.touch(ticket);
        }
        Ok(())
    }

    /// A ticket's history: its newest events, or the newest of those before one.
    pub async fn of(&mut self, ticket: TicketId, page: Page<TicketEventId>) -> Result<History> {
        let rows = sqlx::query!(
            "select ticket_event_id, at, actor, agent_id, kind, data from ticket_event
             where ticket_id = $1 and ticket_event_id < $3 order by ticket_event_id desc limit $2",
            ticket.0,
            page.most,
            page.after.map_or(i64::MAX, |event| event.0),
        )
        .fetch_all(self.0.connection())
        .await?;
        let mut lines = Vec::with_capacity(rows.len());
        for row in rows.into_iter().rev() {
            lines.push(HistoryLine {
                id: TicketEventId(row.ticket_event_id),
                at: row.at,
                by: Sender::named(&row.actor).ok_or_else(|| unsound(row.ticket_event_id, "actor"))?,
                agent: row.agent_id.map(AgentId),
                event: decode(row.ticket_event_id, &row.kind, row.data)?,
            });
        }
        let agents = self.agents_in(&lines).await?;
        Ok(History { lines, agents })
    }

    /// The agent who did something to a ticket last.
    pub async fn last_agent(&mut self, ticket: TicketId) -> Result<Option<AgentId>> {
        let agent = sqlx::query_scalar!(
            r#"select agent_id as "agent_id!" from ticket_event
               where ticket_id = $1 and agent_id is not null order by ticket_event_id desc limit 1"#,
            ticket.0,
        )
        .fetch_optional(self.0.connection())
        .await?;
        Ok(agent.map(AgentId))
    }

    /// What one message or reaction of an agent did to a ticket.
    pub async fn caused_by(&mut self, ticket: TicketId, cause: &EventId) -> Result<Vec<TicketEvent>> {
        let rows = sqlx::query!(
            "select ticket_event_id, kind, data from ticket_event
             where ticket_id = $1 and matrix_event = $2 order by ticket_event_id",
            ticket.0,
            cause.as_str(),
        )
        .fetch_all(self.0.connection())
        .await?;
        rows.into_iter().map(|row| decode(row.ticket_event_id, &row.kind, row.data)).collect()
    }

    /// What happened to a ticket in the transaction in which an answer was written.
    pub async fn written_with(&mut self, ticket: TicketId, answer: ArticleId) -> Result<Vec<TicketEvent>> {
        let rows = sqlx::query!(
            "select event.ticket_event_id, event.kind, event.data
             from ticket_event as answer join ticket_event as event on event.ticket_id = answer.ticket_id
                  and event.at = answer.at and event.agent_id = answer.agent_id
             where answer.ticket_id = $1 and answer.kind = 'answer_written' and (answer.data ->> 'article')::bigint = $2
             order by event.ticket_event_id",
            ticket.0,
            answer.0,
        )
        .fetch_all(self.0.connection())
        .await?;
        rows.into_iter().map(|row| decode(row.ticket_event_id, &row.kind, row.data)).collect()
    }

    /// The message by which an agent changed a ticket last, unless that was taken back, or itself took something back; only what
    /// came after their last answer, sent or scheduled, which is no such change.
    pub async fn newest_change_of(&mut self, ticket: TicketId, agent: AgentId) -> Result<Option<EventId>> {
        let event = sqlx::query_scalar!(
            r#"select matrix_event as "event!" from ticket_event as change
               where ticket_id = $1 and agent_id = $2 and matrix_event is not null
                 and ticket_event_id > coalesce(
                     (select max(ticket_event_id) from ticket_event as answer
                      where answer.ticket_id = $1 and answer.agent_id = $2 and answer.kind in ('answer_written', 'answer_scheduled')), 0)
                 and kind in ('owner_changed', 'state_changed', 'priority_changed', 'subject_changed', 'tag_added',
                              'tag_removed', 'queue_changed')
                 and not exists (
                     select from ticket_event as other
                     where other.ticket_id = $1
                       and (other.kind in ('undone', 'answer_undone')
                                and other.matrix_event = change.matrix_event
                            or other.kind = 'undone' and other.data ->> 'of' = change.matrix_event))
               order by ticket_event_id desc limit 1"#,
            ticket.0,
            agent.0,
        )
        .fetch_optional(self.0.connection())
        .await?;
        Ok(event.as_deref().and_then(EventId::parse))
    }

    async fn agents_in(&mut self, lines: &[HistoryLine]) -> Result<HashMap<AgentId, UserId>> {
        let mut ids: Vec<i64> = lines.iter().filter_map(|line| line.agent).map(|agent| agent.0).collect();
        for line in lines {
            if let TicketEvent::OwnerChanged { from, to } = &line.event {
                ids.extend(from.iter().chain(to).map(|agent| agent.0));
            }
        }
        let rows = sqlx::query!("select agent_id, user_id from agent where agent_id = any($1)", &ids)
            .fetch_all(self.0.connection())
            .await?;
        Ok(rows.into_iter().filter_map(|row| Some((AgentId(row.agent_id), UserId::parse(&row.user_id)?))).collect())
    }
}

/// An event as its two columns.
pub(super) fn encode(event: &TicketEvent) -> (String, Value) {
    let mut data = serde_json::to_value(event).expect("events are plain data");
    let kind = data.as_object_mut().and_then(|fields| fields.remove("kind"));
    (kind.and_then(|kind| kind.as_str().map(str::to_owned)).unwrap_or_default(), data)
}

pub(super) fn decode(row: i64, kind: &str, mut data: Value) -> Result<TicketEvent> {
    if let Some(fields) = data.as_object_mut() {
        fields.insert("kind".to_owned(), kind.into());
    }
    serde_json::from_value(data).map_err(|error| unsound(row, &error.to_string()))
}

fn unsound(row: i64, what: &str) -> StoreError {
    StoreError::Unsound { table: "ticket_event", row: row.to_string(), what: what.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::due::Target;
    use crate::domain::id::{ArticleId, EmailAddress, QueueId};
    use crate::domain::number::Number;
    use crate::domain::ticket::{AutomaticKind, State, Tag, WithheldReason};

    /// What stands in a database must still be read by the next version.
    #[test]
    fn every_event_keeps_its_shape() {
        let carol = || EmailAddress::parse("carol@customer.test").expect("an address");
        let number = || Number::parse("2026112310000013").expect("a number");
        let article = ArticleId(7);
        let shapes = [
            (TicketEvent::Created { split_from: None }, "created", "{}"),
            (TicketEvent::Created { split_from: Some(number()) }, "created", r#"{"split_from":"2026112310000013"}"#),
            (
                TicketEvent::OwnerChanged { from: None, to: Some(AgentId(2)) },
                "owner_changed",
                r#"{"from":null,"to":2}"#,
            ),
            (
                TicketEvent::StateChanged {
                    from: State::PendingAutoClosePlus,
                    to: State::ClosedSuccessful,
                    was_informed: None,
                    informed: Some(true),
                    was_until: DateTime::from_timestamp(1_795_000_000, 0),
                    until: None,
                },
                "state_changed",
                r#"{"from":"pending auto close+","to":"closed successful","was_informed":null,"informed":true,"was_until":"2026-11-18T11:06:40Z"}"#,
            ),
            (
                TicketEvent::CustomerChanged { from: carol(), to: carol() },
                "customer_changed",
                r#"{"from":"carol@customer.test","to":"carol@customer.test"}"#,
            ),
            (
                TicketEvent::MailReceived { article, from: carol() },
                "mail_received",
                r#"{"article":7,"from":"carol@customer.test"}"#,
            ),
            (
                TicketEvent::AlertsChanged { article, firing: 2, ended: 1 },
                "alerts_changed",
                r#"{"article":7,"firing":2,"ended":1}"#,
            ),
            (TicketEvent::Thanked, "thanked", "{}"),
            (TicketEvent::Reminded, "reminded", "{}"),
            (
                TicketEvent::TimeTold { target: Target::First, is_overdue: true, moment: DateTime::UNIX_EPOCH },
                "time_told",
                r#"{"target":"first","is_overdue":true,"moment":"1970-01-01T00:00:00Z"}"#,
            ),
            (TicketEvent::LockTakenBack, "lock_taken_back", "{}"),
            (TicketEvent::PriorityChanged { from: 3, to: 5 }, "priority_changed", r#"{"from":3,"to":5}"#),
            (
                TicketEvent::SubjectChanged { from: "a".to_owned(), to: "b".to_owned() },
                "subject_changed",
                r#"{"from":"a","to":"b"}"#,
            ),
            (TicketEvent::TagAdded { tag: Tag::parse("vip").expect("a tag") }, "tag_added", r#"{"tag":"vip"}"#),
            (
                TicketEvent::QueueChanged {
                    from: QueueId(1),
                    to: QueueId(2),
                    from_name: "support".to_owned(),
                    to_name: "billing".to_owned(),
                },
                "queue_changed",
                r#"{"from":1,"to":2,"from_name":"support","to_name":"billing"}"#,
            ),
            (TicketEvent::PageRevoked, "page_revoked", "{}"),
            (TicketEvent::Watched, "watched", "{}"),
            (TicketEvent::Linked { other: number() }, "linked", r#"{"other":"2026112310000013"}"#),
            (
                TicketEvent::SplitOff { article, into: number() },
                "split_off",
                r#"{"article":7,"into":"2026112310000013"}"#,
            ),
            (TicketEvent::Undone { of: EventId::parse("$e").expect("an event") }, "undone", r#"{"of":"$e"}"#),
            (
                TicketEvent::AnswerWritten { article, next: State::New },
                "answer_written",
                r#"{"article":7,"next":"new"}"#,
            ),
            (
                TicketEvent::AutomaticWithheld { what: AutomaticKind::Acknowledgement, why: WithheldReason::Imported },
                "automatic_withheld",
                r#"{"what":"acknowledgement","why":"imported"}"#,
            ),
            (
                TicketEvent::HeldMailSplit { article, into: number() },
                "held_mail_split",
                r#"{"article":7,"into":"2026112310000013"}"#,
            ),
        ];
        for (event, kind, data) in shapes {
            let data: Value = serde_json::from_str(data).expect("JSON");
            assert_eq!(encode(&event), (kind.to_owned(), data.clone()));
            assert_eq!(decode(1, kind, data).expect("an event"), event);
        }
        assert!(decode(1, "unheard", Value::Null).is_err());
    }
}
