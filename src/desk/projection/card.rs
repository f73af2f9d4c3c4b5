//! A ticket's card.

use chrono::{DateTime, Utc};

use super::article::{body_of, marker_of};
use super::board::Outdated;
use super::difference::{Telling, Wanted};
use super::{Projection, room_of};
use crate::desk::failure::Outcome;
use crate::desk::post::{Marker, Post, Tone};
use crate::desk::words::{self, Card, Target};
use crate::domain::article::Sender;
use crate::domain::id::{TicketId, UserId};
use crate::domain::number::Number;
use crate::domain::queue::{NotifyNew, Queue};
use crate::domain::ticket::{State, Ticket};
use crate::domain::wall_clock::WallClock;
use crate::store::Tx;
use crate::store::articles::ArticleRow;
use crate::store::projections::Subject;

impl Projection<'_> {
    /// Posts a ticket's card, or edits it.
    pub(super) async fn card(&self, id: TicketId) -> Outcome {
        let mut tx = self.store.begin().await?;
        let ticket = tx.tickets().get(id).await?;
        let queue = tx.queues().get(ticket.queue).await?;
        let room = room_of(&queue)?;
        let first = match tx.articles().first_of(id).await? {
            Some(first) => Some(tx.articles().get(first).await?),
            None => None,
        };
        let mut post = compose(&mut tx, &ticket, &queue, first.as_ref()).await?;
        let telling = Telling::of(tx.remirrors().covers(queue.id, id).await?);
        if telling == Telling::Anew {
            // It was called for when it was new.
            post = Post { tone: Tone::Notice, mentions: Vec::new(), calls_room: false, ..post };
        }
        drop(tx);
        let _ = self.outdated.set(Outdated::Queue(queue.id));
        if let Some(first) = &first {
            self.illustrate(&room, first.id, &mut post.said).await?;
        }
        let on_card = first.filter(|first| first.on_card).map(|first| first.id);
        let subject = Subject::Card(id);
        let about = Some((id, on_card));
        let is_needed = !ticket.state.is_over();
        self.show(&Wanted { is_needed, telling, about, ..Wanted::of(subject, room, Some(post)) }).await
    }
}

/// A ticket's card.
pub(super) async fn compose_card(tx: &mut Tx, ticket: &Ticket, queue: &Queue) -> Outcome<Post> {
    let first = match tx.articles().first_of(ticket.id).await? {
        Some(first) => Some(tx.articles().get(first).await?),
        None => None,
    };
    compose(tx, ticket, queue, first.as_ref()).await
}

async fn compose(tx: &mut Tx, ticket: &Ticket, queue: &Queue, first: Option<&ArticleRow>) -> Outcome<Post> {
    let customer = tx.customers().get(ticket.customer).await?;
    let owner = match ticket.owner {
        Some(owner) => Some(tx.agents().get(owner).await?.user),
        None => None,
    };
    let exchange = tx.articles().exchange(ticket.id).await?;
    let on_card = first.filter(|first| first.on_card);
    let card = Card {
        ticket,
        merged_into: merged_into(tx, ticket).await?,
        alerts: tx.alert_groups().firing(ticket.id).await?,
        copies: on_card.and_then(|first| first.copies.as_deref()),
        queue,
        clock: WallClock::new(queue.time_zone, tx.now()),
        customer: &customer,
        owner: owner.as_ref(),
        first: first.map(body_of),
        is_ours: first.is_some_and(|first| first.sender == Sender::Agent),
        is_whole: on_card.is_some(),
        written_at: first.filter(|first| first.is_imported()).and_then(|first| first.written_at),
        is_holding: tx.merges().holds_mail(ticket.id).await?,
        scheduled: scheduled(tx, ticket).await?,
        wanted: on_card.and_then(|first| first.wanted_elsewhere(&customer)),
        exchange: &exchange,
    };
    let article = on_card.map(|first| marker_of(ticket, first));
    let post = Post::text(words::card(&card)).marked(Marker::Card(words::ticket_marker(&card), article));
    // An archive calls nobody.
    let is_imported = first.is_some_and(ArticleRow::is_imported);
    Ok(match &queue.notify_new {
        NotifyNew::List(users) if !is_imported => post.calling(users.clone()),
        NotifyNew::Room if !is_imported => post,
        _ => Post { tone: Tone::Notice, ..post },
    })
}

/// The answer of a ticket that goes out next at a moment.
async fn scheduled(tx: &mut Tx, ticket: &Ticket) -> Outcome<Option<(UserId, DateTime<Utc>, bool)>> {
    let Some((_, agent, at, is_stopped)) = tx.scheduled().open_of(ticket.id).await?.into_iter().next() else {
        return Ok(None);
    };
    Ok(Some((tx.agents().get(agent).await?.user, at, is_stopped)))
}

/// The ticket that one is part of, and where its thread ends.
async fn merged_into(tx: &mut Tx, ticket: &Ticket) -> Outcome<Option<(Number, Option<Target>)>> {
    if ticket.state != State::Merged {
        return Ok(None);
    }
    let Some((target, number)) = tx.merges().target(ticket.id).await? else { return Ok(None) };
    let target = tx.tickets().get(target).await?;
    let Some(room) = tx.queues().get(target.queue).await?.room else { return Ok(Some((number, None))) };
    let thread = tx.threads().get(target.id, &room).await?;
    Ok(Some((number, thread.map(|thread| Target::Event(room, thread.last)))))
}
