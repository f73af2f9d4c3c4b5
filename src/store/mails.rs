//! Mails that came in: what they are, what became of them, and why.

use chrono::{DateTime, Utc};

use super::intake::Route;
use super::{Result, StoreError, Tx};
use crate::domain::blob::Digest;
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
    /// Its size in bytes, if it was too large to be taken and is still in its mailbox.
    pub left_behind: Option<i64>,
    /// Whether it still waits to be read.
    pub is_waiting: bool,
    /// The quarantine entry that it stands or stood behind.
    pub entry: Option<QuarantineId>,
    /// What an agent decided about it there.
    pub verdict: Option<Verdict>,
}

/// What an agent decided about a quarantined mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It becomes a ticket of its own.
    Ticket,
    /// It becomes an article of that ticket.
    Attach(TicketId),
}

/// What became of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailFate {
    /// It is still to be read.
    Waiting,
    /// It is an article.
    Article,
    /// It was here already.
    Duplicate,
    /// It is in quarantine.
    Quarantined,
}

impl MailFate {
    const ALL: [Self; 4] = [Self::Waiting, Self::Article, Self::Duplicate, Self::Quarantined];

    /// The word in the record.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Article => "article",
            Self::Duplicate => "duplicate",
            Self::Quarantined => "quarantined",
        }
    }

    /// The fate of that word.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fate| fate.name() == name)
    }
}

/// What the record knows of a mail's way.
#[derive(Clone, Debug)]
pub struct Provenance {
    /// How it came.
    pub route: Route,
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
    /// How often the same came again.
    pub copies: i64,
    /// When it did last.
    pub last_copy_at: Option<DateTime<Utc>>,
}

/// A mail's bytes as they came in.
#[derive(Clone, Debug, Default)]
pub struct RawMail {
    /// The bytes, or the header alone.
    pub bytes: Vec<u8>,
    /// Envelope sender: empty for the null sender.
    pub envelope_from: Option<String>,
    /// Whether reading it went over the bounds: it is not read again.
    pub is_too_expensive: bool,
}

impl RawMail {
    /// The bytes with the null sender written above them as a delivering server does it (RFC 5321 §4.4), and how many bytes
    /// that is: by LMTP it is known of the envelope alone, and a report may be told by nothing else.
    #[must_use]
    pub fn with_return_path(self) -> (Vec<u8>, usize) {
        const NULL: &[u8] = b"Return-Path: <>\r\n";
        // What has no header must not be given one: it is told apart from what has.
        let has_header = self.bytes.first().is_some_and(|byte| !byte.is_ascii_whitespace());
        match self.envelope_from.as_deref() {
            Some("") if has_header => ([NULL, &self.bytes].concat(), NULL.len()),
            _ => (self.bytes, 0),
        }
    }
}

/// Mails that came in.
pub struct Mails<'t>(pub(super) &'t mut Tx);

