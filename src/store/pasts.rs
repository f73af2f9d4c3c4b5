//! What happened to tickets, as far as their times go.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::intake::Route;
use super::{Result, Tx, audit};
use crate::domain::article::{Kind, Sender};
use crate::domain::due::{Past, Stage, Telling, Turn, Word};
use crate::domain::id::{AgentId, TicketId};
use crate::domain::moment::whole_seconds;
use crate::domain::ticket::TicketEvent;

/// What happened to tickets.
pub(super) struct Pasts<'t>(pub(super) &'t mut Tx);

impl Pasts<'_> {
    /// When the owner got a ticket, or did something to it last.
    pub(super) async fn handled(&mut self, ticket: TicketId, owner: AgentId) -> Result<Option<DateTime<Utc>>> {
        let at = sqlx::query_scalar!(
            "select max(at) from ticket_event
             where ticket_id = $1 and (agent_id = $2 or kind = 'owner_changed' and (data ->> 'to')::bigint = $2)",
            ticket.0,
            owner.0,
        )
        .fetch_one(self.0.connection())
        .await?;
        Ok(at.map(whole_seconds))
    }

    /// Fills in what was said and what happened.
    pub(super) async fn fill(&mut self, pasts: &mut HashMap<TicketId, Past>) -> Result<()> {
        if pasts.is_empty() {
            return Ok(());
        }
        let ids: Vec<i64> = pasts.keys().map(|ticket| ticket.0).collect();
        self.words(&ids, pasts).await?;
        self.events(&ids, pasts).await
    }

    async fn words(&mut self, ids: &[i64], pasts: &mut HashMap<TicketId, Past>) -> Result<()> {
        let rows = sqlx::query!(
            r#"select ticket_id, seq, kind, sender, created_at, coalesce(route = $2, false) as "is_from_archive!"
               from article left join mail_in using (mail_id)
               where ticket_id = any($1) and visibility = 'customer' and kind in ('mail', 'answer') and response is null
                 and cancelled_at is null
               order by ticket_id, seq"#,
            ids,
            Route::Import.name(),
        )
        .fetch_all(self.0.connection())
        .await?;
        for row in rows {
            let Some(past) = pasts.get_mut(&TicketId(row.ticket_id)) else { continue };
            past.words.push(Word {
                at: whole_seconds(row.created_at),
                is_customer: row.kind == Kind::Mail.name() && row.sender == Sender::Customer.name(),
                is_first: row.seq == 1,
                is_from_archive: row.is_from_archive,
            });
        }
        Ok(())
    }

    async fn events(&mut self, ids: &[i64], pasts: &mut HashMap<TicketId, Past>) -> Result<()> {
        let rows = sqlx::query!(
            "select ticket_event_id, ticket_id, at, kind, data from ticket_event
             where ticket_id = any($1) and kind in ('state_changed', 'answer_undone', 'undone', 'mail_failed', 'time_told')
             order by ticket_id, ticket_event_id",
            ids,
        )
        .fetch_all(self.0.connection())
        .await?;
        // What takes something back, and what is taken back with it, are one transaction's, so they have one instant.
        let is_reversal = |kind: &str| matches!(kind, "answer_undone" | "undone" | "mail_failed");
        let reversals: std::collections::HashSet<(i64, DateTime<Utc>)> =
            rows.iter().filter(|row| is_reversal(&row.kind)).map(|row| (row.ticket_id, row.at)).collect();
        for row in rows {
            let Some(past) = pasts.get_mut(&TicketId(row.ticket_id)) else { continue };
            let is_taken_back = reversals.contains(&(row.ticket_id, row.at));
            let at = whole_seconds(row.at);
            match audit::decode(row.ticket_event_id, &row.kind, row.data)? {
                TicketEvent::StateChanged { from, to, .. } => past.turns.push(Turn { at, from, to, is_taken_back }),
                TicketEvent::TimeTold { target, is_overdue, moment } => {
                    let stage = if is_overdue { Stage::Breached } else { Stage::Warned };
                    past.told.push(Telling { at: at.max(moment), target, stage });
                }
                _ => {}
            }
        }
        Ok(())
    }
}
