//! What each command does. Rights and place are checked before ([`Desk::chat_in`]); the ticket's row
//! is locked.

mod answer;
mod look;
mod merge;
mod origin;
mod recipients;
mod rewrite;
mod sift;

use super::chat_in::{add_note, changed};
use super::event::Said as Message;
use super::{Desk, record, say, words};
use crate::command::Command;
use crate::domain::id::{EventId, RoomId, UserId};
use crate::domain::number::Number;
use crate::domain::queue::{Agent, Queue};
use crate::domain::ticket::{Action, Actor, State, Ticket, TicketEvent};
use crate::store::articles::ArticleRow;
use crate::store::jobs::Job;
use crate::store::tickets::NewTicket;
use crate::store::{Result, Tx};
pub(super) use answer::Wish;
pub(super) use origin::file_name;
pub(super) use rewrite::Rewrite;
use words::Said;

/// Somebody asks for something.
pub(super) struct Ask<'a> {
    pub(super) agent: Agent,
    pub(super) event: &'a EventId,
    pub(super) room: &'a RoomId,
    pub(super) message: &'a Message,
    /// The ticket's queue, or the room's.
    pub(super) queue: Option<Queue>,
    pub(super) ticket: Option<Ticket>,
}

/// Why a ticket is not ended while its customer's mail is on its way into the thread (R67).
const UNSEEN: &str =
    "Not done: the customer has written in the meantime. The mail is about to appear here; please read it first.";

/// What came of it.
#[derive(Debug)]
pub(super) enum Outcome {
    /// ✅
    Done,
    /// ✅ and something to read.
    Told(Said),
    /// ⏳: a mail is held.
    Held,
    /// ❌ and why.
    Refused(Said),
}

impl Ask<'_> {
    fn actor(&self) -> Actor {
        Actor::Agent(self.agent.id, self.event.clone())
    }
}

impl Desk {
    pub(super) async fn run(&self, tx: &mut Tx, mut ask: Ask<'_>, command: Command) -> Result<Outcome> {
        let ticket = ask.ticket.take();
        match (command, ticket) {
            (Command::Queue { all }, _) => self.queue_list(tx, &ask, all.is_some()).await,
            (Command::Mine, _) => self.mine(tx, &ask).await,
            (Command::Queues, _) => self.queues(tx, &ask).await,
            (Command::Zoom { number }, _) => self.zoom(tx, &ask, &number).await,
            (Command::Help { command }, _) => Ok(self.help(command.as_deref())),
            (Command::Accept, _) => self.accept(tx, &ask.agent, ask.message.reply_to.as_ref()).await,
            (Command::Attach { number }, _) => self.attach_to(tx, &ask, &number).await,
            (Command::Block { address }, _) => self.block_address(tx, &ask, address.as_deref()).await,
            (Command::Unblock { address }, _) => self.unblock(tx, &ask, &address).await,
            (Command::Quarantine, _) => self.quarantine_list(tx, &ask).await,
            (command, Some(ticket)) => self.run_in_thread(tx, &ask, ticket, command).await,
            // The place was checked before: no such command comes here without its ticket.
            (_, None) => Ok(Outcome::Refused(Said::plain("Not done: this belongs into a ticket's thread."))),
        }
    }

