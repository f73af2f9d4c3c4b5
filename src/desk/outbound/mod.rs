//! A mail out: what the customer reads, from the decision to what became of it.

pub(in crate::desk) mod automatic;
mod delivery;
pub mod letter;
pub(in crate::desk) mod outgoing;
pub(crate) mod phrases;
