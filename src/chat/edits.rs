//! Somebody changed or took back what they had said.

use super::commands::{Answer, Command};
use super::event::ChatEvent;
use super::grammar::{Parsed, parse};
use super::reply::Voice;
use super::words;
use crate::desk::conversation::refusal::EditRefusal;
use crate::desk::conversation::{self, Cause, Context, Locks, NotAllowed, Stop, note, rewrite, schedule, undo};
use crate::desk::words::Said;
use crate::desk::{Desk, projection, reply, say};
use crate::domain::article::Kind;
use crate::domain::id::{ArticleId, EventId, ScheduledId, TicketId};
use crate::domain::queue::Agent;
use crate::domain::ticket::Actor;
use crate::store::{Result, Tx};

/// An edit is never a command (R29). It changes a note, or an answer while that is held.
pub(super) async fn edited(
    desk: &Desk,
    tx: &mut Tx,
    event: &ChatEvent,
    (of, text): (&EventId, &str),
    agent: &Agent,
) -> Result<()> {
    if tx.events().sender_of(of).await?.as_ref() != Some(&event.sender) {
        return Ok(());
    }
    let ticket = tx.threads().ticket_of(of).await?.map(|(ticket, _)| ticket);
    if let Some(ticket) = ticket
        && let Some(id) = tx.scheduled().of_event(of).await?
        && let Some(said) = edit_of_scheduled(desk, tx, event, (of, text), agent, (ticket, id)).await?
    {
        reply(tx, &event.room, Some(ticket), of, said);
        return Ok(());
    }
    let article = tx.articles().of_event(of).await?;
    let said = match (article, ticket) {
        (Some(article), Some(ticket)) => edit_of_article(desk, tx, event, (of, text), agent, (ticket, article)).await?,
        _ if parse(&desk.settings().prefix, text) == Parsed::Text => None,
        _ => Some(words::edits_are_no_commands()),
    };
    if let Some(said) = said {
        reply(tx, &event.room, ticket, of, said);
    }
    Ok(())
}

/// Changes an agent's note or held answer, and returns what there is to say of that.
async fn edit_of_article(
    desk: &Desk,
    tx: &mut Tx,
    event: &ChatEvent,
    (of, text): (&EventId, &str),
    agent: &Agent,
    (ticket, (article, kind)): (TicketId, (ArticleId, Kind)),
) -> Result<Option<Said>> {
    if !agent.works_in(tx.tickets().get(ticket).await?.queue) {
        return Ok(Some(words::not_allowed(NotAllowed::of(agent))));
    }
    let is_note = kind == Kind::Note;
    Ok(match parse(&desk.settings().prefix, text) {
        Parsed::Text if is_note => note::change(tx, article, text).await.map(|()| None)?,
        Parsed::Command(Command::Note(edited)) if is_note => {
            note::change(tx, article, edited.text.as_str()).await.map(|()| None)?
        }
        Parsed::Command(Command::Answer(edited)) if kind == Kind::Answer && edited.at.is_some() => {
            Some(words::edit_refused(&EditRefusal::Moment.into(), Voice::of(desk.settings())))
        }
        Parsed::Command(Command::Answer(edited)) if kind == Kind::Answer => {
            let cause = Cause { room: &event.room, event: of, at: event.sent_at };
            let context = Context::of(desk, tx, agent, Some(cause));
            Some(edit_answer(context, ticket, (cause, article), edited).await?)
        }
        _ if kind == Kind::Answer => Some(words::edit_is_no_answer(Voice::of(desk.settings()))),
        _ => Some(words::edits_are_no_commands()),
    })
}

