//! Somebody is erased (GDPR article 17): what they wrote, got, and is known of them goes; numbers, states and who did what when stay.
//!
//! It goes in steps of one transaction each, and what is done is noted with each, so whoever is killed goes on where it ended. Both the
//! command line and the running desk take steps; whoever has one holds the erasing's row. What stands in rooms is taken back last, by the
//! running desk: see [`projection`](super::projection).

use serde_json::Value;

use super::{Desk, record, refresh_card};
use crate::crash;
use crate::domain::id::{EmailAddress, ErasureId, RoomId, TicketId};
use crate::domain::ticket::{Action, Actor, State};
use crate::store::erasures::{Erasure, Step};
use crate::store::jobs::{Erase, Lane, Leased, Sweep};
use crate::store::{Result, Store, Tx};

/// How many mails or events a step takes.
const A_PAGE: i64 = 500;

/// What is looked for in words.
#[derive(Clone, Debug)]
pub struct Needles(Vec<String>);

impl Needles {
    /// The address, and the name if it is one that is nobody else's by chance: of two words, or long.
    #[must_use]
    pub fn of(address: &EmailAddress, name: &str) -> Self {
        let name = name.trim().to_lowercase();
        let is_telling = name.chars().count() >= 10 || name.split_whitespace().nth(1).is_some();
        Self([address.key()].into_iter().chain(is_telling.then_some(name)).collect())
    }

    /// Whether one of them stands there.
    #[must_use]
    pub fn are_in(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        self.0.iter().any(|needle| text.contains(needle.as_str()))
    }
}

/// The events that an event belongs to: what it answers, edits, or reacts to.
pub(super) fn related(content: &Value) -> Vec<String> {
    let relation = &content["m.relates_to"];
    let ids = [&relation["event_id"], &relation["m.in_reply_to"]["event_id"]];
    ids.into_iter().filter_map(|id| id.as_str().map(ToOwned::to_owned)).collect()
}

/// Begins to erase somebody, or says that it was begun already. From here on a mail of theirs is a new customer's.
pub async fn begin(store: &Store, address: &EmailAddress) -> Result<ErasureId> {
    let mut tx = store.begin().await?;
    let erasure = match tx.erasures().of(address).await? {
        Some(known) => known,
        None => tx.erasures().begin(address).await?,
    };
    tx.enqueue(Erase { erasure });
    tx.commit().await?;
    Ok(erasure)
}

/// The running desk goes on with it.
pub async fn go_on(desk: &Desk, leased: &Leased, job: &Erase) -> Result<()> {
    let mut tx = desk.store.begin().await?;
    tx.come_last();
    if in_record(take_step(&mut tx, job.erasure).await?) {
        tx.enqueue(job.clone());
    }
    tx.finish(leased).await?;
    crash::point("erase.before_commit");
    tx.commit().await?;
    crash::point("erase.after_commit");
    Ok(())
}

/// Takes one step, and says what comes next.
pub async fn step(store: &Store, erasure: ErasureId) -> Result<Step> {
    let mut tx = store.begin().await?;
    tx.come_last();
    let next = take_step(&mut tx, erasure).await?;
    crash::point("erase.before_commit");
    tx.commit().await?;
    crash::point("erase.after_commit");
    Ok(next)
}

/// Whether there still is something to do in the record.
#[must_use]
pub fn in_record(step: Step) -> bool {
    !matches!(step, Step::Rooms | Step::Done)
}

async fn take_step(tx: &mut Tx, id: ErasureId) -> Result<Step> {
    let erasure = tx.erasures().lock(id).await?;
    let Some(address) = erasure.address.clone() else { return Ok(Step::Done) };
    let place = match erasure.step {
        Step::Tickets => erase_next_ticket(tx, &erasure, &address).await?,
        Step::Elsewhere => erase_next_elsewhere(tx, &erasure, &address).await?,
        Step::Mails => {
            let mails = tx.erasures().mails_of(&erasure, &address, A_PAGE).await?;
            tx.erased_articles().erase_mails(&mails).await?;
            (!mails.is_empty()).then_some(0)
        }
        Step::Events => empty_next_events(tx, &erasure, &address).await?,
        Step::Rest => {
            forget_rest(tx, &erasure, &address).await?;
            None
        }
        Step::Rooms | Step::Done => return Ok(erasure.step),
    };
    let next = match (place, erasure.step) {
        (Some(_), step) => step,
        (None, Step::Tickets) => Step::Elsewhere,
        (None, Step::Elsewhere) => Step::Mails,
        (None, Step::Mails) => Step::Events,
        (None, Step::Events) => Step::Rest,
        (None, _) => {
            sweep_rooms(tx, id).await?;
            return Ok(Step::Rooms);
        }
    };
    tx.erasures().set(id, next, place.unwrap_or(0)).await?;
    Ok(next)
}

