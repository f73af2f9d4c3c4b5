//! Which links are good, for what and for whom.

use chrono::TimeDelta;

use crate::desk::Settings;
use crate::domain::id::LetterId;
use crate::domain::queue::Queue;
use crate::domain::ticket::{State, Ticket};
use crate::domain::token::Keys;
use crate::store::customers::Customer;
use crate::store::{Result, Tx};

/// How long after a ticket's last article its links are good.
const GOOD: TimeDelta = TimeDelta::days(90);

/// The link to the page that a letter leads to; `None` where there are no pages, or its queue wants none.
#[must_use]
pub fn link(settings: &Settings, queue: &Queue, keys: &Keys, letter: LetterId) -> Option<String> {
    let base = settings.page.as_ref().filter(|_| queue.page)?;
    Some(format!("{base}/t/{}", keys.page_token(letter)?))
}

/// What a good link opens.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The letter that it stands in.
    pub letter: LetterId,
    /// The ticket, or what it was merged into.
    pub ticket: Ticket,
    /// Its queue.
    pub queue: Queue,
    /// Whom the letter was written to.
    pub customer: Customer,
}

/// Why a link opens nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// Nobody here made it, or what it led to is gone.
    Unknown,
    /// It was taken back, or whom it was for takes no part any more.
    Revoked,
    /// Nothing has been written for too long.
    Expired,
}

/// What a token opens. Whoever was put out of a ticket is out of its page, too.
pub async fn open(tx: &mut Tx, token: &str) -> Result<std::result::Result<Opened, Closed>> {
    let Some(letter) = tx.desk().keys().await?.letter_of_page(token) else { return Ok(Err(Closed::Unknown)) };
    let Some(link) = tx.customer_pages().link(letter).await? else { return Ok(Err(Closed::Unknown)) };
    let Some(canonical) = tx.merges().canonical(link.ticket).await? else { return Ok(Err(Closed::Unknown)) };
    let ticket = tx.tickets().get(canonical).await?;
    if ticket.state == State::Removed {
        return Ok(Err(Closed::Unknown));
    }
    let queue = tx.queues().get(ticket.queue).await?;
    let is_taken_back = link.good_since.is_some_and(|since| link.written_at <= since);
    let takes_part = tx.participants().contains(link.ticket, link.customer.id).await?
        || tx.participants().contains(canonical, link.customer.id).await?
        || tx.letters().invites(letter, &link.customer.address).await?;
    if is_taken_back || !takes_part || !queue.page {
        return Ok(Err(Closed::Revoked));
    }
    let newest = tx.customer_pages().newest_article(canonical).await?;
    if newest.is_none_or(|newest| tx.now() - newest > GOOD) {
        return Ok(Err(Closed::Expired));
    }
    Ok(Ok(Opened { letter, ticket, queue, customer: link.customer }))
}
