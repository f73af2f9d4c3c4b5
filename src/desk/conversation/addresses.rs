//! Addresses that agents name.

use super::refusal::{Outcome, Refusal};
use crate::desk::is_ours;
use crate::domain::id::EmailAddress;
use crate::store::Tx;

/// Refuses an address of the desk itself: what is mailed there comes back as a ticket.
pub(super) async fn must_be_outside(tx: &mut Tx, address: &EmailAddress) -> Outcome<()> {
    if is_ours(tx, address).await? { Err(Refusal::OwnAddress(address.clone()).into()) } else { Ok(()) }
}
