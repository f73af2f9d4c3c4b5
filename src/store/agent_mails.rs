//! Mails that tell agents of what customers wrote.

use chrono::{DateTime, Utc};

use super::jobs::AgentMail;
use super::{Result, StoreError, Tx};
use crate::domain::id::{AgentId, AgentMailId, ArticleId, EmailAddress, QueueId, TicketId, UserId};
use crate::domain::notify::{FollowUps, Notify};

/// Somebody who wants to be told by mail.
#[derive(Clone, Debug)]
pub struct Wants {
    /// Who.
    pub agent: AgentId,
    /// Where to.
    pub mail: EmailAddress,
}

/// A mail to an agent that is to be written.
#[derive(Clone, Copy, Debug)]
pub struct NewAgentMail<'a> {
    /// Its id.
    pub id: AgentMailId,
    /// Who gets it.
    pub agent: AgentId,
    /// Where.
    pub to: &'a EmailAddress,
    /// The article that it tells of.
    pub article: ArticleId,
    /// Its ticket.
    pub ticket: TicketId,
    /// The queue whose account sends it.
    pub queue: QueueId,
    /// The frozen mail.
    pub bytes: &'a [u8],
}

/// A mail to an agent.
#[derive(Clone, Debug)]
pub struct AgentMailRow {
    /// Who gets it.
    pub agent: AgentId,
    /// Its ticket.
    pub ticket: TicketId,
}

/// Mails to agents, and who wants some.
pub struct AgentMails<'t>(pub(super) &'t mut Tx);

impl AgentMails<'_> {
    /// Where mail goes that somebody wants, and what they want.
    pub async fn notify_of(&mut self, agent: AgentId) -> Result<(Option<EmailAddress>, Notify)> {
        let row = sqlx::query!("select mail, notify_new, notify_follow_ups from agent where agent_id = $1", agent.0)
            .fetch_one(self.0.connection())
            .await?;
        let follow_ups = FollowUps::named(&row.notify_follow_ups).ok_or_else(|| StoreError::Unsound {
            table: "agent",
            row: agent.to_string(),
            what: "notify_follow_ups".to_owned(),
        })?;
        let mail = row.mail.as_deref().and_then(EmailAddress::parse);
        Ok((mail, Notify { new: row.notify_new, follow_ups }))
    }

    /// Records what somebody wants.
    pub async fn set_notify(&mut self, agent: AgentId, notify: Notify) -> Result<()> {
        sqlx::query!(
            "update agent set notify_new = $2, notify_follow_ups = $3 where agent_id = $1",
            agent.0,
            notify.new,
            notify.follow_ups.name(),
        )
        .execute(self.0.connection())
        .await?;
        Ok(())
    }

    /// Records where mail goes that somebody wants; `None`: nowhere. `false` if there is no such agent.
    pub async fn set_mail(&mut self, user: &UserId, mail: Option<&EmailAddress>) -> Result<bool> {
        let done = sqlx::query!(
            "update agent set mail = $2 where user_id = $1",
            user.as_str(),
            mail.map(EmailAddress::as_str)
        )
        .execute(self.0.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Whether anybody wants any mail: asked with every mail that comes in, so it reads the few agents and nothing else.
    pub async fn anybody_wants(&mut self) -> Result<bool> {
        Ok(sqlx::query_scalar!(
            r#"select exists (select from agent
                              where active and mail is not null and (notify_new or notify_follow_ups <> 'none')) as "any!""#
        )
        .fetch_one(self.0.connection())
        .await?)
    }

    /// Who wants to be told of an article: whoever works in its ticket's queue and asked for that.
    pub async fn who_wants(&mut self, (ticket, article): (TicketId, ArticleId), is_new: bool) -> Result<Vec<Wants>> {
        let rows = sqlx::query!(
            r#"select agent_id, mail as "mail!" from agent join ticket on ticket_id = $1
               where active and role <> 'observer' and mail is not null
                 and (not exists (select from agent_queue where agent_queue.agent_id = agent.agent_id)
                      or exists (select from agent_queue where agent_queue.agent_id = agent.agent_id
                                                           and agent_queue.queue_id = ticket.queue_id))
                 and case when $3 then notify_new
                          when notify_follow_ups = 'mine' then
                              ticket.owner_id = agent_id
                              or coalesce((select true from ticket_watch
                                           where ticket_watch.ticket_id = $1 and ticket_watch.agent_id = agent.agent_id limit 1), false)
                          else notify_follow_ups = 'queues' end
                 and not exists (select from agent_mail where agent_mail.article_id = $2 and agent_mail.agent_id = agent.agent_id)
               order by agent_id"#,
            ticket.0,
            article.0,
            is_new,
        )
        .fetch_all(self.0.connection())
        .await?;
        let wants =
            |(agent, mail): (i64, String)| Some(Wants { agent: AgentId(agent), mail: EmailAddress::parse(&mail)? });
        Ok(rows.into_iter().filter_map(|row| wants((row.agent_id, row.mail))).collect())
    }

    /// How many mails somebody got since a moment.
    pub async fn count_since(&mut self, agent: AgentId, since: DateTime<Utc>) -> Result<i64> {
        Ok(sqlx::query_scalar!(
            r#"select count(*) as "count!" from agent_mail where agent_id = $1 and created_at > $2"#,
            agent.0,
            since
        )
        .fetch_one(self.0.connection())
        .await?)
    }

    /// Takes the next mail's id.
    pub async fn next_id(&mut self) -> Result<AgentMailId> {
        let id =
            sqlx::query_scalar!(r#"select nextval(pg_get_serial_sequence('agent_mail', 'agent_mail_id')) as "id!""#)
                .fetch_one(self.0.connection())
                .await?;
        Ok(AgentMailId(id))
    }

    /// Writes a mail and the job that sends it.
    ///
    /// # Errors
    /// The constraint `agent_mail_once` if they were told of that article.
    pub async fn add(&mut self, new: &NewAgentMail<'_>) -> Result<()> {
        let now = self.0.now();
        sqlx::query!(
            "insert into agent_mail (agent_mail_id, agent_id, ticket_id, article_id, queue_id, recipient, bytes, created_at)
             overriding system value values ($1, $2, $3, $4, $5, $6, $7, $8)",
            new.id.0,
            new.agent.0,
            new.ticket.0,
            new.article.0,
            new.queue.0,
            new.to.as_str(),
            new.bytes,
            now,
        )
        .execute(self.0.connection())
        .await?;
        self.0.enqueue(AgentMail { mail: new.id, agent: new.agent });
        Ok(())
    }

    /// A mail, if there is one of that id.
    pub async fn get(&mut self, mail: AgentMailId) -> Result<Option<AgentMailRow>> {
        let row = sqlx::query!("select agent_id, ticket_id from agent_mail where agent_mail_id = $1", mail.0)
            .fetch_optional(self.0.connection())
            .await?;
        Ok(row.map(|row| AgentMailRow { agent: AgentId(row.agent_id), ticket: TicketId(row.ticket_id) }))
    }
}