impl Mails<'_> {
    /// A mail's bytes, or its header alone if it is left behind; `None` if it is gone. They are apart from the rest of its
    /// row, since they are large and read once.
    pub async fn raw(&mut self, mail: MailId) -> Result<Option<RawMail>> {
        let row = sqlx::query!(
            r#"select coalesce(raw, bytes) as "bytes?", digest, envelope_from, is_too_expensive
               from mail_in left join blob using (digest) where mail_id = $1 and erased_at is null"#,
            mail.0
        )
        .fetch_optional(self.0.connection())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let bytes = match row.bytes {
            Some(bytes) => bytes,
            None => self.0.blobs.away(digest_of(mail, row.digest.as_deref())?, None).await?,
        };
        Ok(Some(RawMail { bytes, envelope_from: row.envelope_from, is_too_expensive: row.is_too_expensive }))
    }

    /// Notes that reading a mail went over the bounds: it is not read again.
    pub async fn set_too_expensive(&mut self, mail: MailId) -> Result<()> {
        sqlx::query!("update mail_in set is_too_expensive = true where mail_id = $1", mail.0)
            .execute(self.0.connection())
            .await?;
        Ok(())
    }

    /// What is known of a mail that came in.
    pub async fn get(&mut self, mail: MailId) -> Result<Option<StoredMail>> {
        let row = sqlx::query!(
            "select queue_id, route, recipient, envelope_from, fate, quarantine_id, verdict, verdict_ticket, left_behind
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
            left_behind: row.left_behind,
            is_waiting: row.fate == MailFate::Waiting.name(),
            entry: row.quarantine_id.map(QuarantineId),
            verdict,
        }))
    }

    /// Notes what became of a mail, why, in a sentence for `!why`, and what the house's mail server found of
    /// its sender.
    pub async fn set_fate(
        &mut self,
        mail: MailId,
        fate: MailFate,
        rule: &str,
        authenticated: Option<&str>,
    ) -> Result<()> {
        sqlx::query!(
            "update mail_in set fate = $2, rule = $3, authenticated = $4 where mail_id = $1",
            mail.0,
            fate.name(),
            rule,
            authenticated,
        )
        .execute(self.0.connection())
        .await?;
        Ok(())
    }

    /// The mail by which a queue has seen this content before, if it has; else this one is that mail from now on. The
    /// same mail by two routes, or again after a mailbox was renumbered, is not new (R5, R8).
    pub async fn see(&mut self, queue: QueueId, content_key: &[u8], mail: MailId) -> Result<Option<MailId>> {
        let done = sqlx::query!(
            "insert into mail_seen (queue_id, content_key, mail_id) values ($1, $2, $3) on conflict do nothing",
            queue.0,
            content_key,
            mail.0,
        )
        .execute(self.0.connection())
        .await?;
        if done.rows_affected() == 1 {
            return Ok(None);
        }
        // A statement of its own: the first one's may have been committed while the insert waited for it.
        let first = sqlx::query_scalar!(
            "select mail_id from mail_seen where queue_id = $1 and content_key = $2",
            queue.0,
            content_key,
        )
        .fetch_one(self.0.connection())
        .await?;
        Ok(Some(MailId(first)))
    }

    /// The mail by which a ticket has this content already, whichever queue saw it.
    pub async fn of_content(&mut self, ticket: TicketId, content_key: &[u8]) -> Result<Option<MailId>> {
        let mail = sqlx::query_scalar!(
            "select mail_id from mail_seen join article using (mail_id)
             where queue_id in (select queue_id from queue) and content_key = $2 and ticket_id = $1 limit 1",
            ticket.0,
            content_key,
        )
        .fetch_optional(self.0.connection())
        .await?;
        Ok(mail.map(MailId))
    }

    /// Notes that a mail repeats another one, and is nothing else.
    pub async fn set_copy_of(&mut self, mail: MailId, first: MailId) -> Result<()> {
        self.set_fate(mail, MailFate::Duplicate, "the same mail came before, perhaps by another way", None).await?;
        sqlx::query!("update mail_in set copy_of = $2 where mail_id = $1", mail.0, first.0)
            .execute(self.0.connection())
            .await?;
        Ok(())
    }

    /// The mail that an article came in, or the newest one of a ticket, with that article.
    pub async fn of(&mut self, ticket: TicketId, article: Option<ArticleId>) -> Result<Option<(MailId, ArticleId)>> {
        let row = sqlx::query!(
            r#"select mail_id as "mail_id!", article_id from article
               where ticket_id = $1 and mail_id is not null and ($2::bigint is null or article_id = $2)
               order by seq desc limit 1"#,
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
        let row = sqlx::query!(
            r#"select route, recipient, envelope_from, received_at, rule, authenticated, coalesce(length(raw), size, length(bytes)) as "size!",
                      copies as "copies!", last_copy_at as "last_copy_at?"
               from mail_in left join blob using (digest), (select count(*) as copies, max(received_at) as last_copy_at from mail_in where copy_of = $1) as again
               where mail_id = $1"#,
            mail.0,
        )
        .fetch_one(self.0.connection())
        .await?;
        let route = Route::named(&row.route).ok_or_else(|| StoreError::Unsound {
            table: "mail_in",
            row: mail.to_string(),
            what: "route".to_owned(),
        })?;
        Ok(Provenance {
            route,
            recipient: row.recipient,
            envelope_from: row.envelope_from,
            received_at: row.received_at,
            rule: row.rule,
            authenticated: row.authenticated,
            size: row.size,
            copies: row.copies,
            last_copy_at: row.last_copy_at,
        })
    }
}

/// The digest under which a mail's bytes are kept that do not stand in its row.
pub(super) fn digest_of(mail: MailId, digest: Option<&[u8]>) -> Result<Digest> {
    let unsound =
        || StoreError::Unsound { table: "mail_in", row: mail.to_string(), what: "it has no bytes".to_owned() };
    digest.and_then(Digest::read).ok_or_else(unsound)
}
