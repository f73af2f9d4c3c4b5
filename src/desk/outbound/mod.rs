//! A mail out: what the customer reads, from the decision to what became of it.
//!
//! Read downwards: [`outgoing`] freezes an agent's answer, [`forwarding`] what is for somebody else, [`automatic`] writes in fixed words, both as a [`letter`], whose
//! types keep everything internal inside; [`delivery`] hands its bytes to the mail server, and [`failed`] calls whoever is
//! responsible if they don't arrive.

pub(in crate::desk) mod automatic;
mod context;
pub mod delivery;
pub(in crate::desk) mod failed;
pub(in crate::desk) mod filling;
pub(in crate::desk) mod forwarding;
mod head;
pub mod letter;
pub mod once;
pub(in crate::desk) mod outgoing;
pub(crate) mod phrases;

pub(in crate::desk) use self::context::{Context, Unwritten};
