//! A ticket has come into another queue: what its new room is to show, and its old one.

use super::{say, words};
use crate::domain::id::{QueueId, TicketId};
use crate::domain::ticket::Ticket;
use crate::store::jobs::{Article, File, Signpost};
use crate::store::{Result, Tx};

/// How many of its newest articles a ticket takes along: the thread that it leaves has all.
const MOST_CARRIED: i64 = 100;

/// Shows a ticket's articles in the room of its queue now, behind a link to the room that it left, and there a link to it.
/// Its new card has been asked for; all of it is one lane, so it comes in this order.
pub(super) async fn carry(tx: &mut Tx, ticket: &Ticket, from: QueueId) -> Result<()> {
    let (left, now) = (tx.queues().get(from).await?, tx.queues().get(ticket.queue).await?);
    if let Some(room) = &now.room {
        let thread = match &left.room {
            Some(left) => tx.threads().get(ticket.id, left).await?.map(|thread| (left.clone(), thread.root)),
            None => None,
        };
        say(tx, room, ticket.id, words::came_from(&left, thread), vec![]);
    }
    carry_articles(tx, ticket.id, MOST_CARRIED).await?;
    if let Some(room) = left.room {
        say(tx, &room, ticket.id, words::went_to(&now), vec![]);
        tx.enqueue(Signpost { ticket: ticket.id, room });
    }
    Ok(())
}

/// Shows its newest `most` articles, oldest first, in the room of its queue now.
pub(super) async fn carry_articles(tx: &mut Tx, ticket: TicketId, most: i64) -> Result<()> {
    for (article, on_card, files) in tx.articles().to_be_carried(ticket, most).await? {
        if !on_card {
            tx.enqueue(Article { ticket, article });
        }
        for file in files {
            tx.enqueue(File { ticket, file });
        }
    }
    Ok(())
}
