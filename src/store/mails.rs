//! Mails that came in: what they are, what became of them, and why.

use chrono::{DateTime, Utc};

use super::intake::Route;
use super::{Result, StoreError, Tx};
use crate::domain::id::{ArticleId, MailId, QuarantineId, QueueId, TicketId};

/// A mail's row.
#[derive(Clone, Debug)]
pub struct StoredMail {
    /// Its id.
    pub id: MailId,
    /// Its queue.
    pub queue: QueueId,
    /// Envelope recipient.
    pub recipient: String,
    /// Envelope sender: empty for the null sender.
    pub envelope_from: Option<String>,
    /// Whether it came from an archive.
    pub is_imported: bool,
    /// Whether it was read from a mailbox.
    pub is_from_mailbox: bool,
    /// Its bytes, or its header alone if it is left behind.
    pub raw: Vec<u8>,
    /// Its size in bytes, if it was too large to be taken and is still in its mailbox.
    pub left_behind: Option<i64>,
    /// Whether it still waits to be read.
    pub is_waiting: bool,
    /// The quarantine entry that it stands or stood behind.
    pub entry: Option<QuarantineId>,
    /// What an agent decided about it there.
    pub verdict: Option<Verdict>,
    /// Whether reading it went over the bounds of time or memory before.
    pub is_too_expensive: bool,
}

/// What an agent decided about a quarantined mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It becomes a ticket of its own.
    Ticket,
    /// It becomes an article of that ticket.
    Attach(TicketId),
}

/// What the record knows of a mail's way.
#[derive(Clone, Debug)]
pub struct Provenance {
    /// How it came: lmtp, imap, pipe or import.
    pub route: String,
    /// Envelope recipient.
    pub recipient: String,
    /// Envelope sender.
    pub envelope_from: Option<String>,
    /// When it was committed.
    pub received_at: DateTime<Utc>,
    /// Why it is where it is.
    pub rule: Option<String>,
    /// What the house's mail server found: pass, fail, or nothing.
    pub authenticated: Option<String>,
    /// Its size in bytes.
    pub size: i64,
}

/// Mails that came in.
pub struct Mails<'t>(pub(super) &'t mut Tx);

impl Mails<'_> {
    /// Notes that reading a mail went over the bounds: it is not read again.
    pub async fn set_too_expensive(&mut self, mail: MailId) -> Result<()> {
        sqlx::query!("update mail_in set is_too_expensive = true where mail_id = $1", mail.0)
            .execute(self.0.connection())
            .await?;
        Ok(())
    }

    /// A mail as it came in.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked.
    pub async fn get(&mut self, mail: MailId) -> Result<Option<StoredMail>> {
        let row = sqlx::query!(
            "select queue_id, route, recipient, envelope_from, raw, fate, quarantine_id, verdict, verdict_ticket, left_behind,
                    is_too_expensive
             from mail_in where mail_id = $1",
            mail.0
        )
        .fetch_optional(self.0.connection())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let verdict = match (row.verdict.as_deref(), row.verdict_ticket) {
            (Some("attach"), Some(ticket)) => Some(Verdict::Attach(TicketId(ticket))),
            (Some("ticket"), _) => Some(Verdict::Ticket),
            (None, _) => None,
            _ => {
                return Err(StoreError::Unsound {
                    table: "mail_in",
                    row: mail.to_string(),
                    what: "a verdict without its ticket".to_owned(),
                });
            }
        };
        Ok(Some(StoredMail {
            id: mail,
            queue: QueueId(row.queue_id),
            is_imported: row.route == Route::Import.name(),
            is_from_mailbox: row.route == Route::Imap.name(),
            recipient: row.recipient,
            envelope_from: row.envelope_from,
            raw: row.raw,
            left_behind: row.left_behind,
            is_waiting: row.fate == "waiting",
            entry: row.quarantine_id.map(QuarantineId),
            verdict,
            is_too_expensive: row.is_too_expensive,
        }))
    }

    /// Notes what became of a mail, why, in a sentence for `!why`, and what the house's mail server found of
    /// its sender.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked.
    pub async fn set_fate(&mut self, mail: MailId, fate: &str, rule: &str, authenticated: Option<&str>) -> Result<()> {
        sqlx::query!(
            "update mail_in set fate = $2, rule = $3, authenticated = $4 where mail_id = $1",
            mail.0,
            fate,
            rule,
            authenticated,
        )
        .execute(self.0.connection())
        .await?;
        Ok(())
    }

    /// Whether a queue sees this content for the first time. The same mail by two routes, or again
    /// after a mailbox was renumbered, is not new (R5, R8).
    ///
    /// # Errors
    /// If PostgreSQL can't be asked.
    pub async fn is_new_content(&mut self, queue: QueueId, content_key: &[u8], mail: MailId) -> Result<bool> {
        let done = sqlx::query!(
            "insert into mail_seen (queue_id, content_key, mail_id) values ($1, $2, $3) on conflict do nothing",
            queue.0,
            content_key,
            mail.0,
        )
        .execute(self.0.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// The mail that an article came in, or the newest one of a ticket, with that article.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked.
    pub async fn of(&mut self, ticket: TicketId, article: Option<ArticleId>) -> Result<Option<(MailId, ArticleId)>> {
        let row = sqlx::query!(
            r#"select mail_id as "mail_id!", article_id from article
               where ticket_id = $1 and mail_id is not null and ($2::bigint is null or article_id = $2)
               order by article_id desc limit 1"#,
            ticket.0,
            article.map(|article| article.0),
        )
        .fetch_optional(self.0.connection())
        .await?;
        Ok(row.map(|row| (MailId(row.mail_id), ArticleId(row.article_id))))
    }

    /// How a mail came, and why it is where it is.
    ///
    /// # Errors
    /// If PostgreSQL can't be asked, or there is none.
    pub async fn provenance(&mut self, mail: MailId) -> Result<Provenance> {
        Ok(sqlx::query_as!(
            Provenance,
            r#"select route, recipient, envelope_from, received_at, rule, authenticated, length(raw)::bigint as "size!"
               from mail_in where mail_id = $1"#,
            mail.0,
        )
        .fetch_one(self.0.connection())
        .await?)
    }
}
