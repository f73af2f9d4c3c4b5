//! All tickets of a customer, behind a link that is mailed to them and good for an hour (product §9).
//!
//! The link proves that its reader gets the mail of that address, and nothing else does: it is asked for on a ticket's page or
//! where anybody may type any address, and goes to that address alone. Whether an address is known is not told.

use std::collections::HashSet;

use chrono::TimeDelta;

use super::link::Closed;
use super::mail::LinkMail;
use crate::desk::Desk;
use crate::desk::outbound::phrases::Phrases;
use crate::domain::id::{EmailAddress, MessageId};
use crate::domain::number::Number;
use crate::domain::queue::Queue;
use crate::domain::ticket::State;
use crate::store::customers::Customer;
use crate::store::page_mails::OwnTicket;
use crate::store::{Result, Tx};

/// How long a link to a list is good.
const GOOD: TimeDelta = TimeDelta::hours(1);
/// How many such mails an address gets within a day: anybody may ask for them.
const A_DAY: i64 = 5;
/// How many tickets are listed, the newest.
const MOST: i64 = 100;

/// All tickets of a customer.
#[derive(Clone, Debug)]
pub struct List {
    /// The queue in whose name the link was mailed.
    pub queue: Queue,
    /// Whose tickets.
    pub customer: Customer,
    /// The newest first.
    pub tickets: Vec<Listed>,
}

/// A ticket in a list.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Its number as they know it.
    pub number: Number,
    /// Its subject as they know it.
    pub subject: String,
    /// How it, or what it was merged into, stands.
    pub state: State,
    /// What opens its page; `None`: no mail of ours about it has a link that is good.
    pub token: Option<String>,
}

/// Mails a customer the link to their list, in a queue's name; `false` if that address got enough of them, or can't be written to.
///
/// # Errors
/// If the record failed: then nothing was written.
pub async fn mail_list(desk: &Desk, tx: &mut Tx, queue: &Queue, customer: &Customer) -> Result<bool> {
    let Some(base) = desk.settings.page.as_ref().filter(|_| queue.page) else { return Ok(false) };
    let day_ago = tx.now() - TimeDelta::days(1);
    let is_ours = tx.queues().all().await?.iter().any(|queue| queue.address == customer.address);
    if is_ours || customer.address.is_nobodys() || tx.page_mails().count_since(customer.id, day_ago).await? >= A_DAY {
        return Ok(false);
    }
    let id = tx.page_mails().next_id().await?;
    let own_id = format!("list.{id}.{}@{}", uuid::Uuid::new_v4().simple(), queue.address.domain());
    let (Some(token), Some(message_id)) = (tx.desk().keys().await?.list_token(id), MessageId::parse(&own_id)) else {
        return Ok(false);
    };
    let phrases = Phrases::of(queue.language);
    let (subject, text) = phrases.list.split_once('\n').unwrap_or_default();
    let mail = LinkMail {
        from_name: queue.title.clone(),
        from: queue.address.clone(),
        to: customer.address.clone(),
        subject: subject.to_owned(),
        message_id,
        date: tx.now(),
        text: text.replace("{link}", &format!("{base}/l/{token}")).replace("{queue}", &queue.title),
    };
    match desk.composer.compose_link_mail(&mail) {
        Ok(bytes) => tx.page_mails().add(id, (customer.id, queue.id), &bytes).await?,
        Err(what) => {
            tracing::error!(what, "a link can't be mailed");
            return Ok(false);
        }
    }
    Ok(true)
}

/// The same for an address that somebody typed: if it is nobody's, nothing happens, and nobody is told so.
///
/// # Errors
/// If the record failed: then nothing was written.
pub async fn mail_list_to(desk: &Desk, tx: &mut Tx, address: &EmailAddress) -> Result<()> {
    let Some(id) = tx.customers().find(address).await? else { return Ok(()) };
    let customer = tx.customers().get(id).await?;
    let Some(newest) = tx.page_mails().tickets_of(&customer, 1).await?.into_iter().next() else { return Ok(()) };
    let queue = tx.tickets().get(newest.ticket).await?.queue;
    let queue = tx.queues().get(queue).await?;
    mail_list(desk, tx, &queue, &customer).await?;
    Ok(())
}

/// What the token of a list opens.
///
/// # Errors
/// If the record can't be asked.
pub async fn open_list(tx: &mut Tx, token: &str) -> Result<std::result::Result<List, Closed>> {
    let Some(mail) = tx.desk().keys().await?.mail_of_list(token) else { return Ok(Err(Closed::Unknown)) };
    let Some(mail) = tx.page_mails().get(mail).await? else { return Ok(Err(Closed::Expired)) };
    if tx.now() - mail.written_at > GOOD {
        return Ok(Err(Closed::Expired));
    }
    let queue = tx.queues().get(mail.queue).await?;
    if !queue.page {
        return Ok(Err(Closed::Revoked));
    }
    let keys = tx.desk().keys().await?;
    let (mut tickets, mut known) = (Vec::new(), HashSet::new());
    for own in tx.page_mails().tickets_of(&mail.customer, MOST).await? {
        let OwnTicket { ticket, number, subject, letter } = own;
        let Some(canonical) = tx.merges().canonical(ticket).await? else { continue };
        // What was merged is one matter; it has the name by which it was asked for last.
        if !known.insert(canonical) {
            continue;
        }
        let state = tx.tickets().get(canonical).await?.state;
        let token = letter.and_then(|letter| keys.page_token(letter));
        tickets.push(Listed { number, subject, state, token });
    }
    Ok(Ok(List { queue, customer: mail.customer, tickets }))
}
