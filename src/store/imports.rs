//! What became of an archive's mails, for the report.

use super::intake::Route;
use super::mails::MailFate;
use super::{Result, Store, StoreError};
use crate::domain::article::{Kind, Sender, Visibility};
use crate::domain::id::{MailId, TicketId};

/// What became of one mail.
#[derive(Clone, Debug)]
pub struct Fate {
    /// The mail.
    pub mail: MailId,
    /// What it is.
    pub fate: MailFate,
    /// The ticket that it is an article of.
    pub ticket: Option<TicketId>,
    /// Its place in the ticket, from 1.
    pub place: Option<i32>,
    /// The article's kind.
    pub kind: Option<Kind>,
    /// The article's sender.
    pub sender: Option<Sender>,
    /// The article's visibility.
    pub visibility: Option<Visibility>,
    /// Why it is in quarantine.
    pub reason: Option<String>,
    /// Whether it would have been acknowledged, had it come by mail.
    pub is_withheld: bool,
}

impl Store {
    /// What became of mails, in the order of their ids.
    pub async fn fates(&self, mails: &[MailId]) -> Result<Vec<Fate>> {
        let ids: Vec<i64> = mails.iter().map(|mail| mail.0).collect();
        let rows = sqlx::query!(
            r#"select mail_in.mail_id, fate, article.ticket_id as "ticket_id?", seq as "seq?", article.kind as "kind?",
                      article.sender as "sender?", visibility as "visibility?", quarantine.reason as "reason?",
                      exists (select from ticket_event where ticket_event.ticket_id = article.ticket_id and seq = 1
                                and ticket_event.kind = 'automatic_withheld' and data->>'why' = 'imported') as "withheld!"
               from mail_in left join article on article.mail_id = mail_in.mail_id
                    left join quarantine on quarantine.quarantine_id = mail_in.quarantine_id
               where mail_in.mail_id = any($1) order by mail_in.mail_id"#,
            &ids,
        )
        .fetch_all(self.pool())
        .await?;
        let fates = rows.into_iter().map(|row| {
            let fate = MailFate::named(&row.fate).ok_or_else(|| StoreError::Unsound {
                table: "mail_in",
                row: row.mail_id.to_string(),
                what: "fate".to_owned(),
            })?;
            Ok(Fate {
                mail: MailId(row.mail_id),
                fate,
                ticket: row.ticket_id.map(TicketId),
                place: row.seq,
                kind: row.kind.as_deref().and_then(Kind::named),
                sender: row.sender.as_deref().and_then(Sender::named),
                visibility: row.visibility.as_deref().and_then(Visibility::named),
                reason: row.reason,
                is_withheld: row.withheld,
            })
        });
        fates.collect()
    }

    /// How many mails of the desk's own accord there are in tickets that began with an imported mail:
    /// there should be none but what came after a customer's new mail.
    pub async fn letters_of_imports(&self, tickets: &[TicketId]) -> Result<i64> {
        let ids: Vec<i64> = tickets.iter().map(|ticket| ticket.0).collect();
        Ok(sqlx::query_scalar!(
            r#"select count(*) as "count!" from letter
               where automatic and ticket_id in (
                   select ticket_id from article join mail_in using (mail_id)
                   where seq = 1 and route = $2 and ticket_id = any($1))"#,
            &ids,
            Route::Import.name(),
        )
        .fetch_one(self.pool())
        .await?)
    }
}
