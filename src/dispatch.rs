//! Which job goes where: the one place that knows the desk and both adapters.

use std::sync::Arc;

use async_trait::async_trait;

use crate::chat::{door, scheduled, waiting};
use crate::desk::failure::Failure;
use crate::desk::intake::incoming::IncomingMail;
use crate::desk::outbound::{delivery, once};
use crate::desk::rooms::home_opened;
use crate::desk::seams::{Caller, Chat, Fault, Mailer};
use crate::desk::{Desk, agent_mail, erase, intake, remirror, webhooks};
use crate::domain::id::{EventRowId, MailId, RoomId, UserId};
use crate::mail::reader::{ReadError, Reader};
use crate::matrix::event;
use crate::store::jobs::{AgentMail, Job, Leased, Letter, PageMail, PendingTime, ReadEvent, ReadMail, TicketTime};
use crate::store::leader::Held;
use crate::store::mails::RawMail;
use crate::store::once_mails::OnceMail;
use crate::worker::Work;

/// How often a mail may make its reader fail before it is put into quarantine. What the record was to blame for is no
/// attempt.
const TRIES: i32 = 3;

/// Reads what came in: PostgreSQL only.
pub struct Reading {
    /// The desk.
    pub desk: Desk,
    /// Who reads mails.
    pub reader: Reader,
}

#[async_trait]
impl Work for Reading {
    async fn work(&self, leased: &Leased) -> Result<(), Failure> {
        match leased.job {
            Job::ReadMail(ReadMail { mail }) => self.read_mail(leased, mail).await,
            Job::ReadEvent(ReadEvent { event }) => self.read_event(leased, event).await,
            Job::PendingTime(PendingTime { ticket, until }) => {
                Ok(self.desk.pending_time(leased, ticket, until).await?)
            }
            Job::SendScheduled(ref job) => Ok(scheduled::send(&self.desk, leased, job).await?),
            Job::TicketTime(TicketTime { ticket, at }) => Ok(self.desk.ticket_time(leased, ticket, at).await?),
            Job::TellAgents(ref job) => Ok(agent_mail::tell(&self.desk, leased, job).await?),
            Job::Erase(ref job) => Ok(erase::go_on(&self.desk, leased, job).await?),
            Job::Remirror(ref job) => remirror::go_on(&self.desk, leased, job).await,
            Job::Retime(ref job) => Ok(self.desk.retime(leased, job).await?),
            _ => Err(Fault::never("this is nothing to read").into()),
        }
    }

    async fn given_up(&self, leased: &Leased, why: &str) {
        tell(&self.desk, leased, why).await;
    }
}

impl Reading {
    async fn read_mail(&self, leased: &Leased, mail: MailId) -> Result<(), Failure> {
        let raw = self.desk.store().begin().await?.mails().raw(mail).await?;
        let read = match raw {
            // It has killed its reader before: no third time.
            Some(_) if leased.attempt > TRIES => Err("reading it failed again and again".to_owned()),
            // What an agent lets in is not read either: they see its raw bytes.
            Some(raw) if raw.is_too_expensive => Err("reading it is too expensive".to_owned()),
            Some(raw) => self.ask_reader(mail, raw).await?,
            None => Err("it is gone".to_owned()),
        };
        match intake::receive(&self.desk, leased, mail, &read).await {
            // The record will never take it as it is: then it is shown with its raw bytes.
            Err(error) if !error.is_passing() => {
                tracing::error!(mail.id = mail.0, %error, "a mail can't be recorded as an article");
                Ok(intake::receive(&self.desk, leased, mail, &Err("the record could not take it".to_owned())).await?)
            }
            other => Ok(other?),
        }
    }

    /// What a mail says, or why it is not read.
    async fn ask_reader(&self, mail: MailId, raw: RawMail) -> Result<Result<IncomingMail, String>, Failure> {
        let (bytes, above) = raw.with_return_path();
        match self.reader.read(bytes).await {
            Ok(read) => Ok(Ok(read.without_above(above))),
            Err(ReadError::Unreadable(why)) => Ok(Err(why)),
            Err(ReadError::TooExpensive(why)) => {
                // At once: should this process end before the mail is in quarantine, the next one knows.
                let mut tx = self.desk.store().begin().await?;
                tx.mails().set_too_expensive(mail).await?;
                tx.commit().await?;
                Ok(Err(why.to_owned()))
            }
            Err(error @ ReadError::NoReader(_)) => {
                tracing::error!(mail.id = mail.0, %error, "a mail waits to be read");
                Err(Failure::TooEarly(error.to_string()))
            }
        }
    }

