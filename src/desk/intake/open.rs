//! A mail opens a ticket.

use super::arrival::Arrival;
use super::context::Context;
use super::filing::add_mail;
use super::quarantine::{self, About, Reason};
use super::{related, subject};
use crate::desk::outbound::automatic::{self, Words};
use crate::desk::{refresh_card, say, words};
use crate::domain::article::Visibility;
use crate::domain::id::ArticleId;
use crate::domain::ticket::{Actor, AutomaticKind, Ticket, TicketEvent, WithheldReason};
use crate::store::Result;
use crate::store::tickets::NewTicket;

/// Opens a ticket, unless the mail's author has opened so many lately that more are only counted; `follows` is the closed one
/// that the mail would have belonged to.
pub(super) async fn open(context: &mut Context<'_>, arrival: &Arrival<'_>, follows: Option<&Ticket>) -> Result<()> {
    let most = context.settings.burst;
    let lately = if arrival.stored.is_imported {
        0
    } else {
        context.tx.tickets().opened_lately(arrival.customer.id, i64::from(most)).await?
    };
    if lately >= i64::from(most) {
        let author = &arrival.from.address;
        let (about, reason) = (About::mail(Some(author), arrival.mail), Reason::Burst(most, author.clone()));
        return quarantine::keep(context.tx, arrival.stored, about, &reason).await;
    }
    make(context, arrival, follows).await.map(drop)
}

/// Makes a ticket of a mail, however many there are.
pub(super) async fn make(context: &mut Context<'_>, arrival: &Arrival<'_>, follows: Option<&Ticket>) -> Result<Ticket> {
    let new = NewTicket {
        number: context.numbers.next(context.tx).await?,
        queue: arrival.queue.id,
        customer: arrival.customer.id,
        subject: subject::cleaned(context.tx, &arrival.mail.subject).await?,
    };
    let ticket = context.tx.tickets().create(&new).await?;
    context.tx.audit().record(ticket.id, &Actor::Customer, &TicketEvent::Created { split_from: None }).await?;
    let on_card = words::fits_card(&arrival.mail.fresh.text);
    refresh_card(context.tx, ticket.id);
    let article = add_mail(context, arrival, &ticket, Visibility::Customer, on_card).await?;
    if let Some(old) = follows {
        link(context, arrival, &ticket, old).await?;
    }
    acknowledge(context, arrival, &ticket, article).await?;
    related::tell(context.tx, arrival, &ticket).await?;
    Ok(ticket)
}

/// Tells the mail's author that it has arrived, if the queue wants that and nothing forbids it.
async fn acknowledge(
    context: &mut Context<'_>,
    arrival: &Arrival<'_>,
    ticket: &Ticket,
    cause: ArticleId,
) -> Result<()> {
    if !arrival.queue.acknowledge || !arrival.may_be_answered() {
        return Ok(());
    }
    if arrival.stored.is_imported {
        let (what, why) = (AutomaticKind::Acknowledgement, WithheldReason::Imported);
        let event = TicketEvent::AutomaticWithheld { what, why };
        return context.tx.audit().record(ticket.id, &Actor::System, &event).await;
    }
    let words = Words::acknowledgement(&arrival.queue, ticket);
    automatic::write(&mut context.outbound(), ticket, &arrival.queue, &arrival.customer, (cause, &words)).await
}

/// Ties a ticket to the closed one that its mail answered, and says so in both threads.
async fn link(context: &mut Context<'_>, arrival: &Arrival<'_>, ticket: &Ticket, old: &Ticket) -> Result<()> {
    let tx = &mut *context.tx;
    tx.tickets().link(ticket.id, old.id).await?;
    let follows = TicketEvent::Follows { older: old.number.clone() };
    tx.audit().record(ticket.id, &Actor::System, &follows).await?;
    let continued = TicketEvent::ContinuedAs { newer: ticket.number.clone() };
    tx.audit().record(old.id, &Actor::System, &continued).await?;
    tx.participants().add(ticket.id, arrival.customer.id).await?;
    if let Some(room) = &arrival.queue.room {
        let said = format!("This goes on from Ticket#{}, which is closed and stays so.", old.number);
        say(tx, room, ticket.id, words::Said::plain(said), vec![]);
    }
    if let Some(room) = &tx.queues().get(old.queue).await?.room {
        let said = format!("The customer wrote again; that is Ticket#{} now.", ticket.number);
        say(tx, room, old.id, words::Said::plain(said), vec![]);
    }
    Ok(())
}
