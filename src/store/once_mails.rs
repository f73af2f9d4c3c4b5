//! Mails that belong to no article and are sent once at most: to agents, and with links to customers.

use chrono::{DateTime, Utc};

use super::jobs::Leased;
use super::{Result, Store, StoreError, Tx, exactly_one};
use crate::domain::id::{AgentMailId, EmailAddress, PageMailId};

/// Which of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnceMail {
    /// One that tells an agent of something.
    ToAgent(AgentMailId),
    /// One that leads a customer to a list of their tickets.
    ToCustomer(PageMailId),
}

/// A mail that is to be sent once.
#[derive(Clone, Debug)]
pub struct OnceRow {
    /// Where to.
    pub to: EmailAddress,
    /// The name of the queue whose account sends it.
    pub queue: String,
    /// The frozen mail; `None` once it is done.
    pub bytes: Option<Vec<u8>>,
    /// Whether its final dot may have been written.
    pub is_past_dot: bool,
    /// When it was written.
    pub created_at: DateTime<Utc>,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnceOutcome {
    /// The next mail server took it.
    Sent,
    /// Nobody knows; it is not sent again.
    Unknown,
    /// It will never be sent.
    Failed,
}

impl OnceOutcome {
    fn name(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Unknown => "unknown",
            Self::Failed => "failed",
        }
    }
}

/// Mails that are sent once at most.
pub struct OnceMails<'t>(pub(super) &'t mut Tx);

impl OnceMails<'_> {
    /// A mail, if there is one of that id.
    pub async fn get(&mut self, mail: OnceMail) -> Result<Option<OnceRow>> {
        let row =
            match mail {
                OnceMail::ToAgent(id) => {
                    sqlx::query_as!(
                        Row,
                        r#"select recipient, bytes, dot_at is not null as "is_past_dot!", created_at,
                              (select name from queue where queue.queue_id = agent_mail.queue_id) as "queue!"
                       from agent_mail where agent_mail_id = $1"#,
                        id.0,
                    )
                    .fetch_optional(self.0.connection())
                    .await?
                }
                OnceMail::ToCustomer(id) => sqlx::query_as!(
                    Row,
                    r#"select address as recipient, bytes, dot_at is not null as "is_past_dot!", page_mail.created_at,
                              (select name from queue where queue.queue_id = page_mail.queue_id) as "queue!"
                       from page_mail join customer using (customer_id) where page_mail_id = $1"#,
                    id.0,
                )
                .fetch_optional(self.0.connection())
                .await?,
            };
        let Some(row) = row else { return Ok(None) };
        let unsound = || StoreError::Unsound {
            table: "agent_mail or page_mail",
            row: format!("{mail:?}"),
            what: "recipient".to_owned(),
        };
        Ok(Some(OnceRow {
            to: EmailAddress::parse(&row.recipient).ok_or_else(unsound)?,
            queue: row.queue,
            bytes: row.bytes,
            is_past_dot: row.is_past_dot,
            created_at: row.created_at,
        }))
    }

    /// Records what became of a mail; its bytes are needed no more.
    pub async fn settle(&mut self, mail: OnceMail, outcome: OnceOutcome) -> Result<()> {
        let outcome = outcome.name();
        let settling = match mail {
            OnceMail::ToAgent(id) => sqlx::query!(
                "update agent_mail set outcome = $2, bytes = null where agent_mail_id = $1 and outcome is null",
                id.0,
                outcome,
            ),
            OnceMail::ToCustomer(id) => sqlx::query!(
                "update page_mail set outcome = $2, bytes = null where page_mail_id = $1 and outcome is null",
                id.0,
                outcome,
            ),
        };
        settling.execute(self.0.connection()).await?;
        Ok(())
    }

    /// Notes that its final dot was not written after all.
    pub async fn unmark_dot(&mut self, mail: OnceMail) -> Result<()> {
        let unmarking = match mail {
            OnceMail::ToAgent(id) => sqlx::query!("update agent_mail set dot_at = null where agent_mail_id = $1", id.0),
            OnceMail::ToCustomer(id) => {
                sqlx::query!("update page_mail set dot_at = null where page_mail_id = $1", id.0)
            }
        };
        unmarking.execute(self.0.connection()).await?;
        Ok(())
    }
}

struct Row {
    recipient: String,
    bytes: Option<Vec<u8>>,
    is_past_dot: bool,
    created_at: DateTime<Utc>,
    queue: String,
}

impl Store {
    /// Commits that a mail's final dot is about to be written. From here on it is not sent again. Whoever has lost the job
    /// to somebody else writes no dot.
    ///
    /// # Errors
    /// If it is not certain that it is committed: then the dot must not be written.
    pub async fn mark_once_mail(&self, leased: &Leased, mail: OnceMail) -> Result<()> {
        let marking = match mail {
            OnceMail::ToAgent(id) => sqlx::query!(
                "update agent_mail set dot_at = $4
                 where agent_mail_id = $1 and outcome is null
                   and exists (select from lane where lane_id = $2 and lease = $3 for key share)",
                id.0,
                leased.lane_id,
                leased.lease,
                self.now(),
            ),
            OnceMail::ToCustomer(id) => sqlx::query!(
                "update page_mail set dot_at = $4
                 where page_mail_id = $1 and outcome is null
                   and exists (select from lane where lane_id = $2 and lease = $3 for key share)",
                id.0,
                leased.lane_id,
                leased.lease,
                self.now(),
            ),
        };
        exactly_one(&marking.execute(self.pool()).await?, "a mail that is sent once")
    }
}
