//! One matter in two tickets: merged into one, and taken apart again.

use super::{Ask, Outcome};
use crate::desk::words::{self, Said};
use crate::desk::{Desk, refresh_card, say};
use crate::domain::id::{TicketId, UserId};
use crate::domain::number::Number;
use crate::domain::queue::Agent;
use crate::domain::ticket::{Action, State, Ticket, TicketEvent};
use crate::store::{Result, Tx};

impl Desk {
    /// Makes a ticket part of another one. Its articles stay in its thread, a notice there and one in the other thread
    /// lead to each other, and all further mail goes to the other one, as do its number and its mails' addresses.
    pub(super) async fn merge(
        &self,
        tx: &mut Tx,
        ask: &Ask<'_>,
        ticket: &mut Ticket,
        (number, is_sure): (&str, bool),
    ) -> Result<Outcome> {
        let prefix = &self.settings.prefix;
        let refused = |said: String| Ok(Outcome::Refused(Said::plain(words::defuse(&said))));
        let Some(into) = target(tx, &ask.agent, number).await? else {
            return refused(format!(
                "Not done: there is no ticket {number} that you may write to. This is how: {prefix}merge [--yes] NUMBER"
            ));
        };
        // Before its row is locked: the rows of those that were merged into this ticket are locked the other way round.
        if into == ticket.id {
            return refused(format!("Not done: {number} is this ticket itself, or was merged into it."));
        }
        let into = tx.tickets().lock(into).await?;
        if let Some(why) = self.keeps_apart(tx, ticket, &into, is_sure).await? {
            return refused(why);
        }
        let outcome = self.act(tx, ask, ticket, Action::Merge).await?;
        if !matches!(outcome, Outcome::Done) {
            return Ok(outcome);
        }
        tx.merges().set(ticket.id, Some(into.id)).await?;
        let (merged, absorbed) = (
            TicketEvent::MergedInto { target: into.number.clone() },
            TicketEvent::Absorbed { part: ticket.number.clone() },
        );
        tx.audit().record(ticket.id, &ask.actor(), &merged).await?;
        tx.audit().record(into.id, &ask.actor(), &absorbed).await?;
        self.lead(tx, ticket, &into, "This ticket is part of", vec![]).await?;
        let called = match into.owner {
            Some(owner) if owner != ask.agent.id => vec![tx.agents().get(owner).await?.user],
            _ => vec![],
        };
        self.lead(tx, &into, ticket, "Part of this ticket now, with all mail that comes to it:", called).await?;
        Ok(Outcome::Done)
    }

    /// Why two tickets are not merged, or not by who is not sure.
    async fn keeps_apart(&self, tx: &mut Tx, ticket: &Ticket, into: &Ticket, is_sure: bool) -> Result<Option<String>> {
        let way = format!("{}merge --yes {} does it nevertheless.", self.settings.prefix, into.number);
        if tx.articles().has_unseen_mail(ticket.id).await? {
            return Ok(Some(super::UNSEEN.to_owned()));
        }
        if tx.merges().holds_mail(ticket.id).await? {
            let why = "Not done: a held mail in this thread waits for a decision: ✅, 🆕 or 🗑 on it, please.";
            return Ok(Some(why.to_owned()));
        }
        if is_sure {
            return Ok(None);
        }
        if into.customer != ticket.customer {
            let (mine, other) = (tx.customers().get(ticket.customer).await?, tx.customers().get(into.customer).await?);
            return Ok(Some(format!(
                "Not done: this ticket is for {}, and {} is for {}, who would get all answers from now on. {way}",
                mine.address, into.number, other.address
            )));
        }
        let vanishes = into.state.is_over() && !ticket.state.is_over();
        Ok(vanishes.then(|| {
            format!(
                "Not done: Ticket#{} is {}, and this one would be open for nobody any more. Open that one first \
                 ({}reopen there); {way}",
                into.number,
                into.state.name(),
                self.settings.prefix
            )
        }))
    }

    /// Takes a ticket out of the one that it was merged into: it is open again, and the agent's.
    pub(super) async fn unmerge(&self, tx: &mut Tx, ask: &Ask<'_>, ticket: &mut Ticket) -> Result<Outcome> {
        if ticket.state != State::Merged {
            return Ok(Outcome::Refused(Said::plain("Not done: this ticket is not part of another one.")));
        }
        let target = tx.merges().target(ticket.id).await?;
        tx.merges().set(ticket.id, None).await?;
        let outcome = self.act(tx, ask, ticket, Action::Unmerge).await?;
        if let (Outcome::Done, Some((target, number))) = (&outcome, target) {
            tx.audit().record(ticket.id, &ask.actor(), &TicketEvent::Unmerged { target: number }).await?;
            let event = TicketEvent::PartTakenOut { part: ticket.number.clone() };
            tx.audit().record(target, &ask.actor(), &event).await?;
            let target = tx.tickets().get(target).await?;
            self.lead(tx, &target, ticket, "Not part of this ticket any more:", vec![]).await?;
            refresh_card(tx, ticket.id).await?;
        }
        Ok(outcome)
    }

    /// Says in a ticket's thread where another one is.
    async fn lead(&self, tx: &mut Tx, ticket: &Ticket, to: &Ticket, words: &str, called: Vec<UserId>) -> Result<()> {
        let Some(room) = tx.queues().get(ticket.queue).await?.room else { return Ok(()) };
        let link = self.link_to(tx, to).await?;
        let name = format!("Ticket#{}", to.number);
        let said = match link {
            Some(link) => {
                Said { text: format!("{words} {name}\n{link}"), html: format!("{words} <a href=\"{link}\">{name}</a>") }
            }
            None => Said::plain(format!("{words} {name}")),
        };
        say(tx, &room, ticket.id, said, called).await
    }

    /// A link to a ticket's card, if it has one.
    async fn link_to(&self, tx: &mut Tx, ticket: &Ticket) -> Result<Option<String>> {
        let Some(room) = tx.queues().get(ticket.queue).await?.room else { return Ok(None) };
        let thread = tx.threads().get(ticket.id, &room).await?;
        Ok(thread.map(|thread| words::event_link(&room, &thread.root, self.settings.bot.server())))
    }

    /// What is done in a ticket that is part of another one: nothing, and where to do it.
    pub(super) async fn refuse_merged(&self, tx: &mut Tx, into: (TicketId, Number)) -> Result<Outcome> {
        let (id, number) = into;
        let ticket = tx.tickets().get(id).await?;
        let link = self.link_to(tx, &ticket).await?.map(|link| format!(" {link}")).unwrap_or_default();
        let prefix = &self.settings.prefix;
        let said =
            format!("Not done: this ticket is part of Ticket#{number} now.{link} {prefix}unmerge takes it out again.");
        Ok(Outcome::Refused(Said::plain(said)))
    }
}

/// The ticket that a number leads to, if the agent may write to it.
pub(super) async fn target(tx: &mut Tx, agent: &Agent, number: &str) -> Result<Option<TicketId>> {
    let Some(number) = Number::parse(number.trim_matches(['[', ']'])) else { return Ok(None) };
    let Some(ticket) = tx.tickets().numbered(&number).await? else { return Ok(None) };
    let Some(living) = tx.merges().canonical(ticket).await? else { return Ok(None) };
    let (named, living) = (tx.tickets().get(ticket).await?, tx.tickets().get(living).await?);
    let may = agent.works_in(named.queue) && agent.works_in(living.queue) && living.state != State::Removed;
    Ok(may.then_some(living.id))
}