    async fn run_in_thread(&self, tx: &mut Tx, ask: &Ask<'_>, mut ticket: Ticket, command: Command) -> Result<Outcome> {
        let ticket = &mut ticket;
        // Whom a merged ticket is for changes nothing any more; all else that would, its rules refuse.
        if matches!(command, Command::Customer { .. } | Command::Cc { .. })
            && let Some(into) = tx.merges().target(ticket.id).await?
        {
            return self.refuse_merged(tx, into).await;
        }
        match command {
            Command::Lock => self.act(tx, ask, ticket, Action::Lock).await,
            Command::Unlock => {
                let admin = ask.agent.role == crate::domain::queue::Role::Admin;
                self.act(tx, ask, ticket, Action::Unlock { admin }).await
            }
            Command::Owner { agent } => self.owner(tx, ask, ticket, &agent.join(" ")).await,
            Command::Answer { state, cc, all, attach, text } => {
                let wish = Wish { next: state.unwrap_or(State::Open), cc, all, attach, text: text.concat() };
                self.answer(tx, ask, ticket, &wish).await
            }
            Command::Note { text } => {
                add_note(tx, ask.room, ticket.id, &ask.actor(), &text.concat()).await?;
                Ok(Outcome::Done)
            }
            Command::Close { state, text } => {
                self.close(tx, ask, ticket, state.unwrap_or(State::ClosedSuccessful), &text.concat()).await
            }
            Command::Reopen { text } => self.act_with_note(tx, ask, ticket, Action::Reopen, &text.concat()).await,
            Command::State { state } => self.state(tx, ask, ticket, &state.join(" ")).await,
            Command::Undo => self.undo(tx, ask, ticket).await,
            Command::History => {
                let history = tx.audit().of(ticket.id).await?;
                Ok(Outcome::Told(words::history(&ticket.number, &history)))
            }
            Command::Customer { address } => self.customer(tx, ask, ticket, &address).await,
            Command::Cc { changes } => self.participants(tx, ask, ticket, &changes).await,
            Command::Merge { yes, number } => self.merge(tx, ask, ticket, (&number, yes)).await,
            Command::Unmerge => self.unmerge(tx, ask, ticket).await,
            Command::Why => self.why(tx, ask, ticket).await,
            Command::Raw => self.raw(tx, ask, ticket).await,
            Command::Spam => self.spam(tx, ask, ticket).await,
            Command::Queue { .. }
            | Command::Mine
            | Command::Queues
            | Command::Zoom { .. }
            | Command::Help { .. }
            | Command::Accept
            | Command::Attach { .. }
            | Command::Block { .. }
            | Command::Unblock { .. }
            | Command::Quarantine => unreachable!("has no ticket"),
        }
    }

    /// Does what the ticket's rules allow, or says why not.
    async fn act(&self, tx: &mut Tx, ask: &Ask<'_>, ticket: &mut Ticket, action: Action) -> Result<Outcome> {
        match ticket.act(Some(ask.agent.id), action) {
            Ok(events) => {
                record(tx, ticket, &ask.actor(), &events).await?;
                Ok(Outcome::Done)
            }
            Err(refusal) => self.refuse(tx, ticket, &refusal).await,
        }
    }

    async fn act_with_note(
        &self,
        tx: &mut Tx,
        ask: &Ask<'_>,
        ticket: &mut Ticket,
        action: Action,
        note: &str,
    ) -> Result<Outcome> {
        let outcome = self.act(tx, ask, ticket, action).await?;
        if matches!(outcome, Outcome::Done) && !note.trim().is_empty() {
            add_note(tx, ask.room, ticket.id, &ask.actor(), note).await?;
        }
        Ok(outcome)
    }

    async fn refuse(&self, tx: &mut Tx, ticket: &Ticket, refusal: &crate::domain::ticket::Refusal) -> Result<Outcome> {
        if let Some(into) = tx.merges().target(ticket.id).await? {
            return self.refuse_merged(tx, into).await;
        }
        let holder = match ticket.owner {
            Some(owner) => Some(tx.agents().get(owner).await?.user),
            None => None,
        };
        Ok(Outcome::Refused(words::refusal(refusal, holder.as_ref(), &self.settings.prefix)))
    }

    async fn owner(&self, tx: &mut Tx, ask: &Ask<'_>, ticket: &mut Ticket, who: &str) -> Result<Outcome> {
        let agents = tx.agents().all().await?;
        let Some(to) = find_agent(&agents, ask, who) else {
            let names: Vec<String> = agents
                .iter()
                .filter(|agent| agent.works_in(ticket.queue))
                .map(|agent| agent.user.to_string())
                .collect();
            let said = format!("Not done: {who} is no agent of this queue. There are {}, and @me.", names.join(", "));
            return Ok(Outcome::Refused(Said::plain(words::defuse(&said))));
        };
        if !to.works_in(ticket.queue) {
            let said = format!("Not done: {} does not work in this queue.", to.user);
            return Ok(Outcome::Refused(Said::plain(said)));
        }
        let before = ticket.owner;
        let outcome = self.act(tx, ask, ticket, Action::Give { to: to.id }).await?;
        if matches!(outcome, Outcome::Done) && before != Some(to.id) {
            let mut told = vec![to.user.clone()];
            if let Some(before) = before {
                told.push(tx.agents().get(before).await?.user);
            }
            told.retain(|user| *user != ask.agent.user);
            if !told.is_empty() && to.id == ask.agent.id {
                let said = Said {
                    text: format!("{} has taken this ticket over.", to.user),
                    html: format!("{} has taken this ticket over.", words::pill(&to.user)),
                };
                say(tx, ask.room, ticket.id, said, told).await?;
            } else if !told.is_empty() {
                let said = Said {
                    text: format!("{} now has this ticket, by {}.", to.user, ask.agent.user),
                    html: format!(
                        "{} now has this ticket, by {}.",
                        words::pill(&to.user),
                        words::pill(&ask.agent.user)
                    ),
                };
                say(tx, ask.room, ticket.id, said, told).await?;
            }
        }
        Ok(outcome)
    }

