//! Something happened in a room: a command, a note, an edit, a reaction, or none of our business.

mod changes;
mod waiting;

use super::commands::{Ask, Outcome};
use super::event::{ChatEvent, Doing, Said as Message};
use super::{Desk, mark, newcomer, put_mark, refresh_card, reply, words};
use crate::command::parse::{Parsed, parse};
use crate::command::{Command, Place};
use crate::crash;
use crate::domain::article::{Kind, Sender, Visibility};
use crate::domain::id::{ArticleId, EventId, RoomId, TicketId};
use crate::domain::queue::{Agent, Queue};
use crate::domain::room::Purpose;
use crate::domain::ticket::{Actor, TicketEvent};
use crate::store::articles::{ArticleRow, Body, NewArticle, Origin};
use crate::store::jobs::{self, Leased};
use crate::store::{Result, Tx};
use words::Said;

/// The reaction that locks.
const LOCK: &str = "🔒";
/// The reaction that takes an answer back, or discards a held mail.
const CROSS: &str = "❌";

impl Desk {
    /// Heeds one event, in one transaction with the end of its job. `event` is `None` for what is
    /// none of our business.
    ///
    /// # Errors
    /// If the record failed: then nothing happened, and the job is tried again.
    pub async fn chat_in(&self, leased: &Leased, event: Option<&ChatEvent>) -> Result<()> {
        let mut tx = self.store.begin().await?;
        if let Some(event) = event {
            self.heed(&mut tx, event).await?;
        }
        tx.finish(leased).await?;
        crash::point("command.before_commit");
        tx.commit().await?;
        crash::point("command.after_commit");
        Ok(())
    }

    async fn heed(&self, tx: &mut Tx, event: &ChatEvent) -> Result<()> {
        let agent = tx.agents().by_user(&event.sender).await?.filter(|agent| agent.active);
        match &event.what {
            Doing::Said(message) => self.said(tx, event, message, agent).await,
            Doing::Edited { of, text } => self.edited(tx, event, of, text, agent).await,
            Doing::Reacted { to, key } => match agent {
                Some(agent) => self.reacted(tx, event, to, key, &agent).await,
                None => Ok(()),
            },
            Doing::Redacted { of } => self.redacted(tx, event, of, agent).await,
            Doing::Undecryptable { thread } => self.unreadable(tx, event, thread.as_ref(), agent).await,
        }
    }

    async fn said(&self, tx: &mut Tx, event: &ChatEvent, message: &Message, agent: Option<Agent>) -> Result<()> {
        let parsed = if message.may_command { parse(&self.settings.prefix, &message.text) } else { Parsed::Text };
        let ticket = ticket_of(tx, message).await?;
        if let Some(ticket) = ticket {
            tx.threads().add_event(&event.id, &event.room, ticket, None).await?;
            if message.thread.is_some() {
                tx.threads().set_last_event(ticket, &event.room, &event.id).await?;
            }
        }
        let command = match parsed {
            Parsed::Text => return self.plain_text(tx, event, message, ticket, agent).await,
            Parsed::Mistake(mistake) if agent.is_some() => {
                answer(tx, event, ticket, Outcome::Refused(words::mistake(&mistake)));
                return Ok(());
            }
            Parsed::Mistake(_) => {
                answer(tx, event, ticket, Outcome::Refused(words::stranger(None)));
                return Ok(());
            }
            Parsed::Command(command) => command,
        };
        let Some(agent) = agent else {
            answer(tx, event, ticket, Outcome::Refused(words::stranger(None)));
            return Ok(());
        };
        let outcome = self.ask(tx, event, message, ticket, agent, command).await?;
        answer(tx, event, ticket, outcome);
        Ok(())
    }

    /// Rights and place are checked here, once, for every command.
    async fn ask(
        &self,
        tx: &mut Tx,
        event: &ChatEvent,
        message: &Message,
        ticket: Option<TicketId>,
        agent: Agent,
        command: Command,
    ) -> Result<Outcome> {
        if matches!(command, Command::Merge { .. } | Command::Unmerge) {
            tx.merges().lock().await?;
        }
        let here = queue_of_room(tx, &event.room).await?;
        let ticket = match ticket {
            Some(ticket) => Some(tx.tickets().lock(ticket).await?),
            None => None,
        };
        let queue = match &ticket {
            Some(ticket) => Some(tx.queues().get(ticket.queue).await?),
            None => here,
        };
        let may =
            queue.as_ref().map_or(agent.role != crate::domain::queue::Role::Observer, |queue| agent.works_in(queue.id));
        if !may {
            return Ok(Outcome::Refused(words::stranger(Some(&agent))));
        }
        if command.place() == Place::Thread && ticket.is_none() {
            let said = format!(
                "Not done: {}{} belongs into a ticket's thread, or as a reply to one of its messages.",
                self.settings.prefix,
                command.verb()
            );
            return Ok(Outcome::Refused(Said::plain(said)));
        }
        let ask = Ask { agent, event: &event.id, room: &event.room, message, queue, ticket };
        self.run(tx, ask, command).await
    }