    async fn read_event(&self, leased: &Leased, row: EventRowId) -> Result<(), Failure> {
        let stored = self.desk.store().begin().await?.events().get(row).await?;
        let event = stored.and_then(|(room, body, received)| {
            let room = RoomId::parse(&room)?;
            event::read(&room, (&body, received), &self.desk.settings().bot)
        });
        if let Some(event) = &event
            && waiting::put_aside(&self.desk, leased, row, event).await?
        {
            return Ok(());
        }
        Ok(door::receive(&self.desk, leased, event.as_ref()).await?)
    }
}

/// Speaks in Matrix.
pub struct Speaking {
    /// The desk.
    pub desk: Desk,
    /// Matrix.
    pub chat: Arc<dyn Chat>,
    /// Whether this instance still has the Matrix side; `None`: nobody else can have it.
    pub held: Option<Held>,
}

#[async_trait]
impl Work for Speaking {
    async fn work(&self, leased: &Leased) -> Result<(), Failure> {
        // Whoever has the Matrix side by now relies on it that nobody else begins anything.
        if self.held.as_ref().is_some_and(|held| !held.is_certain()) {
            return Err(Fault::later("another instance may have the Matrix side by now").into());
        }
        self.desk.deliver_chat(leased, &*self.chat).await
    }

    async fn given_up(&self, leased: &Leased, why: &str) {
        tell(&self.desk, leased, why).await;
    }
}

/// Sends mail.
pub struct Sending {
    /// The desk.
    pub desk: Desk,
    /// The mail server.
    pub mailer: Arc<dyn Mailer>,
}

#[async_trait]
impl Work for Sending {
    async fn work(&self, leased: &Leased) -> Result<(), Failure> {
        match leased.job {
            Job::Letter(Letter { letter }) => delivery::deliver(&self.desk, leased, &*self.mailer, letter).await,
            Job::AgentMail(AgentMail { mail, .. }) => {
                once::deliver(&self.desk, leased, &*self.mailer, OnceMail::ToAgent(mail)).await
            }
            Job::PageMail(PageMail { mail, .. }) => {
                once::deliver(&self.desk, leased, &*self.mailer, OnceMail::ToCustomer(mail)).await
            }
            _ => Err(Fault::never("this is no letter").into()),
        }
    }

    async fn given_up(&self, leased: &Leased, why: &str) {
        tell(&self.desk, leased, why).await;
    }
}

/// Calls the receivers of webhooks.
pub struct Calling {
    /// The desk.
    pub desk: Desk,
    /// Who calls them.
    pub caller: Arc<dyn Caller>,
}

#[async_trait]
impl Work for Calling {
    async fn work(&self, leased: &Leased) -> Result<(), Failure> {
        match leased.job {
            Job::Webhook(ref job) => webhooks::deliver(&self.desk, leased, &*self.caller, job).await,
            _ => Err(Fault::never("this is nothing to tell a webhook").into()),
        }
    }

    async fn given_up(&self, leased: &Leased, why: &str) {
        tell(&self.desk, leased, why).await;
    }
}

async fn tell(desk: &Desk, leased: &Leased, why: &str) {
    if let Err(error) = desk.tell_given_up(leased, why).await {
        tracing::error!(job.id = leased.id, %error, "that a job was given up could not be said");
    }
}

/// Lets agents, and nobody else, invite the bot to a direct room.
pub struct Door {
    /// The desk.
    pub desk: Desk,
}

#[async_trait]
impl crate::matrix::sync::InvitePolicy for Door {
    async fn welcomes(&self, inviter: &UserId) -> Result<bool, crate::store::StoreError> {
        let agent = self.desk.store().begin().await?.agents().by_user(inviter).await?;
        Ok(agent.is_some_and(|agent| agent.active && agent.role != crate::domain::queue::Role::Observer))
    }

    async fn joined(&self, inviter: &UserId, room: &RoomId) -> Result<(), crate::store::StoreError> {
        let mut tx = self.desk.store().begin().await?;
        if let Some(agent) = tx.agents().by_user(inviter).await? {
            home_opened(&mut tx, agent.id, room).await?;
        }
        tx.commit().await
    }
}
