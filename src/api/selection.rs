//! Which tickets a list has.

use super::cursor::Cursor;
use super::problem::Problem;
use super::query::Query;
use super::shape::TicketShape;
use super::visit::seen;
use crate::desk::conversation::search::{self, Term};
use crate::desk::conversation::{Context, lists};
use crate::domain::id::{EmailAddress, QueueId, TicketId, UserId};
use crate::domain::ticket::State;
use crate::store::page::Page;
use crate::store::readouts::{Holder, Selection, Spot};

/// A page of the tickets that are asked for, and where the next one begins.
pub(super) async fn page(
    context: &mut Context<'_>,
    query: &Query,
) -> Result<(Vec<TicketShape>, Option<String>), Problem> {
    let (limit, after) = (query.limit()?, query.after()?);
    let Some(wanted) = selection(context, query).await? else { return Ok((vec![], None)) };
    let queues = seen(context).await?;
    let (tickets, next) = if let Some(words) = query.get("q") {
        let skip = match after {
            None => 0,
            Some(Cursor::Hits(skip)) => skip,
            Some(_) => return Err(Query::no_cursor()),
        };
        found(context, words, wanted, (skip, limit)).await?
    } else {
        let after = match after {
            None => None,
            Some(Cursor::Ticket(spot)) => Some(spot),
            Some(_) => return Err(Query::no_cursor()),
        };
        listed(context, &wanted, (after, limit)).await?
    };
    let heads = context.tx.readouts().heads(&tickets, Some(&queues)).await?;
    Ok((heads.into_iter().map(TicketShape::from).collect(), next.map(Cursor::word)))
}

/// The youngest tickets behind one.
async fn listed(
    context: &mut Context<'_>,
    wanted: &Selection,
    (after, limit): (Option<Spot>, i64),
) -> Result<(Vec<TicketId>, Option<Cursor>), Problem> {
    let mut spots = context.tx.readouts().page(wanted, Page { after, most: limit + 1 }).await?;
    let limit = usize::try_from(limit).unwrap_or_default();
    let is_more = spots.len() > limit;
    spots.truncate(limit);
    let next = spots.last().filter(|_| is_more).map(|last| Cursor::Ticket(*last));
    Ok((spots.into_iter().map(|spot| spot.ticket).collect(), next))
}

/// Tickets with these words.
async fn found(
    context: &mut Context<'_>,
    words: &str,
    selection: Selection,
    (skip, limit): (i64, i64),
) -> Result<(Vec<TicketId>, Option<Cursor>), Problem> {
    let mut wanted = search::wanted(context, &terms(words)).await?;
    wanted.queues.retain(|queue| selection.queues.contains(queue));
    if wanted.states.is_empty() {
        wanted.states = selection.states;
    } else {
        wanted.states.retain(|state| selection.states.contains(state));
    }
    if let Some(Holder::Agent(owner)) = selection.holder {
        wanted.owner = Some(owner);
    }
    wanted.from = selection.customer.or(wanted.from);
    if wanted.states.is_empty() || wanted.queues.is_empty() {
        return Ok((vec![], None));
    }
    let found = context.tx.searches().find(&wanted, skip, limit).await?;
    let next = (skip + limit < found.total).then_some(Cursor::Hits(skip + limit));
    Ok((found.lines.into_iter().map(|(line, _)| line.place.ticket).collect(), next))
}

/// What is asked for; `None`: nobody has written from that address, so there is nothing.
async fn selection(context: &mut Context<'_>, query: &Query) -> Result<Option<Selection>, Problem> {
    let queues: Vec<QueueId> = match query.get("queue") {
        Some(name) => vec![lists::queue_named(context, name).await?.id],
        None => seen(context).await?,
    };
    let states = match query.get("state") {
        Some(names) => states(names)?,
        None => State::ALL.to_vec(),
    };
    let holder = match query.get("owner") {
        Some(name) => Some(holder(context, name).await?),
        None => None,
    };
    if query.get("q").is_some() && holder == Some(Holder::Nobody) {
        return Err(Problem::wrong("`owner=none` is not for a search."));
    }
    let customer = match query.get("customer") {
        Some(address) => {
            let address =
                EmailAddress::parse(address).ok_or_else(|| Problem::wrong(format!("{address} is no mail address.")))?;
            let Some(customer) = context.tx.customers().find(&address).await? else { return Ok(None) };
            Some(customer)
        }
        None => None,
    };
    Ok(Some(Selection { queues, states, holder, customer }))
}

fn states(names: &str) -> Result<Vec<State>, Problem> {
    let mut all = Vec::new();
    for name in names.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        let fitting = search::states(name).ok_or_else(|| Problem::wrong(format!("There is no state {name}.")))?;
        all.extend(fitting.into_iter().filter(|state| !all.contains(state)).collect::<Vec<_>>());
    }
    Ok(all)
}

async fn holder(context: &mut Context<'_>, name: &str) -> Result<Holder, Problem> {
    match name {
        "none" => Ok(Holder::Nobody),
        "me" => Ok(Holder::Agent(context.by.id)),
        _ => {
            let agent = match UserId::parse(name) {
                Some(user) => context.tx.agents().by_user(&user).await?,
                None => None,
            };
            let none = || Problem::wrong(format!("{name} is no agent of this desk."));
            agent.map(|agent| Holder::Agent(agent.id)).ok_or_else(none)
        }
    }
}

/// Words as they are searched for; what stands in double quotes is one.
fn terms(words: &str) -> Vec<Term> {
    let part = |(n, part): (usize, &str)| -> Vec<Term> {
        let is_quoted = n % 2 == 1;
        let whole = Term { text: part.to_owned(), is_quoted };
        if is_quoted {
            return vec![whole];
        }
        part.split_whitespace().map(|word| Term { text: word.to_owned(), is_quoted }).collect()
    };
    words.split('"').enumerate().flat_map(part).filter(|term| !term.text.trim().is_empty()).collect()
}