    async fn close(
        &self,
        tx: &mut Tx,
        ask: &Ask<'_>,
        ticket: &mut Ticket,
        state: State,
        note: &str,
    ) -> Result<Outcome> {
        if !state.is_closed() {
            let said = format!(
                "Not done: {} is no closed state. This is how: {}close --state unsuccessful TEXT",
                state.name(),
                self.settings.prefix
            );
            return Ok(Outcome::Refused(Said::plain(said)));
        }
        if tx.articles().has_unseen_mail(ticket.id).await? {
            return Ok(Outcome::Refused(Said::plain(UNSEEN)));
        }
        self.act_with_note(tx, ask, ticket, Action::Close { state }, note).await
    }

    async fn state(&self, tx: &mut Tx, ask: &Ask<'_>, ticket: &mut Ticket, word: &str) -> Result<Outcome> {
        match State::parse(word) {
            Ok(state) => self.act(tx, ask, ticket, Action::Set { state }).await,
            Err(fits) => {
                let fits: Vec<State> = fits.into_iter().filter(|state| words::SETTABLE.contains(state)).collect();
                let fits = if fits.is_empty() { words::SETTABLE.to_vec() } else { fits };
                let names = fits.iter().map(|state| state.name()).collect::<Vec<_>>().join(", ");
                let said = format!(
                    "Not done: {word} is no state that can be set. This is how: {}state STATE; there are {names}",
                    self.settings.prefix
                );
                Ok(Outcome::Refused(Said::plain(words::defuse(&said))))
            }
        }
    }

    /// Makes a ticket of a held mail.
    pub(super) async fn split_held(&self, tx: &mut Tx, row: &ArticleRow, from: &Ticket) -> Result<Number> {
        let number = self.next_number().await?;
        let customer = row.customer.unwrap_or(from.customer);
        let new = NewTicket { number, queue: from.queue, customer, subject: row.subject.clone().unwrap_or_default() };
        let ticket = tx.tickets().create(&new).await?;
        let event = TicketEvent::Created { split_from: Some(from.number.clone()) };
        tx.audit().record(ticket.id, &Actor::System, &event).await?;
        let on_card = words::fits_card(&row.text);
        let (article, files) = tx.articles().copy_held(row.id, ticket.id, on_card).await?;
        changed(tx, ticket.id).await?;
        if !on_card {
            tx.enqueue(&super::chat_lane(ticket.id), &Job::Article { article }).await?;
        }
        for file in files {
            tx.enqueue(&super::chat_lane(ticket.id), &Job::File { file }).await?;
        }
        Ok(ticket.number)
    }
}

/// The agent that a word means: `@me`, a full id, its first part, or whom the message mentions.
fn find_agent<'a>(agents: &'a [Agent], ask: &Ask<'_>, who: &str) -> Option<&'a Agent> {
    let who = who.trim();
    if who.eq_ignore_ascii_case("@me") || who.eq_ignore_ascii_case("me") {
        return agents.iter().find(|agent| agent.id == ask.agent.id);
    }
    let active = || agents.iter().filter(|agent| agent.active);
    let by_id = |user: &UserId| active().find(|agent| agent.user == *user);
    if let Some(user) = UserId::parse(who).filter(|user| !user.server().is_empty()) {
        return by_id(&user);
    }
    if let [user] = ask.message.mentions.as_slice() {
        return by_id(user);
    }
    let local = who.trim_start_matches('@').to_lowercase();
    let mut fitting = active().filter(|agent| agent.user.localpart().to_lowercase() == local);
    fitting.next().filter(|_| fitting.next().is_none())
}
