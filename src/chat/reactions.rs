//! Reactions that do something.

use super::commands::{self, Command};
use super::entry::ReactedTo;
use super::event::ChatEvent;
use super::perform::perform;
use super::place::Place;
use super::reply::{Reply, Voice};
use super::request::{Request, Said};
use super::words;
use crate::desk::conversation::held_mail::HeldDecision;
use crate::desk::conversation::{self, Cause, Context, Locks, Stop, customer, held_mail, newcomer};
use crate::desk::{Desk, mark};
use crate::domain::article::Visibility;
use crate::domain::id::{ArticleId, EventId};
use crate::domain::queue::Agent;
use crate::domain::ticket::Ticket;
use crate::store::{Result, Tx};

/// What a reaction decides about a held mail.
fn decision(key: &str) -> Option<HeldDecision> {
    match key {
        mark::DONE | "📥" => Some(HeldDecision::Join),
        "🆕" => Some(HeldDecision::Split),
        "🗑" | mark::NO => Some(HeldDecision::Discard),
        _ => None,
    }
}

/// Handles a reaction of an agent. A reaction can't be reacted to in a way that anybody sees: what was done, cards and
/// entries show; what was not done is said. One that means nothing, or of somebody who may not, is left alone.
pub(super) async fn handle(
    desk: &Desk,
    tx: &mut Tx,
    event: &ChatEvent,
    (to, key): (&EventId, &str),
    agent: &Agent,
) -> Result<()> {
    let cause = Cause { room: &event.room, event: &event.id, at: event.sent_at };
    let about = tx.threads().ticket_of(to).await?;
    let mut context = Context::of(desk, tx, agent, Some(cause));
    let ticket = match about {
        Some((ticket, _)) => match conversation::open(&mut context, ticket, Locks::Ticket).await {
            Ok(ticket) => Some(ticket),
            Err(Stop::Refused(_)) => return Ok(()),
            Err(Stop::Store(error)) => return Err(error),
        },
        None => None,
    };
    let id = ticket.as_ref().map(|ticket| ticket.id);
    let reply = match (command(&mut context, ticket.as_ref(), to, key).await?, ticket, about) {
        (Some(command), ticket, _) => {
            let place = if ticket.is_some() { Place::Thread } else { Place::Queue };
            let said = Said::reaction(to);
            let (cause, list) = (Some(cause), commands::LIST);
            perform(Request { context, cause, said, place, queue: None, ticket, list, behind: None }, command).await?
        }
        (None, Some(mut ticket), Some((_, Some(article)))) => {
            match on_mail(&mut context, &mut ticket, article, key).await? {
                Some(reply) => reply,
                None => return Ok(()),
            }
        }
        _ => return Ok(()),
    };
    reply.say(tx, (&event.room, to), id);
    Ok(())
}

/// The command that a reaction stands for.
async fn command(
    context: &mut Context<'_>,
    ticket: Option<&Ticket>,
    to: &EventId,
    key: &str,
) -> Result<Option<Command>> {
    for entry in commands::LIST {
        if let Some(reaction) = entry.reaction.filter(|reaction| reaction.keys.contains(&key))
            && is(context, ticket, to, reaction.on).await?
        {
            return Ok(Command::without_arguments(entry));
        }
    }
    Ok(None)
}

/// Whether an event is what a command's reaction counts on.
async fn is(context: &mut Context<'_>, ticket: Option<&Ticket>, event: &EventId, what: ReactedTo) -> Result<bool> {
    match (what, ticket) {
        (ReactedTo::Card, Some(ticket)) => {
            Ok(context.thread_of(ticket).await?.is_some_and(|(_, thread)| thread.root == *event))
        }
        (ReactedTo::Answer, Some(ticket)) => {
            Ok(context.tx.letters().of_command(ticket.id, Some(event)).await?.is_some()
                || context.tx.scheduled().of_event(event).await?.is_some())
        }
        (ReactedTo::QuarantineEntry, None) => Ok(context.tx.quarantine().of_event(event).await?.is_some()),
        (ReactedTo::QuarantineEntryOrDay, None) => {
            let is_entry = context.tx.quarantine().of_event(event).await?.is_some();
            Ok(is_entry || context.tx.quarantine_days().of_event(event).await?.is_some())
        }
        _ => Ok(false),
    }
}

/// What a reaction on a mail means: of a stranger's what becomes of it, of somebody's who is new that they take part, of
/// one that wants its answer elsewhere that it is to go there.
async fn on_mail(
    context: &mut Context<'_>,
    ticket: &mut Ticket,
    article: ArticleId,
    key: &str,
) -> Result<Option<Reply>> {
    let mail = context.tx.articles().get(article).await?;
    let is_held = mail.visibility == Visibility::Held;
    let is_new = !is_held && decision(key) == Some(HeldDecision::Join) && newcomer::let_in(context, &mail).await?;
    if is_new {
        return Ok(None);
    }
    let is_for_writer = mail.customer == Some(ticket.customer);
    let voice = Voice::of(context.settings);
    context.tx.savepoint().await?;
    let outcome = match (decision(key), &mail.reply_to) {
        (Some(decision), _) if is_held => held_mail::decide(context, ticket, &mail, decision).await.map(|()| None),
        (Some(HeldDecision::Join), Some(wanted)) if is_for_writer => {
            customer::set(context, ticket, wanted).await.map(|held| {
                Some(held.map_or_else(|| words::answers_go_to(wanted), |to| words::held_answer_goes_to(&to, voice)))
            })
        }
        _ => return Ok(None),
    };
    match outcome {
        Ok(said) => Ok(said.map(Reply::told)),
        Err(Stop::Refused(refusal)) => {
            context.tx.back_to_savepoint().await?;
            Ok(Some(Reply::refused(words::refusal(&refusal, "", voice))))
        }
        Err(Stop::Store(error)) => Err(error),
    }
}
