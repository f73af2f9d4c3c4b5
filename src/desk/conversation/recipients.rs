//! Who gets an answer besides the customer, and what goes with it.

use super::addresses::must_be_outside;
use super::context::Context;
use super::draft::Draft;
use super::refusal::{AnswerRefusal, Outcome};
use crate::domain::id::EmailAddress;
use crate::domain::ticket::Ticket;
use crate::store::customers::Customer;
use crate::store::files::AgentFile;
use crate::store::{Result, Tx};

/// How many others one answer may go to.
pub const MOST_OTHERS: usize = 20;
/// How many bytes of files may go with one answer: what most mail servers still take, encoded.
pub const MOST_BYTES: u64 = 18 << 20;

/// Everybody but the customer who gets an answer.
pub(super) async fn others(tx: &mut Tx, ticket: &Ticket, draft: &Draft) -> Outcome<Vec<Customer>> {
    let mut others = if draft.to_all { tx.participants().of(ticket.id).await? } else { Vec::new() };
    for address in &draft.cc {
        must_be_outside(tx, address).await?;
        others.push(tx.customers().at(address, "").await?);
    }
    if mutant!("copies_are_answered")
        && let Some(first) = tx.articles().first_of(ticket.id).await?
    {
        let copies = tx.articles().get(first).await?.copies.unwrap_or_default();
        for address in copies.split(", ").filter_map(EmailAddress::parse) {
            others.push(tx.customers().at(&address, "").await?);
        }
    }
    others.retain(|other| other.id != ticket.customer && !other.address.is_nobodys());
    others.sort_by_key(|other| other.id.0);
    others.dedup_by_key(|other| other.id.0);
    if others.len() > MOST_OTHERS { Err(AnswerRefusal::TooManyRecipients(others.len()).into()) } else { Ok(others) }
}

/// The files that go with an answer: the newest of the agent's in the thread, and its own.
pub(super) async fn files(context: &mut Context<'_>, ticket: &Ticket, draft: &Draft) -> Outcome<Vec<AgentFile>> {
    let mut files = Vec::new();
    if let Some(wanted) = draft.newest_files {
        files = context.tx.files().newest(ticket.id, context.by.id, i64::from(wanted)).await?;
        if files.len() < usize::from(wanted) {
            return Err(AnswerRefusal::TooFewFiles { there: files.len(), wanted }.into());
        }
        files.reverse();
    }
    files.extend(draft.files.iter().cloned());
    let size = files.iter().map(|file| file.kept.size).sum();
    if size > MOST_BYTES { Err(AnswerRefusal::FilesTooLarge(size).into()) } else { Ok(files) }
}

/// Who wrote last and does not get the answer.
#[derive(Clone, Debug, PartialEq)]
pub struct LeftOut {
    /// Who gets it.
    pub customer: EmailAddress,
    /// Who does not.
    pub last: EmailAddress,
    /// Whether the latter takes part in the ticket.
    pub takes_part: bool,
}

/// The customer, and who wrote last, if the latter is not among those who get the answer (R40).
pub(super) async fn left_out(
    tx: &mut Tx,
    ticket: &Ticket,
    customer: &Customer,
    others: &[Customer],
) -> Result<Option<LeftOut>> {
    let Some(last) = tx.participants().last_writer(ticket.id).await? else { return Ok(None) };
    if last == ticket.customer || others.iter().any(|other| other.id == last) {
        return Ok(None);
    }
    let takes_part = tx.participants().contains(ticket.id, last).await?;
    let last = tx.customers().get(last).await?.address;
    Ok(Some(LeftOut { customer: customer.address.clone(), last, takes_part }))
}