/// Changes an answer that waits for a moment, and returns what there is to say of that; `None` if it waits no more.
async fn edit_of_scheduled(
    desk: &Desk,
    tx: &mut Tx,
    event: &ChatEvent,
    (of, text): (&EventId, &str),
    agent: &Agent,
    (ticket, id): (TicketId, ScheduledId),
) -> Result<Option<Said>> {
    let voice = Voice::of(desk.settings());
    let mut context = Context::of(desk, tx, agent, Some(Cause { room: &event.room, event: of, at: event.sent_at }));
    let mut ticket = match conversation::open(&mut context, ticket, Locks::Ticket).await {
        Ok(ticket) => ticket,
        Err(Stop::Refused(_)) => return Ok(Some(words::not_allowed(NotAllowed::OtherQueues))),
        Err(Stop::Store(error)) => return Err(error),
    };
    let Some(row) = context.tx.scheduled().lock(id).await?.filter(|row| row.state.is_open()) else { return Ok(None) };
    let Parsed::Command(Command::Answer(edited)) = parse(&desk.settings().prefix, text) else {
        return Ok(Some(words::edit_is_no_answer(voice)));
    };
    let Some(when) = edited.at else {
        return Ok(Some(words::edit_refused(&EditRefusal::Moment.into(), voice)));
    };
    context.tx.savepoint().await?;
    let changed = match edited.draft(&mut context, &ticket, vec![]).await {
        Ok(draft) => schedule::change(&mut context, &mut ticket, &row, (&draft, when)).await,
        Err(stop) => Err(stop),
    };
    match changed {
        Ok(at) => Ok(Some(words::waits_until(&at, voice))),
        Err(Stop::Refused(refusal)) => {
            context.tx.back_to_savepoint().await?;
            Ok(Some(words::edit_refused(&refusal, voice)))
        }
        Err(Stop::Store(error)) => Err(error),
    }
}

async fn edit_answer(
    mut context: Context<'_>,
    ticket: TicketId,
    answer: (Cause<'_>, ArticleId),
    edited: Answer,
) -> Result<Said> {
    let ticket = match conversation::open(&mut context, ticket, Locks::Ticket).await {
        Ok(ticket) => ticket,
        Err(Stop::Refused(_)) => return Ok(words::not_allowed(NotAllowed::OtherQueues)),
        Err(Stop::Store(error)) => return Err(error),
    };
    context.tx.savepoint().await?;
    let changed = match edited.draft(&mut context, &ticket, vec![]).await {
        Ok(draft) => rewrite::rewrite(&mut context, &ticket, answer, &draft).await,
        Err(stop) => Err(stop),
    };
    match changed {
        Ok(()) => Ok(words::answer_changed()),
        Err(Stop::Refused(refusal)) => {
            context.tx.back_to_savepoint().await?;
            Ok(words::edit_refused(&refusal, Voice::of(context.settings)))
        }
        Err(Stop::Store(error)) => Err(error),
    }
}

/// A message is taken back: by whoever wrote it, agent or no longer one, or by another agent of its queue. With it goes
/// the note that it was, or the answer that it asked for, while that is held.
pub(super) async fn redacted(
    desk: &Desk,
    tx: &mut Tx,
    event: &ChatEvent,
    of: &EventId,
    agent: Option<&Agent>,
) -> Result<()> {
    let ticket = tx.threads().ticket_of(of).await?.map(|(ticket, _)| ticket);
    let ticket = match ticket {
        Some(ticket) => Some(tx.tickets().lock(ticket).await?),
        None => None,
    };
    if event.sender != desk.settings().bot {
        projection::taken_away(tx, of).await?;
    }
    let Some(mut ticket) = ticket else { return Ok(()) };
    let is_own = tx.events().sender_of(of).await?.as_ref() == Some(&event.sender);
    if !is_own && !agent.is_some_and(|agent| agent.works_in(ticket.queue)) {
        return Ok(());
    }
    let actor = agent.map_or(Actor::System, |agent| Actor::Agent(agent.id, Some(event.id.clone())));
    if let Some(id) = tx.scheduled().of_event(of).await?
        && let Some(row) = tx.scheduled().lock(id).await?
        && schedule::cancel(tx, &row, &actor).await?
    {
        say(tx, &event.room, ticket.id, words::answer_redacted(), vec![]);
        return Ok(());
    }
    if let Some(letter) = tx.letters().of_command(ticket.id, Some(of)).await? {
        let said = match undo::take_back(tx, &mut ticket, letter, &actor).await {
            Ok(()) => words::answer_redacted(),
            Err(Stop::Refused(refusal)) => words::redaction_refused(&refusal, Voice::of(desk.settings())),
            Err(Stop::Store(error)) => return Err(error),
        };
        say(tx, &event.room, ticket.id, said, vec![]);
        return Ok(());
    }
    match tx.articles().of_event(of).await? {
        Some((note, Kind::Note)) => note::delete(tx, ticket.id, note, &actor).await,
        _ => Ok(()),
    }
}
