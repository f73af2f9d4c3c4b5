//! Looking things up: lists, links and help.

use super::{Ask, Outcome};
use crate::desk::words::Said;
use crate::desk::{Desk, words};
use crate::domain::number::Number;
use crate::domain::queue::Queue;
use crate::store::{Result, Tx};

/// How many lines a list has at most: it must fit a phone.
const LIST: i64 = 20;

impl Desk {
    pub(super) async fn queue_list(&self, tx: &mut Tx, ask: &Ask<'_>, all: bool) -> Result<Outcome> {
        let queues: Vec<Queue> = match &ask.queue {
            Some(queue) => vec![queue.clone()],
            None => tx.queues().all().await?.into_iter().filter(|queue| ask.agent.sees(queue.id)).collect(),
        };
        let ids: Vec<_> = queues.iter().map(|queue| queue.id).collect();
        let (lines, total) = tx.ticket_lists().open(&ids, all, LIST).await?;
        let name = if let [queue] = queues.as_slice() { queue.name.clone() } else { "your queues".to_owned() };
        let what = if all { "open" } else { "unlocked" };
        let title = format!("Tickets in {name}, {what}");
        Ok(Outcome::Told(words::ticket_list(&title, &lines, total, self.clock.now(), self.settings.bot.server())))
    }

    pub(super) async fn mine(&self, tx: &mut Tx, ask: &Ask<'_>) -> Result<Outcome> {
        let (lines, total) = tx.ticket_lists().owned_by(ask.agent.id, LIST).await?;
        let title = format!("Locked by {}", ask.agent.user);
        Ok(Outcome::Told(words::ticket_list(&title, &lines, total, self.clock.now(), self.settings.bot.server())))
    }

    pub(super) async fn queues(&self, tx: &mut Tx, ask: &Ask<'_>) -> Result<Outcome> {
        let queues: Vec<Queue> =
            tx.queues().all().await?.into_iter().filter(|queue| !queue.archived && ask.agent.sees(queue.id)).collect();
        Ok(Outcome::Told(words::queue_list(&queues, self.settings.bot.server())))
    }

    pub(super) async fn zoom(&self, tx: &mut Tx, ask: &Ask<'_>, number: &str) -> Result<Outcome> {
        let none = || {
            let said = format!(
                "Not done: there is no ticket {number} that you may see. This is how: {}zoom NUMBER",
                self.settings.prefix
            );
            Ok(Outcome::Refused(Said::plain(words::defuse(&said))))
        };
        let Some(parsed) = Number::parse(number.trim_matches(['[', ']'])) else { return none() };
        let Some(ticket) = tx.tickets().numbered(&parsed).await? else { return none() };
        let ticket = tx.tickets().get(ticket).await?;
        // What one may not see is not told from what is not there (R33).
        if !ask.agent.sees(ticket.queue) {
            return none();
        }
        let queue = tx.queues().get(ticket.queue).await?;
        let thread = match &queue.room {
            Some(room) => tx.threads().get(ticket.id, room).await?.map(|thread| (room.clone(), thread.root)),
            None => None,
        };
        let line =
            format!("#{} {} · {} · {}", ticket.number, words::defuse(&ticket.subject), ticket.state.name(), queue.name);
        let place = thread.as_ref().map(|(room, root)| (room, root));
        Ok(Outcome::Told(words::zoom(&line, place, self.settings.bot.server())))
    }

    pub(super) fn help(&self, command: Option<&str>) -> Outcome {
        match words::help(&self.settings.prefix, command) {
            Some(said) => Outcome::Told(said),
            None => Outcome::Refused(Said::plain(format!(
                "There is no such command. {}help lists them all.",
                self.settings.prefix
            ))),
        }
    }
}
