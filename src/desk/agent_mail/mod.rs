//! Agents who want mail (product §10): each mail tells of one thing that a customer wrote, and what comes back to its signed
//! address is an internal note of that agent, never anything else.
//!
//! A mail of this kind has no link with which anything could be done but the way to the thread, for which one has to be logged
//! in, and no address but that one. It is sent once at most: what it tells stands in the thread anyway.

mod mail;
mod reply;
mod tell;

pub use self::mail::AgentMail;
pub(super) use self::reply::{NoNote, ToAgent, taken};
pub(super) use self::tell::ask_to_tell;
pub use self::tell::tell;
