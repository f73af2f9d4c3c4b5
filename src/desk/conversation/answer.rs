//! Writing to the customer.

use std::time::Duration;

use super::article::{self, Written};
use super::care;
use super::context::Context;
use super::draft::Draft;
use super::pending::moment;
use super::recipients::{self, LeftOut};
use super::refusal::{AnswerRefusal, Outcome};
use super::state;
use crate::desk::outbound::outgoing::{self, Outgoing};
use crate::desk::{is_ours, words};
use crate::domain::article::Answer;
use crate::domain::id::{ArticleId, EmailAddress};
use crate::domain::ticket::{Action, State, Ticket, TicketEvent};
use crate::store::customers::Customer;
use crate::store::files::AgentFile;
use crate::store::{Result, Tx, jobs};

/// What there is to say of an answer that is held now.
#[derive(Clone, Debug, PartialEq)]
pub struct Answered {
    /// The article that it is.
    pub article: ArticleId,
    /// Who gets it, the customer first.
    pub to: Vec<EmailAddress>,
    /// What the ticket is with it.
    pub next: State,
    /// How long it can be taken back.
    pub hold: Duration,
    /// It was to close the ticket, which stays open: a mail of the customer is on its way into the thread, unread.
    pub stays_open: bool,
    /// The files that go with it, and how many bytes each is.
    pub files: Vec<(String, u64)>,
    /// It was to go to all, and nobody else takes part.
    pub is_for_customer_alone: bool,
    /// Who wrote last and does not get it (R40).
    pub left_out: Option<LeftOut>,
}

/// Mails the customer, and closes and unlocks if so asked, in one transaction. The mail is held for a moment.
pub async fn answer(context: &mut Context<'_>, ticket: &mut Ticket, draft: &Draft) -> Outcome<Answered> {
    // A mail that is not in the thread yet can't have been read by who closes: the answer is sent,
    // and the ticket stays open for it.
    let stays_open = draft.next.is_closed() && state::has_unseen_mail(context, ticket).await?;
    let next = if stays_open { State::Open } else { draft.next };
    let customer = context.tx.customers().get(ticket.customer).await?;
    // The ticket's rules first: whoever must not answer need not hear of the rest.
    let until = match draft.until {
        Some(when) => Some(moment(context, ticket, when).await?),
        None => None,
    };
    context.act(ticket, Action::Answer { next, until }).await?;
    must_be_reachable(context.tx, ticket, &customer, draft.is_sure).await?;
    care::must_be_meant(context.tx, ticket, draft).await?;
    let others = recipients::others(context.tx, ticket, draft).await?;
    let files = recipients::files(context, ticket, draft).await?;
    let article = write(context, ticket, &draft.text, &files).await?;
    let answer = Answer { article, ticket: ticket.id, author: context.by.id, markdown: draft.text.clone() };
    freeze(context, ticket, &customer, &others, &answer).await?;
    if stays_open {
        context.say(ticket, words::stays_open(), vec![context.by.user.clone()]).await?;
    }
    Ok(Answered {
        article,
        stays_open,
        to: std::iter::once(&customer).chain(&others).map(|to| to.address.clone()).collect(),
        next,
        hold: context.settings.answer_delay,
        files: files.into_iter().map(|file| (file.name, file.kept.size)).collect(),
        is_for_customer_alone: draft.to_all && others.is_empty(),
        left_out: recipients::left_out(context.tx, ticket, &customer, &others).await?,
    })
}

async fn must_be_reachable(tx: &mut Tx, ticket: &Ticket, customer: &Customer, is_sure: bool) -> Outcome<()> {
    if customer.address.is_nobodys() {
        return Err(AnswerRefusal::NobodyKnown.into());
    }
    if is_ours(tx, &customer.address).await? {
        return Err(AnswerRefusal::ToDesk(customer.address.clone()).into());
    }
    if customer.address.is_unattended() && !is_sure {
        let address = customer.address.clone();
        return Err(AnswerRefusal::Unattended { address, wanted: wanted_elsewhere(tx, ticket).await? }.into());
    }
    Ok(())
}

/// Where the ticket's first mail wants its answer, if somebody reads what comes there.
async fn wanted_elsewhere(tx: &mut Tx, ticket: &Ticket) -> Result<Option<EmailAddress>> {
    let Some(first) = tx.articles().first_of(ticket.id).await? else { return Ok(None) };
    let wanted = tx.articles().get(first).await?.reply_to;
    Ok(wanted.filter(|wanted| !wanted.is_unattended()))
}

/// Writes the answer as an article of the ticket.
async fn write(context: &mut Context<'_>, ticket: &Ticket, text: &str, files: &[AgentFile]) -> Result<ArticleId> {
    let article = article::write(context, ticket, Written::Answer, text).await?;
    context.show_elsewhere(ticket, article).await?;
    let written = TicketEvent::AnswerWritten { article, next: ticket.state };
    context.record(ticket.id, &written).await?;
    for (position, file) in files.iter().enumerate() {
        let file = context.tx.files().add(article, position + 1, &file.as_new()).await?;
        // What an agent puts into the thread stands there.
        if context.cause.is_none() {
            context.tx.enqueue(jobs::File { ticket: ticket.id, file });
        }
    }
    Ok(article)
}

/// Freezes the answer's mails, one for each who gets it.
async fn freeze(
    context: &mut Context<'_>,
    ticket: &Ticket,
    customer: &Customer,
    others: &[Customer],
    answer: &Answer,
) -> Outcome<()> {
    let queue = context.tx.queues().get(ticket.queue).await?;
    let command = context.cause.map(|cause| (cause.room, cause.event));
    let out = Outgoing { ticket, queue: &queue, customer, others, answer, command };
    Ok(outgoing::freeze(&mut context.outbound(), &out).await?)
}
