//! A new message: a command, or a note.

use super::commands::{self, Command};
use super::event::{ChatEvent, Message};
use super::grammar::{Parsed, parse};
use super::perform::perform;
use super::place::{Place, standing, ticket_of};
use super::reply::{Reply, Voice};
use super::request::{Request, Said, fetched};
use super::words;
use crate::desk::conversation::{self, Cause, Context, Locks, NotAllowed, Stop, lists, note};
use crate::desk::{Desk, reply};
use crate::domain::id::TicketId;
use crate::domain::queue::{Agent, Role};
use crate::store::{Result, Tx};

/// How many of their tickets somebody is led to who gave a command at the wrong place.
const MOST_WAYS: usize = 5;

/// Handles a message: a command by whoever wrote it, plain text in a ticket's thread by an agent.
pub(super) async fn handle(
    desk: &Desk,
    tx: &mut Tx,
    event: &ChatEvent,
    message: &Message,
    agent: Option<&Agent>,
) -> Result<()> {
    let parsed = if message.may_command { parse(&desk.settings().prefix, &message.text) } else { Parsed::Text };
    let ticket = ticket_of(tx, message).await?;
    if let Some(ticket) = ticket {
        tx.threads().add_event(&event.id, &event.room, ticket, None).await?;
        if message.thread.is_some() {
            tx.threads().set_last_event(ticket, &event.room, &event.id).await?;
        }
    }
    let answer = match (parsed, agent) {
        (Parsed::Text, Some(agent)) => return plain_text(desk, tx, event, message, (ticket, agent)).await,
        (Parsed::Text, None) => return Ok(()),
        (_, None) => Reply::refused(words::not_allowed(NotAllowed::Stranger)),
        (Parsed::Mistake(mistake), Some(agent)) => match standing(tx, &event.room, agent, ticket).await? {
            Ok(_) => Reply::refused(words::mistake(&mistake, Voice::of(desk.settings()))),
            Err(why) => Reply::refused(words::not_allowed(why)),
        },
        (Parsed::Command(command), Some(agent)) => {
            command_of(desk, tx, event, message, (command, agent, ticket)).await?
        }
    };
    answer.mark(tx, (&event.room, &event.id), ticket);
    Ok(())
}

/// Rights and place are looked at here, once, for every command that somebody writes.
async fn command_of(
    desk: &Desk,
    tx: &mut Tx,
    event: &ChatEvent,
    message: &Message,
    (command, agent, ticket): (Command, &Agent, Option<TicketId>),
) -> Result<Reply> {
    let queue = match standing(tx, &event.room, agent, ticket).await? {
        Ok(queue) => queue,
        Err(why) => return Ok(Reply::refused(words::not_allowed(why))),
    };
    let cause = Cause { room: &event.room, event: &event.id, at: event.sent_at };
    let mut context = Context::of(desk, tx, agent, Some(cause));
    let ticket = match ticket {
        Some(ticket) => match conversation::open(&mut context, ticket, command.entry().locks).await {
            Ok(ticket) => Some(ticket),
            Err(stop) => return refused_at_the_door(stop),
        },
        None => None,
    };
    let place = Place::of(ticket.as_ref(), queue.as_ref());
    let entry = command.entry();
    if entry.role == Role::Admin && agent.role != Role::Admin {
        return Ok(Reply::refused(words::not_allowed(NotAllowed::AdminsOnly)));
    }
    if !entry.places.contains(&place) {
        let tickets = lists::mine(&mut context, lists::Begin::at(1)).await?.lines;
        let tickets: Vec<_> = tickets.into_iter().take(MOST_WAYS).collect();
        let queues = lists::queues(&mut context).await?;
        return Ok(Reply::refused(words::wrong_place(entry, &tickets, &queues, Voice::of(desk.settings()))));
    }
    let (said, cause, list) = (Said::message(message), Some(cause), commands::LIST);
    let request = Request { context, cause, said, place, queue, ticket, list, behind: None };
    perform(request, command).await
}

fn refused_at_the_door(stop: Stop) -> Result<Reply> {
    match stop {
        Stop::Refused(_) => Ok(Reply::refused(words::not_allowed(NotAllowed::OtherQueues))),
        Stop::Store(error) => Err(error),
    }
}

/// Talk is left alone; but in a thread of the bot's that is no ticket's, such as a list's, somebody may take it for a note.
async fn talk(tx: &mut Tx, event: &ChatEvent, message: &Message, agent: &Agent) -> Result<()> {
    let Some(root) = &message.thread else { return Ok(()) };
    let is_queues = standing(tx, &event.room, agent, None).await?.is_ok_and(|queue| queue.is_some());
    // What people write is recorded; what is not is the bot's own.
    if is_queues && tx.events().sender_of(root).await?.is_none() {
        Reply::refused(words::no_tickets_thread()).mark(tx, (&event.room, &event.id), None);
    }
    Ok(())
}

/// Plain text in a ticket's thread is an internal note; elsewhere it is talk.
async fn plain_text(
    desk: &Desk,
    tx: &mut Tx,
    event: &ChatEvent,
    message: &Message,
    (ticket, agent): (Option<TicketId>, &Agent),
) -> Result<()> {
    let file = message.file.as_ref().map(|file| format!("[file: {}] ", file.name)).unwrap_or_default();
    let text = format!("{file}{}", message.text);
    if text.trim().is_empty() {
        return Ok(());
    }
    let Some(ticket) = ticket else { return talk(tx, event, message, agent).await };
    let cause = Cause { room: &event.room, event: &event.id, at: event.sent_at };
    let mut context = Context::of(desk, tx, agent, Some(cause));
    let ticket = match conversation::open(&mut context, ticket, Locks::Ticket).await {
        Ok(ticket) => ticket,
        Err(Stop::Refused(_)) => return Ok(()),
        Err(Stop::Store(error)) => return Err(error),
    };
    let note = note::write(&mut context, &ticket, text.trim_end()).await?;
    let Some(file) = &message.file else { return Ok(()) };
    match fetched(tx, &event.id, file).await? {
        Some(Ok(file)) => tx.files().add(note, 1, &file.as_new()).await.map(drop),
        Some(Err(why)) => {
            reply(tx, &event.room, Some(ticket.id), &event.id, words::file_not_kept(&why));
            Ok(())
        }
        None => Ok(()),
    }
}