    /// Plain text in a ticket's thread is an internal note; elsewhere it is talk.
    async fn plain_text(
        &self,
        tx: &mut Tx,
        event: &ChatEvent,
        message: &Message,
        ticket: Option<TicketId>,
        agent: Option<Agent>,
    ) -> Result<()> {
        let (Some(agent), Some(ticket)) = (agent, ticket) else { return Ok(()) };
        let ticket = tx.tickets().lock(ticket).await?;
        if !agent.works_in(ticket.queue) {
            return Ok(());
        }
        let file = message.file.as_ref().map(|file| format!("[file: {}] ", file.name)).unwrap_or_default();
        let text = format!("{file}{}", message.text);
        if text.trim().is_empty() {
            return Ok(());
        }
        let actor = Actor::Agent(agent.id, event.id.clone());
        let note = add_note(tx, &event.room, ticket.id, &actor, text.trim_end()).await?;
        let Some(file) = &message.file else { return Ok(()) };
        match tx.fetched_files().get(&event.id).await? {
            Some(Ok(bytes)) => {
                tx.files().add(note, 1, &words::file_name(&file.name), &file.mime, None, &bytes).await.map(drop)
            }
            Some(Err(why)) => {
                let said = format!("The file could not be kept: {why}. It can't be mailed with --attach.");
                reply(tx, &event.room, Some(ticket.id), &event.id, Said::plain(said));
                Ok(())
            }
            None => Ok(()),
        }
    }

