//! Answering, and taking an answer back.

use super::{Ask, Outcome};
use crate::desk::chat_in::changed;
use crate::desk::outgoing::Outgoing;
use crate::desk::quarantine::is_nobody;
use crate::desk::words::{self, Said};
use crate::desk::{Desk, is_ours, mark, put_mark, record, reply, say};
use crate::domain::article::{Answer, Sender, Visibility};
use crate::domain::id::LetterId;
use crate::domain::ticket::{Action, Actor, AnswerEffect, State, Ticket, TicketEvent};
use crate::store::articles::{Kind, NewArticle};
use crate::store::letters::LetterState;
use crate::store::{Result, Tx};

/// What an answer is to be, besides its text.
#[derive(Clone, Debug)]
pub(in crate::desk) struct Wish {
    pub(in crate::desk) next: State,
    pub(in crate::desk) cc: Vec<String>,
    pub(in crate::desk) all: bool,
    pub(in crate::desk) attach: Option<u8>,
    pub(in crate::desk) text: String,
}

impl Desk {
    /// Sends, and closes and unlocks if so asked, in one transaction.
    pub(super) async fn answer(&self, tx: &mut Tx, ask: &Ask<'_>, ticket: &mut Ticket, wish: &Wish) -> Result<Outcome> {
        let (next, text) = (wish.next, wish.text.as_str());
        // A mail that is not in the thread yet can't have been read by who closes: the answer is sent,
        // and the ticket stays open for it.
        let unseen = next.is_closed() && tx.articles().has_unseen_mail(ticket.id).await?;
        let next = if unseen { State::Open } else { next };
        let events = match ticket.act(Some(ask.agent.id), Action::Answer { next }) {
            Ok(events) => events,
            Err(refusal) => return self.refuse(tx, ticket, &refusal).await,
        };
        let customer = tx.customers().get(ticket.customer).await?;
        if is_nobody(&customer.address) {
            let said = format!(
                "Not sent: nobody knows who wrote this mail. {}customer ADDRESS says who it is for.",
                self.settings.prefix
            );
            return Ok(Outcome::Refused(Said::plain(said)));
        }
        if is_ours(tx, &customer.address).await? {
            let said = format!(
                "Not sent: {} is an address of this desk itself; the mail would come back. {}customer ADDRESS says who this is for.",
                customer.address, self.settings.prefix
            );
            return Ok(Outcome::Refused(Said::plain(said)));
        }
        let others = match self.others(tx, ticket, wish).await? {
            Ok(others) => others,
            Err(said) => return Ok(Outcome::Refused(said)),
        };
        let files = match self.files_for(tx, ask, ticket, wish).await? {
            Ok(files) => files,
            Err(said) => return Ok(Outcome::Refused(said)),
        };
        let untouched = ticket.clone();
        tx.savepoint().await?;
        for event in &events {
            tx.tickets().apply(ticket, event, &ask.actor()).await?;
        }
        let article = tx
            .articles()
            .add(&NewArticle {
                agent: Some(ask.agent.id),
                event: Some(ask.event),
                ..NewArticle::of(ticket.id, Kind::Answer, Sender::Agent, Visibility::Customer, text)
            })
            .await?;
        tx.threads().add_event(ask.event, ask.room, ticket.id, Some(article)).await?;
        let written = TicketEvent::AnswerWritten { article, next: ticket.state };
        tx.audit().record(ticket.id, &ask.actor(), &written).await?;
        for (position, file) in files.iter().enumerate() {
            tx.files().add(article, position + 1, &file.name, &file.mime, None, &file.bytes).await?;
        }
        let queue = tx.queues().get(ticket.queue).await?;
        let answer = Answer { article, ticket: ticket.id, author: ask.agent.id, markdown: text.to_owned() };
        let out = Outgoing {
            ticket,
            queue: &queue,
            customer: &customer,
            others: &others,
            answer: &answer,
            room: ask.room,
            command: ask.event,
        };
        if let Err(why) = self.mail_answer(tx, &out).await? {
            tx.back_to_savepoint().await?;
            *ticket = untouched;
            return Ok(Outcome::Refused(Said::plain(format!("Not sent: {why}"))));
        }
        if !events.is_empty() {
            changed(tx, ticket.id).await?;
        }
        self.say_who_is_left_out(tx, ask, ticket, (&others, wish.all)).await?;
        if wish.attach.is_some() {
            let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
            let said = Said::plain(words::defuse(&format!("With it goes: {}", names.join(", "))));
            reply(tx, ask.room, Some(ticket.id), ask.event, said).await?;
        }
        if unseen {
            let said = "The answer will be sent, but the ticket stays open: the customer has written in the meantime.";
            say(tx, ask.room, ticket.id, Said::plain(said), vec![ask.agent.user.clone()]).await?;
        }
        Ok(Outcome::Held)
    }

    pub(super) async fn undo(&self, tx: &mut Tx, ask: &Ask<'_>, ticket: &mut Ticket) -> Result<Outcome> {
        let replied = ask.message.reply_to.as_ref();
        let of_reply = match replied {
            Some(event) => tx.letters().of_command(ticket.id, Some(event)).await?,
            None => None,
        };
        let letter = match of_reply {
            Some(letter) => Some(letter),
            None => tx.letters().of_command(ticket.id, None).await?,
        };
        let Some(letter) = letter else {
            return Ok(Outcome::Refused(Said::plain("Not done: this ticket has no answer that could be taken back.")));
        };
        match self.take_back(tx, ticket, letter, &ask.actor()).await? {
            Ok(()) => {
                let by = &ask.agent.user;
                Ok(Outcome::Told(Said::plain(format!("The answer was taken back by {by}. Nothing was sent."))))
            }
            Err(why) => Ok(Outcome::Refused(Said::plain(why))),
        }
    }

    /// Takes a held answer back, and the closing that came with it. Cancelling and sending are each one
    /// conditional update, so exactly one of them wins.
    pub(in crate::desk) async fn take_back(
        &self,
        tx: &mut Tx,
        ticket: &mut Ticket,
        letter: LetterId,
        actor: &Actor,
    ) -> Result<std::result::Result<(), String>> {
        let row = tx.letters().lock(letter).await?;
        if row.state == LetterState::Cancelled {
            return Ok(Err("Not done: this answer was taken back already.".to_owned()));
        }
        if !tx.letters().cancel_all(row.article).await? {
            return Ok(Err("Too late: the answer is on its way or was sent.".to_owned()));
        }
        tx.articles().cancel(row.article).await?;
        let event = TicketEvent::AnswerUndone { article: row.article };
        tx.audit().record(ticket.id, actor, &event).await?;
        if let Some((_, command)) = &row.command
            && let Some(effect) = AnswerEffect::of(&tx.audit().caused_by(ticket.id, command).await?)
        {
            let events = ticket.act(actor.agent(), Action::UndoAnswer { effect }).unwrap_or_default();
            record(tx, ticket, actor, &events).await?;
        }
        if let Some((room, event)) = &row.command {
            put_mark(tx, room, event, mark::NO).await?;
        }
        Ok(Ok(()))
    }
}
