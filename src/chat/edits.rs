//! Somebody changed or took back what they had said.

use crate::command::Command;
use crate::command::parse::{Parsed, parse};
use crate::desk::commands::{Rewrite, Wish};
use crate::desk::event::ChatEvent;
use crate::desk::words::{self, Said};
use crate::desk::{Desk, reply, say};
use crate::domain::id::{ArticleId, EventId};
use crate::domain::queue::Agent;
use crate::domain::ticket::{Actor, State, TicketEvent};
use crate::store::{Result, Tx};

impl Desk {
    /// An edit is never a command (R29). It changes a note, or an answer while that is held.
    pub(super) async fn edited(
        &self,
        tx: &mut Tx,
        event: &ChatEvent,
        of: &EventId,
        text: &str,
        agent: Option<Agent>,
    ) -> Result<()> {
        let Some(agent) = agent else { return Ok(()) };
        if tx.events().sender_of(of).await?.as_ref() != Some(&event.sender) {
            return Ok(());
        }
        let ticket = tx.threads().ticket_of(of).await?.map(|(ticket, _)| ticket);
        let parsed = parse(&self.settings.prefix, text);
        let article = tx.articles().of_event(of).await?;
        if let (Some(ticket), Some(_)) = (ticket, &article)
            && !agent.works_in(tx.tickets().get(ticket).await?.queue)
        {
            return reply(tx, &event.room, Some(ticket), of, words::stranger(Some(&agent))).await;
        }
        let said = match (article, parsed) {
            (Some((article, kind)), Parsed::Command(Command::Answer { state, cc, all, attach, text }))
                if kind == "answer" =>
            {
                let wish = Wish { next: state.unwrap_or(State::Open), cc, all, attach, text: text.concat() };
                self.edit_answer(tx, event, of, article, wish).await?
            }
            (Some((article, kind)), Parsed::Command(Command::Note { text })) if kind == "note" => {
                tx.articles().set_text(article, &text.concat()).await?;
                return Ok(());
            }
            (Some((article, kind)), Parsed::Text) if kind == "note" => {
                tx.articles().set_text(article, text).await?;
                return Ok(());
            }
            (Some((_, kind)), _) if kind == "answer" => {
                "Nothing was changed: an edited answer must still be one. !undo stops it while it is held.".to_owned()
            }
            (_, Parsed::Text) => return Ok(()),
            (_, _) => {
                "Nothing was done: edits are no commands. Please write it again as a message of its own.".to_owned()
            }
        };
        tracing::debug!(agent.id = agent.id.0, "an edit was answered");
        reply(tx, &event.room, ticket, of, Said::plain(said)).await
    }

    async fn edit_answer(
        &self,
        tx: &mut Tx,
        event: &ChatEvent,
        of: &EventId,
        article: ArticleId,
        wish: Wish,
    ) -> Result<String> {
        let Some((ticket, _)) = tx.threads().ticket_of(of).await? else { return Ok(String::new()) };
        let ticket = tx.tickets().lock(ticket).await?;
        let Some(letter) = tx.letters().of_command(ticket.id, Some(of)).await? else { return Ok(String::new()) };
        let changed =
            self.rewrite(tx, &ticket, letter, &Rewrite { article, wish, room: &event.room, command: of }).await?;
        Ok(match changed {
            Ok(()) => "The answer was changed before it was sent.".to_owned(),
            Err(why) => format!("Nothing was changed: {why}"),
        })
    }

    pub(super) async fn redacted(
        &self,
        tx: &mut Tx,
        event: &ChatEvent,
        of: &EventId,
        agent: Option<Agent>,
    ) -> Result<()> {
        let Some((ticket, _)) = tx.threads().ticket_of(of).await? else { return Ok(()) };
        let mut ticket = tx.tickets().lock(ticket).await?;
        let is_own = tx.events().sender_of(of).await?.as_ref() == Some(&event.sender);
        if !is_own && !agent.as_ref().is_some_and(|agent| agent.works_in(ticket.queue)) {
            return Ok(());
        }
        let actor = agent.map_or(Actor::System, |agent| Actor::Agent(agent.id, event.id.clone()));
        if let Some(letter) = tx.letters().of_command(ticket.id, Some(of)).await? {
            let said = match self.take_back(tx, &mut ticket, letter, &actor).await? {
                Ok(()) => "The answer was taken back before it was sent.".to_owned(),
                Err(why) => format!("{why} It stays in the record."),
            };
            return say(tx, &event.room, ticket.id, Said::plain(said), vec![]).await;
        }
        if let Some((article, kind)) = tx.articles().of_event(of).await?
            && kind == "note"
        {
            tx.articles().cancel(article).await?;
            tx.audit().record(ticket.id, &actor, &TicketEvent::NoteDeleted { article }).await?;
        }
        Ok(())
    }
}