    async fn reacted(&self, tx: &mut Tx, event: &ChatEvent, to: &EventId, key: &str, agent: &Agent) -> Result<()> {
        let Some((ticket, article)) = tx.threads().ticket_of(to).await? else {
            return self.decide_entry(tx, agent, &event.room, to, key).await;
        };
        let ticket = tx.tickets().lock(ticket).await?;
        if !agent.works_in(ticket.queue) {
            return Ok(());
        }
        let is_card = tx.threads().get(ticket.id, &event.room).await?.is_some_and(|thread| thread.root == *to);
        let message = Message {
            text: String::new(),
            may_command: false,
            thread: None,
            reply_to: Some(to.clone()),
            mentions: vec![],
            file: None,
        };
        let id = ticket.id;
        let queue = Some(tx.queues().get(ticket.queue).await?);
        let ask = Ask {
            agent: agent.clone(),
            event: &event.id,
            room: &event.room,
            message: &message,
            queue,
            ticket: Some(ticket),
        };
        let outcome = match key {
            LOCK if is_card => self.run(tx, ask, Command::Lock).await?,
            CROSS if tx.letters().of_command(id, Some(to)).await?.is_some() => self.run(tx, ask, Command::Undo).await?,
            _ => match article {
                Some(article) => match self.decide(tx, ask, article, key).await? {
                    Some(outcome) => outcome,
                    None => return Ok(()),
                },
                None => return Ok(()),
            },
        };
        // A reaction can't be reacted to in a way that anybody sees: the card shows what was done,
        // and what was not done is said.
        match outcome {
            Outcome::Refused(said) | Outcome::Told(said) => {
                reply(tx, &event.room, Some(id), to, said);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// What a reaction on a mail means: of a stranger's what becomes of it, of somebody's who is new that they take
    /// part, of one that wants its answer elsewhere that it is to go there.
    async fn decide(&self, tx: &mut Tx, ask: Ask<'_>, article: ArticleId, key: &str) -> Result<Option<Outcome>> {
        let row = tx.articles().get(article).await?;
        if row.visibility == Visibility::Held {
            return self.decide_held(tx, &ask, &row, key).await.map(|()| None);
        }
        if key == "✅" && newcomer::let_in(tx, &row, &Actor::Agent(ask.agent.id, ask.event.clone())).await? {
            return Ok(None);
        }
        let is_for_them = ask.ticket.as_ref().is_some_and(|ticket| row.customer == Some(ticket.customer));
        let Some(wanted) = row.reply_to.as_ref().filter(|_| is_for_them && key == "✅") else { return Ok(None) };
        let said = format!("Answers go to {wanted} from now on, as this mail asks.");
        let outcome = self.run(tx, ask, Command::Customer { address: wanted.to_string() }).await?;
        Ok(Some(match outcome {
            Outcome::Done => Outcome::Told(Said::plain(said)),
            other => other,
        }))
    }

    /// What an agent decides about a stranger's mail: it joins, becomes a ticket, or is discarded.
    async fn decide_held(&self, tx: &mut Tx, ask: &Ask<'_>, row: &ArticleRow, key: &str) -> Result<()> {
        let Some(mut ticket) = ask.ticket.clone() else { return Ok(()) };
        if row.is_cancelled {
            return Ok(());
        }
        let article = row.id;
        let actor = Actor::Agent(ask.agent.id, ask.event.clone());
        match key {
            "✅" => {
                tx.articles().show_held(article).await?;
                if let Some(customer) = row.customer {
                    tx.participants().add(ticket.id, customer).await?;
                }
                tx.audit().record(ticket.id, &actor, &TicketEvent::HeldMailJoined { article }).await?;
                self.customer_wrote(tx, &mut ticket).await?;
            }
            "🗑" | CROSS => {
                tx.articles().cancel(article).await?;
                tx.audit().record(ticket.id, &actor, &TicketEvent::HeldMailDiscarded { article }).await?;
            }
            "🆕" => {
                let into = self.split_held(tx, row, &ticket).await?;
                tx.audit().record(ticket.id, &actor, &TicketEvent::HeldMailSplit { article, into }).await?;
            }
            _ => return Ok(()),
        }
        tx.enqueue(jobs::Article { ticket: ticket.id, article });
        Ok(())
    }

    async fn unreadable(
        &self,
        tx: &mut Tx,
        event: &ChatEvent,
        thread: Option<&EventId>,
        agent: Option<Agent>,
    ) -> Result<()> {
        if agent.is_none() {
            return Ok(());
        }
        let ticket = match thread {
            Some(root) => tx.threads().ticket_of(root).await?.map(|(ticket, _)| ticket),
            None => None,
        };
        let said = Said::plain(
            "I could not read this message: its keys did not reach me. Nothing was done. Please send it again.",
        );
        answer(tx, event, ticket, Outcome::Refused(said));
        Ok(())
    }
}

/// The ticket that a message speaks of: its thread's, or that of the message it replies to.
async fn ticket_of(tx: &mut Tx, message: &Message) -> Result<Option<TicketId>> {
    for event in message.thread.iter().chain(&message.reply_to) {
        if let Some((ticket, _)) = tx.threads().ticket_of(event).await? {
            return Ok(Some(ticket));
        }
    }
    Ok(None)
}

async fn queue_of_room(tx: &mut Tx, room: &RoomId) -> Result<Option<Queue>> {
    match tx.rooms().purpose_of(room).await? {
        Some(Purpose::Queue(queue)) => Ok(Some(tx.queues().get(queue).await?)),
        _ => Ok(None),
    }
}

/// Writes an agent's note; the agent's own message is what shows it.
pub(super) async fn add_note(
    tx: &mut Tx,
    room: &RoomId,
    ticket: TicketId,
    actor: &Actor,
    text: &str,
) -> Result<ArticleId> {
    let Actor::Agent(agent, event) = actor else { unreachable!("only agents write notes") };
    let article = tx
        .articles()
        .add(&NewArticle {
            ticket,
            kind: Kind::Note,
            sender: Sender::Agent,
            visibility: Visibility::Internal,
            origin: Origin::Message(*agent, event),
            body: Body::plain(text),
            on_card: false,
        })
        .await?;
    tx.threads().add_event(event, room, ticket, Some(article)).await?;
    tx.audit().record(ticket, actor, &TicketEvent::NoteWritten { article }).await?;
    Ok(article)
}

/// Marks the command with what came of it, and says what there is to say.
fn answer(tx: &mut Tx, event: &ChatEvent, ticket: Option<TicketId>, outcome: Outcome) {
    let (mark, said) = match outcome {
        Outcome::Done => (mark::DONE, None),
        Outcome::Told(said) => (mark::DONE, Some(said)),
        Outcome::Held => (mark::WAITS, None),
        Outcome::Refused(said) => (mark::NO, Some(said)),
    };
    put_mark(tx, &event.room, &event.id, mark);
    if let Some(said) = said {
        reply(tx, &event.room, ticket, &event.id, said);
    }
}

/// Brings the card up to date after a command changed its ticket.
pub(super) fn changed(tx: &mut Tx, ticket: TicketId) {
    refresh_card(tx, ticket);
}