/// One of their tickets: all of it goes, whoever wrote it, and nobody works on it any more.
async fn erase_next_ticket(tx: &mut Tx, erasure: &Erasure, address: &EmailAddress) -> Result<Option<i64>> {
    let Some(id) = tx.holdings().next_ticket(erasure.customer, erasure.place).await? else { return Ok(None) };
    let stand_in = erasure.stand_in();
    let mut ticket = tx.tickets().lock(id).await?;
    let events = ticket.act(None, Action::Close { state: State::ClosedUnsuccessful }, tx.now());
    if !ticket.state.is_over() {
        record(tx, &mut ticket, &Actor::System, &events.unwrap_or_default()).await?;
    }
    let articles = tx.erased_tickets().articles(id, None).await?;
    tx.erased_articles().erase(&articles, address, &stand_in).await?;
    tx.erased_tickets().erase(id).await?;
    tx.erased_tickets().erase_history(id, address, &stand_in, true).await?;
    forget_letters(tx, id, address).await?;
    refresh_card(tx, id);
    Ok(Some(id.0))
}

/// What they wrote and got in a ticket of somebody else.
async fn erase_next_elsewhere(tx: &mut Tx, erasure: &Erasure, address: &EmailAddress) -> Result<Option<i64>> {
    let next = tx.holdings().next_elsewhere(erasure.customer, address, erasure.last_letter, erasure.place).await?;
    let Some(id) = next else { return Ok(None) };
    let stand_in = erasure.stand_in();
    tx.tickets().lock(id).await?;
    let articles = tx.erased_tickets().articles(id, Some(erasure.customer)).await?;
    tx.erased_articles().erase(&articles, address, &stand_in).await?;
    tx.erased_tickets().erase_elsewhere(id, address, &stand_in, erasure.last_letter).await?;
    tx.erased_tickets().erase_history(id, address, &stand_in, false).await?;
    forget_letters(tx, id, address).await?;
    refresh_card(tx, id);
    Ok(Some(id.0))
}

/// What could not be sent to them names them in its lane.
async fn forget_letters(tx: &mut Tx, ticket: TicketId, address: &EmailAddress) -> Result<()> {
    tx.erasures().forget_dead(Lane::letters(ticket, address).name()).await
}

/// A page of what people wrote in rooms: what belongs to what was erased, or names them, is empty now. It has been read long ago.
async fn empty_next_events(tx: &mut Tx, erasure: &Erasure, address: &EmailAddress) -> Result<Option<i64>> {
    let bodies = tx.erasures().bodies(erasure.place, erasure.last_event, A_PAGE).await?;
    let Some(last) = bodies.last().map(|body| body.row) else { return Ok(None) };
    let needles = Needles::of(address, &erasure.name);
    let mut about = Vec::new();
    for body in &bodies {
        let json: Value = serde_json::from_str(&body.body).unwrap_or_default();
        let mut events = related(&json["content"]);
        events.push(body.event.clone());
        about.push(events);
    }
    let erased = tx.erasures().erased_among(&about.concat()).await?;
    let gone = bodies
        .iter()
        .zip(&about)
        .filter(|(body, about)| about.iter().any(|event| erased.contains(event)) || needles.are_in(&body.body));
    let gone: Vec<String> = gone.map(|(body, _)| body.event.clone()).collect();
    tx.erased_articles().drop_events(&gone).await?;
    Ok(Some(last))
}

async fn forget_rest(tx: &mut Tx, erasure: &Erasure, address: &EmailAddress) -> Result<()> {
    tx.erasures().forget(erasure.customer, address).await?;
    let mut needles = tx.erasures().numbers(erasure.customer).await?;
    needles.push(address.key());
    tx.erasures().empty_answers(&needles).await
}

async fn sweep_rooms(tx: &mut Tx, erasure: ErasureId) -> Result<()> {
    let rooms: Vec<RoomId> = tx.erasures().rooms().await?.iter().filter_map(|room| RoomId::parse(room)).collect();
    tx.erasures().set_rooms(erasure, rooms.len()).await?;
    for room in rooms {
        tx.enqueue(Sweep { erasure, room, from: None });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_common_first_name_is_not_looked_for() {
        let carol = EmailAddress::parse("Carol@customer.test").expect("an address");
        assert!(Needles::of(&carol, "Carol").are_in("from CAROL@CUSTOMER.TEST:"));
        assert!(!Needles::of(&carol, "Carol").are_in("carol sings"));
        assert!(Needles::of(&carol, "Carol Canary").are_in("it was carol canary"));
    }
}
